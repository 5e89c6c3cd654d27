"""Taking out of the definitions of some addons what was refused, so that what is left can be checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from core.errors import Problem
from core.model.composition import Contribution
from core.model.definition import Model, Options
from core.model.places import find_place


def mentions(problem: Problem, names: Iterable[str]) -> bool:
    """Whether a problem is about one of the names, which may be the only reason for it."""
    said = "\n".join((problem.text, *problem.notes))
    quoted = " ".join(re.findall(r"'[^']*'", said))
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said if "." in name else quoted) for name in names)


def thinned(
    given: Sequence[Contribution], problems: Iterable[Problem], hidden: set[str]
) -> tuple[Contribution, ...] | None:
    """What is contributed without the fields and classes at the places of the problems; None where none was found.

    Fields are deleted from the classes themselves. The names of what was taken out are added to `hidden`.
    """
    places = {(problem.file, problem.line, problem.column) for problem in problems}
    dropped: set[type[Model]] = set()
    found = False
    for definition in (each for contribution in given for each in contribution.definitions):
        for name in _named(definition, places):
            found = True
            hidden.update(_names(definition) if not name else (name,))
            if name:
                delattr(definition, name)
            else:
                dropped.add(definition)
    if not found:
        return None
    return tuple(
        replace(each, definitions=tuple(part for part in each.definitions if part not in dropped)) for each in given
    )


def _named(definition: type[Model], places: Iterable[tuple[str, int, int]]) -> list[str]:
    """The names in a class that stand at one of the places; an empty one is the class itself."""
    own = find_place(definition)
    if own.file not in {file for file, _line, _column in places}:
        return []
    names = [name for name in vars(definition) if not name.startswith("__")]
    named = {name: find_place(definition, name) for name in names}
    inside = [name for name, place in named.items() if place != own and _key(place) in places]
    return ["", *inside] if _key(own) in places else inside


def _key(place: object) -> tuple[str, int, int]:
    return getattr(place, "file", ""), getattr(place, "line", 0), getattr(place, "column", 0)


def _names(definition: type[Model]) -> Iterator[str]:
    """All names that are not known any more when a class is taken out."""
    yield definition.__name__
    if Options.of(definition).name:
        yield str(Options.of(definition).name)
    yield from (name for name in vars(definition) if not name.startswith("__"))
