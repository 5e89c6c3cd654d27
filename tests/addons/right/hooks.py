"""The hooks of right."""

from core import Model, fields, hookimpl


class Right(Model, name="right.thing", label="Right"):
    """A thing of right."""

    name = fields.Char(required=True)


@hookimpl
def models():
    return [Right]
