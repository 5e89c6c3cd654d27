"""Checked access to records: the environment, queries, the one road of every write, the change history and undo.

Rights and rules are compiled into each statement here, so no caller can forget them. Statements are text, compiled once
per shape and bound to values. Nothing here knows a view, a page or a business model.
"""
