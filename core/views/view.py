"""A composed view ready for use: read and generated on first use for the groups of a user and the language."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from jinja2 import Template
from lxml import etree
from markupsafe import Markup

from core.i18n import _, language
from core.lang.python import Predicate
from core.lang.tree import Expression
from core.model.registry import Registry
from core.records.environment import Environment
from core.views.compose import ComposedArch
from core.views.formats import Currency, Symbols
from core.views.kit import Kit
from core.views.links import Links
from core.views.looks import Looks
from core.views.modifiers import compiled
from core.views.nodes import Reader
from core.views.template import Builder, Icons, ShownNode, Templates

VARIANTS_KEPT = 256


class Page(Protocol):
    """What every page of records brings to its template."""

    @property
    def kit(self) -> Kit:
        """Formats of the user."""

    @property
    def looks(self) -> Looks:
        """Related records as they are shown."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A view for one set of groups and one language: its nodes, its template and what that shows."""

    arch: Any
    template: Template
    constants: tuple[object, ...]
    nodes: Mapping[str, ShownNode]
    predicates: Mapping[Expression, Predicate]


@dataclass(frozen=True, slots=True)
class ViewType:
    """How one type is read and generated; `conditions` gives the expressions its pages evaluate."""

    read: Callable[[etree._Element, Reader], Any]
    generate: Callable[[Any, Builder], str]
    conditions: Callable[[Any], list[Expression]]


class Variants:
    """The latest variants of all views of one registry, and what they share. Safe for threads."""

    def __init__(self, registry: Registry, limit: int = VARIANTS_KEPT) -> None:
        self.registry = registry
        self.templates = Templates()
        self._limit = limit
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Variant] = OrderedDict()
        self._symbols: dict[str, Symbols] = {}
        self._currencies: dict[tuple[int | None, int], Currency | None] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable, make: Callable[[], Variant]) -> Variant:
        """The variant kept under `key`; made outside the lock, since compiling takes tens of milliseconds."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)
        return made

    def symbols(self, tag: str) -> Symbols:
        """The signs of a language."""
        if tag not in self._symbols:
            self._symbols[tag] = Symbols(tag)
        return self._symbols[tag]

    def currency(self, env: Environment) -> Currency | None:
        """The currency of the company the user works for, kept until rights, companies or currencies change."""
        generation = env.unit.access.generation
        if generation is None:
            return company_currency(env)
        key = (env.company, generation)
        if key not in self._currencies:
            if len(self._currencies) >= self._limit:
                self._currencies.clear()
            self._currencies[key] = company_currency(env)
        return self._currencies[key]


class ComposedView:
    """One view. `variant` is what a user sees of it; pages are made by the functions of its type's folder."""

    def __init__(self, composed: ComposedArch, kind: ViewType, variants: Variants) -> None:
        self.name = composed.name
        self.model = composed.model
        self.type = composed.type
        self.version = composed.version
        self.root = composed.root
        self._kind = kind
        self._variants = variants

    @cached_property
    def mentioned(self) -> frozenset[str]:
        """The groups that the view mentions; found when it is first shown, since most views of a database never are."""
        reader = Reader(self._variants.registry, self.model, None)
        self._kind.read(self.root, reader)
        return frozenset(reader.mentioned)

    def __repr__(self) -> str:
        return f"<{self.type} {self.name} of {self.model}>"

    def variant(self, env: Environment) -> Variant:
        """The view as the environment's user sees it, in the language in force."""
        groups = None if env.superuser else self.mentioned & env.groups
        key = (self.name, self.version, groups, language())
        return self._variants.get(key, lambda: self._make(groups))

    def _make(self, groups: frozenset[str] | None) -> Variant:
        registry = self._variants.registry
        arch = self._kind.read(self.root, Reader(registry, self.model, groups))
        builder = Builder(self._variants.templates)
        template = self._variants.templates.compile(self._kind.generate(arch, builder))
        predicates = {each: compiled(registry, each) for each in self._kind.conditions(arch)}
        return Variant(arch, template, tuple(builder.constants), builder.nodes, MappingProxyType(predicates))

    def kit(self, env: Environment) -> Kit:
        """The formats of the environment's user."""
        return Kit(
            self._variants.symbols(env.lang),
            ZoneInfo(env.tz),
            _today(env),
            lambda: self._variants.currency(env),
            env.now(),
        )

    def render(self, env: Environment, page: Page, links: Links) -> Markup:
        """The whole view around a page of records."""
        return self.part(env, page, links, "whole")

    def part(self, env: Environment, page: Page, links: Links, name: str, *arguments: object) -> Markup:
        """One part of the view: a macro of its template, with its arguments."""
        variant = self.variant(env)
        context = {
            "p": page,
            "c": variant.constants,
            "n": {**variant.nodes, **page.looks.nodes},
            "f": page.kit,
            "look": page.looks,
            "links": links,
            "icon": Icons(links.sprite),
            "_": _,
        }
        macro = getattr(variant.template.make_module(context), name)
        return Markup(macro(*arguments))


def _today(env: Environment) -> date:
    return env.today()


def company_currency(env: Environment) -> Currency | None:
    """The currency of the company the user works for."""
    if env.company is None:
        return None
    fields = ["currency.name", "currency.symbol", "currency.digits"]
    found = env.sudo()["res.company"].read_ids([env.company], fields).get(env.company)
    if not found or not found["currency.name"]:
        return None
    digits = found["currency.digits"]
    symbol = found["currency.symbol"] or found["currency.name"]
    return Currency(found["currency.name"], symbol, 2 if digits is None else digits)
