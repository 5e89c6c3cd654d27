"""The hooks of the bridge."""

from core import hookimpl

from .models import LeftOfRight


@hookimpl
def models():
    return [LeftOfRight]
