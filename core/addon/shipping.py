"""What addons ship as files: read and checked as a whole before an installation touches the database.

The data files belong to core.data and the views to core.views; here they meet the addons that bring them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from core.addon.composition import AddonSet
from core.addon.manifest import Manifest
from core.addon.plan import Step, kind_of
from core.data.checking import check as check_entries
from core.data.entries import Entry, RecordEntry
from core.data.files import DataFiles, read_addon
from core.data.known import KnownIds, known_ids
from core.database import Database
from core.errors import ConfigurationError, Problem
from core.views.actions import check_actions
from core.views.checks import UNREAD, Scope
from core.views.compose import compose
from core.views.source import FIELDS, ViewSource, from_entries, from_row

GROUPS = "res.groups"
ACTIONS = "core.action"


@dataclass(frozen=True, slots=True)
class Shipment:
    """The data files of one addon, those with demo data last where they are wanted."""

    addon: str
    files: DataFiles

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The records of all files in order."""
        return self.files.entries

    def steps(self, known: KnownIds) -> Iterator[Step]:
        """The records that will be added, changed or removed, as steps of a plan."""
        for entry in self.entries:
            there = entry.external_id in known
            if isinstance(entry, RecordEntry):
                yield Step(
                    "change" if there else "add", kind_of(entry.model), entry.external_id, self.addon, entry.model
                )
            elif there:
                yield Step("remove", kind_of(entry.model), entry.external_id, self.addon, entry.model)


def read(manifests: Sequence[Manifest], *, demo: bool) -> tuple[Shipment, ...]:
    """Read the data files of addons; mistakes are kept for `check`."""
    return tuple(
        Shipment(
            manifest.name,
            read_addon(
                manifest.name,
                manifest.folder,
                manifest.data + (manifest.demo if demo else ()),
                shown=manifest.shown("").rstrip("/"),
            ),
        )
        for manifest in manifests
    )


def check(target: AddonSet, shipments: Sequence[Shipment], known: KnownIds, *, database: Database | None) -> None:
    """Raise ConfigurationError with what `mistakes` finds."""
    problems = mistakes(target, shipments, known, database=database)
    if problems:
        raise ConfigurationError(problems)


def mistakes(
    target: AddonSet, shipments: Sequence[Shipment], known: KnownIds, *, database: Database | None
) -> list[Problem]:
    """Every mistake of the files and of all views, those already installed included.

    Views that a database has of these addons are those of their former versions, and left out.
    """
    problems: list[Problem] = [problem for shipment in shipments for problem in shipment.files.problems]
    entries = [entry for shipment in shipments for entry in shipment.entries]
    anew = {shipment.addon for shipment in shipments}
    stored = [view for view in stored_views(database) if view.addon not in anew] if database else []
    models = {name: model for name, (model, _id) in known.items()}
    broken = {name for shipment in shipments for name in shipment.files.broken}
    problems.extend(check_entries(entries, target.registry, models, target.depends, broken))
    shipped = {entry.external_id for entry in entries if entry.model == GROUPS}
    groups = frozenset(shipped | {name for name, model in models.items() if model == GROUPS})
    opened = {name: UNREAD for name, model in models.items() if model == ACTIONS}
    opened |= {
        entry.external_id: entry.text("model")
        for entry in entries
        if isinstance(entry, RecordEntry) and entry.model == ACTIONS
    }
    scope = Scope(target.registry, target.depends, groups, opened)
    problems.extend(_view_problems(scope, [*stored, *from_entries(entries)], entries))
    return problems


def check_remaining(after: AddonSet, database: Database, *, without: Collection[str]) -> None:
    """Raise ConfigurationError when the views that stay after addons have gone would not compose."""
    stored = stored_views(database)
    views = [view for view in stored if view.addon not in without and view.model in after.registry.schema]
    problems = _view_problems(Scope(after.registry, after.depends, frozenset(known_ids(database, GROUPS))), views)
    if problems:
        raise ConfigurationError(problems)


def stored_views(database: Database) -> list[ViewSource]:
    """The views in the database."""
    chosen = ", ".join(f'"{name}"' for name in FIELDS)
    rows = database.fetch(f"SELECT {chosen} FROM core_view WHERE active")
    return [from_row(dict(zip(FIELDS, row, strict=True))) for row in rows]


def _view_problems(scope: Scope, views: Sequence[ViewSource], entries: Sequence[Entry] = ()) -> Sequence[Problem]:
    """The problems of all views, and of the actions among the entries that open them."""
    composition = compose(views, scope)
    return [*composition.problems, *check_actions(entries, composition, scope)]
