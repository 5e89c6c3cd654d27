"""Groups of users. A group gives rights, and may imply other groups, whose rights its members then have too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import Model, fields

if TYPE_CHECKING:
    from addons.base.models.user import User

    pass


class Group(Model, name="res.groups", label="Group", order="name, id"):
    """A set of users; in rules and conditions it is named by its external id, such as `base.admin`."""

    name = fields.Char(label="Name", required=True, translate=True)
    summary = fields.Char(label="Summary", translate=True, help="What members may do, in one sentence")
    implies: fields.Many2many[Group] = fields.Many2many(
        "res.groups", label="Implies", help="Members of this group belong to these too"
    )
    implied_by: fields.Many2many[Group] = fields.Many2many("res.groups", inverse="implies", label="Implied by")
    users: fields.Many2many[User] = fields.Many2many("res.users", inverse="groups", label="Users")
