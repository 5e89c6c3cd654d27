"""Which installed addons are others on disk than the database knows them: what an upgrade would have to do with.

Manifests, data files and the ledger are compared; nothing is imported, and nothing is changed.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.addon import migrations, shipping, state
from core.addon.discovery import discover
from core.addon.manifest import Manifest
from core.addon.renewal import is_changed
from core.addon.tables import growth
from core.data.entries import RecordEntry
from core.data.files import DataFiles
from core.database import Database, placed
from core.errors import ConfigurationError
from core.model import schema
from core.model.registry import Registry

if TYPE_CHECKING:
    from core.addon.instance import Instance

# The source text of every shipped field, by external id.
Texts = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An addon that waits for an upgrade: the version that the database has, and that on disk; they may be the same."""

    former: str
    version: str


def waiting(instance: Instance) -> dict[str, Waiting]:
    """The installed addons that differ from what the database has, by name.

    Raises ConfigurationError (A008) or Refusal where the folders of addons cannot be read.
    """
    catalog = discover(instance.catalog.folders)
    stored = state.installed_versions(instance.database)
    reshaped = _owners_of_changes(instance.database, instance.registry)
    found: dict[str, Waiting] = {}
    for name in instance.installed:
        manifest = catalog.manifests.get(name)  # one that is broken by now is left as it is
        if manifest is not None and name in stored:
            told = Waiting(str(stored[name]), str(manifest.version))
            if told.former != told.version or name in reshaped or _differs(instance, manifest):
                found[name] = told
    return found


def _differs(instance: Instance, manifest: Manifest) -> bool:
    if is_changed(manifest):
        return True
    with suppress(ConfigurationError):  # misnumbered: the upgrade tells it
        return bool(migrations.waiting(instance.database, manifest)) or _other_data(instance, manifest)
    return True


def _owners_of_changes(database: Database, registry: Registry) -> set[str]:
    """The addons that have tables, columns or indexes which the database lacks, or the other way round."""
    wanted = schema.tables(registry)
    present = list(migrations.tables(database, wanted).values())
    differences = (growth(present, wanted), growth(wanted, present))
    return {item.addon for each in differences for item in each.owned()}


def _other_data(instance: Instance, manifest: Manifest) -> bool:
    """Whether the data files say something else than what was loaded last, demo files included where they were."""
    plain, full = (shipping.read([manifest], demo=demo)[0].files for demo in (False, True))
    if plain.problems:
        return True
    loaded = _loaded(instance.database, manifest.name)
    wanted, with_demo = _texts(plain, instance.registry), _texts(full, instance.registry)
    missing = any(loaded.get(name) not in (texts, with_demo[name]) for name, texts in wanted.items())
    return missing or not loaded.keys() <= with_demo.keys()


def _texts(files: DataFiles, registry: Registry) -> Texts:
    found: Texts = {}
    for entry in files.entries:
        if not isinstance(entry, RecordEntry):
            found.pop(entry.external_id, None)
            continue
        fields = registry.schema[entry.model].find if entry.model in registry.schema else lambda _name: None
        known = {name: fields(name) for name in entry.fields}
        found[entry.external_id] = {
            (field.name if field else name): entry.fields[name].text for name, field in known.items()
        }
    return {name: texts for name, texts in found.items() if texts}


def _loaded(database: Database, addon: str) -> Texts:
    """What was loaded of an addon's files; a record without any field is not among it."""
    sql = placed(
        database,
        "SELECT e.addon, e.name, s.field, s.source FROM core_shipped s"
        " JOIN core_external_id e ON e.id = s.external_id WHERE s.addon = ?",
    )
    found: Texts = {}
    for own, name, field, source in database.fetch(sql, (addon,)):
        found.setdefault(f"{own}.{name}", {})[str(field)] = str(source or "")
    return found
