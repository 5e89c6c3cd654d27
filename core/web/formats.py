"""The formats of the present user, for pages that no view makes."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import has_app_context

from core.errors import ExpressionError
from core.records.environment import Environment
from core.views.formats import Symbols
from core.views.kit import Kit
from core.views.properties import in_words
from core.views.view import company_currency
from core.views.wording import condition_in_words
from core.web.services import services


def kit_of(env: Environment) -> Kit:
    """Numbers, money and dates in the user's language and zone; outside of an application, too."""
    symbols = services().symbols.get(env.lang, lambda: Symbols(env.lang)) if has_app_context() else Symbols(env.lang)
    return Kit(symbols, ZoneInfo(env.tz), env.today(), lambda: company_currency(env), env.now())


def expression_in_words(env: Environment, model: str, source: str) -> str:
    """An expression about a model's records as a sentence for the user; empty where it cannot be read."""
    if model not in env.registry.schema:
        return ""
    try:
        expression = env.registry.parse(source, model)
    except ExpressionError:
        return ""
    return condition_in_words(env, kit_of(env), expression)


def properties_in_words(env: Environment, model: str, field: str, stored: object) -> list[tuple[str, str]]:
    """Label and value, as the user writes it, of each property in a stored value of a field of properties."""
    return list(in_words(env, kit_of(env), model, field, stored))
