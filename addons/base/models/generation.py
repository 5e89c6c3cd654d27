"""Counters that tell every process what has changed: rights, installed addons, views, records of cached models."""

from __future__ import annotations

from core import Model, fields


class Generation(
    Model, name="core.generation", label="Generation", order="id", label_field="id", history=False, system=True
):
    """The one row (id 1); a cache that was filled under another number is outdated."""

    access = fields.Integer(label="Access", required=True, default=1)
    addons = fields.Integer(label="Addons", required=True, default=1)
    views = fields.Integer(label="Views", required=True, default=1)
    cached = fields.Integer(label="Cached records", required=True, default=1)
