"""What the bridge adds to left things."""

from addons.left.hooks import Left
from addons.right.hooks import Right
from core import fields


class LeftOfRight(Left, extends=True):
    """A left thing with its right one."""

    right = fields.Many2one(Right, label="Right one")
