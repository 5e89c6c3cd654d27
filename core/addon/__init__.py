"""Addons: what they declare, how they are found, ordered, planned, installed and removed; and `Instance`, one open
database.

Manifests are read without importing anything; `plan` computes data only; `install` and `uninstall` are the only
places that change the schema of a database, each in one transaction. Nothing here knows a particular addon except
`base` by name, and nothing here prints or speaks HTTP.
"""
