"""Models: what addons declare, and how a registry composes one class per model and database from it.

Definitions are plain classes and importing them touches nothing; only `registry.build` makes peewee classes. What is
decided here: names, kinds, columns, tables, the order of methods. What is not: rights, queries, writing and history,
which are core.records'.
"""
