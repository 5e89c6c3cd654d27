"""Needs ring_one, which needs this one."""
