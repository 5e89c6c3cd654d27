"""The small core: it loads addons and knows nothing about customers. These are the names addon authors import."""

from core.errors import (
    AccessDenied,
    ConfigurationError,
    FieldError,
    Invalid,
    NotFound,
    Refusal,
    StaleVersion,
)
from core.hookspecs import hookimpl
from core.i18n import _
from core.model import fields
from core.model.change import Change, Link
from core.model.context import EnvironmentProtocol, RecordsProtocol
from core.model.decorators import action, constraint
from core.model.definition import Model
from core.security.passwords import hash_password

__all__ = [
    "AccessDenied",
    "Change",
    "ConfigurationError",
    "EnvironmentProtocol",
    "FieldError",
    "Invalid",
    "Link",
    "Model",
    "NotFound",
    "RecordsProtocol",
    "Refusal",
    "StaleVersion",
    "_",
    "action",
    "constraint",
    "fields",
    "hash_password",
    "hookimpl",
]
