"""Who may do what: model rights, record rules and field groups; passwords, sessions, API keys.

Policies are data read from the database and compiled into every query; nothing here asks an addon for a decision.
This package sits below the records: it reads its own tables by name and never goes through the checked pipeline.
"""
