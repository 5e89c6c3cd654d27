"""Searches: what the search box looks in, ready-made filters and groupings; no results of their own."""
