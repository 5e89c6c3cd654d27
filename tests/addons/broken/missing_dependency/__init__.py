"""Depends on an addon that is not there."""
