"""The dependency graph of addons: closure, order, dependents; unknown addons and cycles are named.

The order is total and depends on nothing but the manifests: by depth (base is 0, an addon one more than its deepest
dependency), then by name. So the same set of addons composes the same way whatever was installed first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from core.addon.discovery import BASE, Catalog
from core.errors import ConfigurationError, Problem, closest


def depends_of(catalog: Catalog, name: str) -> tuple[str, ...]:
    """The addons that `name` needs directly; every addon but base needs base."""
    declared = catalog[name].depends
    return declared if name == BASE or BASE in declared else (BASE, *declared)


def closure(catalog: Catalog, names: Iterable[str]) -> tuple[str, ...]:
    """The addons named, everything they need, the bridges between them and base, in installation order.

    Raises Refusal for an unknown name asked for; ConfigurationError with all missing dependencies (A009), cycles
    (A010) and broken manifests met on the way.
    """
    asked = (BASE, *names)
    for name in asked:
        catalog[name]
    problems: list[Problem] = []
    needed: set[str] = set()
    waiting = list(asked)
    while waiting or (waiting := _new_bridges(catalog, needed)):
        name = waiting.pop()
        if name in needed:
            continue
        needed.add(name)
        for other in depends_of(catalog, name):
            if problem := _unusable(catalog, name, other):
                problems.extend(problem)
            else:
                waiting.append(other)
    problems.extend(_cycles(catalog, needed))
    if problems:
        raise ConfigurationError(problems)
    return order(catalog, needed)


def _new_bridges(catalog: Catalog, needed: set[str]) -> list[str]:
    """The bridges between the addons that are not among them yet. Raises ConfigurationError for a broken one."""
    found = [name for name in catalog.bridges(needed) if name not in needed]
    for name in found:
        catalog[name]
    return found


def order(catalog: Catalog, names: Collection[str]) -> tuple[str, ...]:
    """The names by depth, then alphabetically; they must be closed under dependency and free of cycles."""
    depths: dict[str, int] = {}

    def depth(name: str) -> int:
        if name not in depths:
            depths[name] = 0 if name == BASE else 1 + max(depth(other) for other in depends_of(catalog, name))
        return depths[name]

    return tuple(sorted(names, key=lambda name: (depth(name), name)))


def ancestors(catalog: Catalog, name: str) -> frozenset[str]:
    """Everything `name` needs, directly or not, without itself."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for other in depends_of(catalog, waiting.pop()):
            if other not in found and other != name:
                found.add(other)
                waiting.append(other)
    return frozenset(found)


def dependents(catalog: Catalog, name: str, among: Iterable[str]) -> tuple[str, ...]:
    """Which of the addons in `among` need `name`, directly or not, in the order given."""
    return tuple(other for other in among if name in ancestors(catalog, other))


def _unusable(catalog: Catalog, name: str, other: str) -> Sequence[Problem]:
    if other in catalog.broken:
        return catalog.broken[other]
    if other in catalog:
        return ()
    text = f"the addon '{name}' depends on '{other}', which was not found"
    suggestion = closest(other, catalog.names)
    return (catalog[name].problem("A009", text, key="depends", item=other, suggestion=suggestion),)


def _cycles(catalog: Catalog, names: Collection[str]) -> list[Problem]:
    """One problem for each cycle, told from its alphabetically first addon."""
    problems: list[Problem] = []
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            problems.append(_cycle_problem(catalog, path[path.index(name) :]))
            return
        if name in done:
            return
        for other in depends_of(catalog, name) if name != BASE else ():
            if other in names:
                visit(other, (*path, name))
        done.add(name)

    for name in sorted(names):
        visit(name, ())
    return problems


def _cycle_problem(catalog: Catalog, members: tuple[str, ...]) -> Problem:
    start = members.index(min(members))
    ring = (*members[start:], *members[:start])
    told = " -> ".join((*ring, ring[0]))
    following = ring[1] if len(ring) > 1 else ring[0]
    return catalog[ring[0]].problem(
        "A010", f"addons depend on each other in a ring: {told}", key="depends", item=following
    )
