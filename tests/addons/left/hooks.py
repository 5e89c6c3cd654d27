"""The hooks of left."""

from core import Model, fields, hookimpl


class Left(Model, name="left.thing", label="Left"):
    """A thing of left."""

    name = fields.Char(required=True)


@hookimpl
def models():
    return [Left]
