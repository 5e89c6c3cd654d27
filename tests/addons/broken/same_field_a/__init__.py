"""Adds a field that its sibling adds too."""
