"""The commands of `tessera`, one module per subject: each reads its options, calls the core and prints what it answers.

No command knows an addon by name, holds a rule of the business, or prints a stack trace. Listing commands take
`--json`. Exit codes: 0 done, 1 refused with a reason on standard error, 2 wrong usage, 130 interrupted.
"""
