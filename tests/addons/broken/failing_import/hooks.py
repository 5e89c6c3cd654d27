"""The hooks of failing_import."""

from core import Modle  # noqa: F401
