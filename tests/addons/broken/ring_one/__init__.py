"""Needs ring_two, which needs this one."""
