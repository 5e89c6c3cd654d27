"""The frame around every page: sidebar, breadcrumb, account menu. What differs by page comes in, the rest is
cached.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import render_template, request
from markupsafe import Markup

from core.i18n import _
from core.records.environment import Environment
from core.security.policy import ADMINISTRATORS
from core.web.client import menus
from core.web.client.addresses import Addresses
from core.web.client.menus import MenuItem, MenuSection
from core.web.csrf import token_for
from core.web.current import environment, visitor, who
from core.web.notes import waiting_notes
from core.web.services import services

TONES = ("lapis", "sky", "teal", "sage", "moss", "ochre", "amber", "terracotta", "rose", "plum", "stone")
DEFAULT_ICON = "deal"


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the breadcrumb; without an address it is plain text."""

    label: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the sidebar."""

    label: str
    icon: str
    address: str
    current: bool


@dataclass(frozen=True, slots=True)
class Section:
    """Links of the sidebar under a heading."""

    id: int
    label: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame of one page."""

    sections: tuple[Section, ...]
    name: str
    initials: str
    tone: str
    here: str
    health: tuple[str, ...] = ()
    parts: tuple[Markup, ...] = ()
    administrator: bool = False


def page(
    template: str,
    *,
    title: str,
    crumbs: Iterable[Crumb],
    action: int | None = None,
    scripts: Sequence[str] = (),
    **values: object,
) -> str:
    """A whole page: `template` inside the frame, with the menu of `action` marked as the current one."""
    user = who()
    shell = Shell(
        tuple(_section(section, action) for section in menu(environment())),
        user.name,
        initials(user.name),
        tone(user.user),
        request.full_path.rstrip("?"),
        health(environment()),
        tuple(Markup(text) for _addon, text in services().instance.plugins.collect("topbar", env=environment())),
        environment().has_group(ADMINISTRATORS),
    )
    return render_template(
        template,
        title=title,
        crumbs=list(crumbs),
        shell=shell,
        scripts=scripts,
        notes=waiting_notes(),
        **values,
    )


def health(env: Environment) -> tuple[str, ...]:
    """What administrators must know: addons that are disabled, views and extensions that are left out, with reasons."""
    if not env.has_group(ADMINISTRATORS):
        return ()
    instance = services().instance
    disabled = (f"{name}: {problems[0]}" for name, problems in instance.disabled.items())
    return (*disabled, *map(str, instance.views.composition(env).problems))


def links_of(here: str, model: str, context: tuple[tuple[str, str], ...], back: str) -> Addresses:
    """The addresses that a page at `here` hands to its view."""
    web = services()
    return Addresses(web.assets.url("icons.svg"), token_for(web.secret, visitor().cookie), here, model, context, back)


def menu(env: Environment) -> Sequence[MenuSection]:
    """The sidebar's sections for the user, from the cache where nothing changed."""
    user = who()
    key = (user.generations, env.profile.groups, id(env.registry))
    return services().menus.get(key, lambda: menus.sections(env))


def trail(env: Environment, action: int | None) -> list[str]:
    """The labels above the menu of an action: what a breadcrumb begins with."""
    for section in menu(env):
        if any(item.action == action for item in section.items):
            return [_(label) for label in (*section.trail, section.label)]
    return []


def initials(name: str) -> str:
    """The first letters of the first and the last word of a name."""
    words = name.split()
    return "".join(word[0] for word in ([words[0], words[-1]] if len(words) > 1 else words[:1])).upper()


def tone(id_: int) -> str:
    """The tone of a person's avatar; the same for ever."""
    return TONES[zlib.crc32(str(id_).encode()) % len(TONES)]


def _section(section: MenuSection, action: int | None) -> Section:
    return Section(section.id, _(section.label), tuple(_link(item, action) for item in section.items))


def _link(item: MenuItem, action: int | None) -> Link:
    current = item.address == request.path if item.action is None else item.action == action
    return Link(_(item.label), item.icon or DEFAULT_ICON, item.address, current)
