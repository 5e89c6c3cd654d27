"""Declares jobs wrongly."""
