"""Measurements against hand-written SQL in the same run: `make bench` prints a table for both engines.

Every figure is a ratio, so that it means the same on any machine. Nothing here is a test, and no test asserts a time.
"""
