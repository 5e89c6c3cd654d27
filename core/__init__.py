"""The small core: it loads addons and knows nothing about customers. These are the names addon authors import."""

from core.errors import (
    AccessDenied,
    ConfigurationError,
    FieldError,
    Invalid,
    NotFound,
    Refusal,
    StaleVersion,
    closest,
)
from core.hookspecs import hookimpl
from core.i18n import _
from core.job import Job, Step, check_cron
from core.jobs.queue import cancel as cancel_jobs
from core.jobs.queue import enqueue
from core.jobs.queue import retry as retry_jobs
from core.lang.jsons import thawed
from core.model import fields
from core.model.change import Change, Link
from core.model.context import EnvironmentProtocol, RecordsProtocol
from core.model.decorators import action, constraint
from core.model.definition import Model
from core.model.properties import PROPERTY_TYPES
from core.model.properties import default_of as property_default
from core.model.properties import options_in as property_options
from core.model.reference import reference_to, referred
from core.records.blobs import free as free_blobs
from core.records.field_history import FieldStep, field_history
from core.records.properties import fitting as fitting_properties
from core.records.properties import holders as property_holders
from core.records.rules import rule_mistake
from core.records.sequences import is_number_pattern
from core.security.passwords import SHORTEST_PASSWORD, PasswordHash, hash_password
from core.security.recovery import INVITATION_LIFE, RESET_LIFE, password_token, user_of_token
from core.security.sign_ins import OUTCOMES as SIGN_IN_OUTCOMES
from core.security.sign_ins import note as note_sign_in
from core.security.two_factor import EVERYBODY
from core.security.two_factor import SETTING as TWO_FACTOR_SETTING
from core.security.two_factor import turn_off as turn_off_two_factor
from core.sqlite_functions import first_instant
from core.text import fold
from core.timeline import Hint, HintText, HistoryEntry, Panel, TimelineEntry, TimelineFile

__all__ = [
    "EVERYBODY",
    "INVITATION_LIFE",
    "PROPERTY_TYPES",
    "RESET_LIFE",
    "SHORTEST_PASSWORD",
    "SIGN_IN_OUTCOMES",
    "TWO_FACTOR_SETTING",
    "AccessDenied",
    "Change",
    "ConfigurationError",
    "EnvironmentProtocol",
    "FieldError",
    "FieldStep",
    "Hint",
    "HintText",
    "HistoryEntry",
    "Invalid",
    "Job",
    "Link",
    "Model",
    "NotFound",
    "Panel",
    "PasswordHash",
    "RecordsProtocol",
    "Refusal",
    "StaleVersion",
    "Step",
    "TimelineEntry",
    "TimelineFile",
    "_",
    "action",
    "cancel_jobs",
    "check_cron",
    "closest",
    "constraint",
    "enqueue",
    "field_history",
    "fields",
    "first_instant",
    "fitting_properties",
    "fold",
    "free_blobs",
    "hash_password",
    "hookimpl",
    "is_number_pattern",
    "note_sign_in",
    "password_token",
    "property_default",
    "property_holders",
    "property_options",
    "reference_to",
    "referred",
    "retry_jobs",
    "rule_mistake",
    "thawed",
    "turn_off_two_factor",
    "user_of_token",
]
