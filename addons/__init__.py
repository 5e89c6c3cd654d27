"""The addons shipped with Tessera: one folder each, with its models, views, rules, data and tests.

An addon imports the public names of `core` and the addons it depends on. Nothing in `core` imports from here.
"""
