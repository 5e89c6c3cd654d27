"""What the Python of addons declares, read from its source and rebuilt as definitions; nothing of an addon is run.

Literals, names, imports and the makers of `core` (fields, jobs, panels, marks) are understood. All else is `Unknown`,
and told where it matters. Here lives no rule of what is allowed: what was rebuilt goes through the same checks as what
was imported.
"""
