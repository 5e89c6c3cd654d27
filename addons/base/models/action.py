"""Actions: what a menu opens. A model, the views to choose from, and how the first of them begins."""

from __future__ import annotations

from core import Model, fields


class Action(Model, name="core.action", label="Action", order="name, id"):
    """A list, board, graph or form of a model with its condition, filters, grouping and order."""

    name = fields.Char(label="Name", required=True, translate=True)
    record_name = fields.Char(
        label="Name of one record", translate=True, help="Where it differs from that of the model: Opportunity"
    )
    model = fields.Char(label="Model", required=True)
    views = fields.Char(
        label="Views",
        required=True,
        default="list,form",
        help="View types, the first one opens; with a view: board:crm.lead_forecast",
    )
    condition = fields.Text(label="Condition", help="Records that the action is about, whatever the filters")
    filters = fields.Char(label="Filters", help="Names of search filters that are on at first, comma separated")
    group_by = fields.Char(label="Group by")
    order = fields.Char(label="Order")
    defaults = fields.Text(label="Defaults", help="A JSON object: field values of records created from here")
    help = fields.Text(label="Help", translate=True, help="What belongs here, shown when there is nothing yet")
