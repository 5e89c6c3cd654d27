"""A user's files on their way into the database: read, map, convert, check everything, then write in one change set.

`run.py` is the door (`run_import`, `run_recipe`). Reading, header mapping, recipes and conversion know no database; the
rest asks one through the checked pipeline. Nothing here names a business model, and nothing keeps a file in memory.
"""
