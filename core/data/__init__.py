"""What an addon ships as files: records, menus, actions, rules, access and the text of views, in XML and CSV.

Files are read without entities or network, checked by a grammar and against the registry, and written with their
external ids and the source text they were shipped with. All mistakes of all files are collected before anything is
written. The import and export of users' tables live here too. What a view means belongs to core.views; this package
only carries its text.
"""
