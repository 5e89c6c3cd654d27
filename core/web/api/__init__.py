"""The HTTP API under /api: JSON in and out, Bearer keys, RFC 9457 problems.

A route parses its parameters, asks the checked records once, and encodes the answer. It knows no model by name,
keeps no state, and offers no second way around rights, rules or constraints. The forms here are stable: scripts
rely on them.
"""
