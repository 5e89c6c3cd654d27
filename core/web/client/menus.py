"""The sidebar: menus that the user's groups may see and whose model they may read, as sections of links.

Menus are read once per generation of views and rights and set of groups; what is cached is told apart from what
differs by page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.records.environment import Environment
from core.web.client.addresses import ROOT, with_query

READ = (
    "id",
    "name",
    "parent",
    "icon",
    "action",
    "action.model",
    "action.condition",
    "action.filters",
    "action.views",
    "new",
    "address",
    "groups",
)


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One link; `action` is the id of the action whose records it shows, if it does, `filtered` tells whether filters
    are on at first, `analysis` whether it begins with a graph."""

    id: int
    label: str
    icon: str
    address: str
    action: int | None
    model: str
    condition: str
    filtered: bool
    analysis: bool


@dataclass(frozen=True, slots=True)
class MenuSection:
    """Links under one heading; `trail` holds the labels of the menus above, outermost first."""

    id: int
    label: str
    trail: tuple[str, ...]
    items: tuple[MenuItem, ...]


@dataclass(frozen=True, slots=True)
class _Menu:
    id: int
    label: str
    parent: int | None
    icon: str
    action: int | None
    model: str
    condition: str
    filtered: bool
    analysis: bool
    new: bool
    address: str
    groups: frozenset[int]


def sections(env: Environment) -> tuple[MenuSection, ...]:
    """What the environment's user sees in the sidebar; three statements."""
    records = env.sudo()["core.menu"].read("", READ, order="sequence, id")
    menus = [_menu(record) for record in records]
    held = env.profile.groups
    visible = {menu.id: menu for menu in menus if not menu.groups or menu.groups & held}
    return tuple(_sections(env, visible))


def _menu(record: Mapping[str, object]) -> _Menu:
    groups = record["groups"]
    assert isinstance(groups, list)
    return _Menu(
        _number(record["id"]) or 0,
        str(record["name"]),
        _number(record["parent"]),
        str(record["icon"] or ""),
        _number(record["action"]),
        str(record["action.model"] or ""),
        str(record["action.condition"] or ""),
        bool(record["action.filters"]),
        str(record["action.views"] or "").startswith("graph"),
        bool(record["new"]),
        str(record["address"] or ""),
        frozenset(groups),
    )


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _sections(env: Environment, menus: Mapping[int, _Menu]) -> Iterable[MenuSection]:
    """Every menu with links of its own becomes a section, in depth-first order; a hidden menu hides all below it."""
    pending = [menu for menu in reversed(list(menus.values())) if menu.parent is None]
    while pending:
        menu = pending.pop()
        children = [child for child in menus.values() if child.parent == menu.id]
        own = [menu] if menu.parent is None else []
        items = tuple(_item(child) for child in (*own, *children) if _opens(env, child))
        if items:
            yield MenuSection(menu.id, menu.label, _trail(menus, menu), items)
        pending.extend(reversed(children))


def _opens(env: Environment, menu: _Menu) -> bool:
    if menu.address:
        return True
    if menu.action is None or menu.model not in env.registry.models:
        return False
    return env.policy is None or env.policy.may(menu.model, "create" if menu.new else "read")


def _item(menu: _Menu) -> MenuItem:
    address, action = menu.address, None
    if not address and menu.new:
        address = with_query(f"{ROOT}/{menu.model}/new", [("back", f"action={menu.action}")])
    elif not address:
        address, action = with_query(f"{ROOT}/{menu.model}", [("action", str(menu.action))]), menu.action
    return MenuItem(
        menu.id, menu.label, menu.icon, address, action, menu.model, menu.condition, menu.filtered, menu.analysis
    )


def _trail(menus: Mapping[int, _Menu], menu: _Menu) -> tuple[str, ...]:
    labels: list[str] = []
    parent = menus.get(menu.parent) if menu.parent is not None else None
    while parent is not None:
        labels.insert(0, parent.label)
        parent = menus.get(parent.parent) if parent.parent is not None else None
    return tuple(labels)
