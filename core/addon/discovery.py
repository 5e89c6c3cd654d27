"""Finding addons: the bundled folder, those of `--addons-path`, and the entry points of installed distributions. Reads
manifests, imports nothing.

Every folder with an `addon.toml` is an addon. One that cannot be read does not stop the others: its problems are
raised by whoever asks for it. Two folders with one name are refused at once, because no answer to "which one?" would
be safe.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from core.addon import manifest as manifests
from core.addon.manifest import Manifest
from core.errors import ConfigurationError, Problem, Refusal, closest, did_you_mean
from core.i18n import _

BASE = "base"
ENTRY_POINTS = "tessera.addons"


@dataclass(frozen=True, slots=True)
class Catalog:
    """All addons that were found, by name; `broken` holds the problems of those whose manifest cannot be used."""

    folders: tuple[Path, ...]
    manifests: Mapping[str, Manifest]
    broken: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Manifest:
        """The manifest of an addon; Refusal when there is none of the name, ConfigurationError when it is broken."""
        if name in self.broken:
            raise ConfigurationError(self.broken[name])
        if name not in self.manifests:
            suggestion = did_you_mean(closest(name, self.names))
            searched = ", ".join(str(folder) for folder in self.folders)
            raise Refusal(_("There is no addon '{name}' in {searched}.", name=name, searched=searched), hint=suggestion)
        return self.manifests[name]

    def __contains__(self, name: object) -> bool:
        return name in self.manifests

    def bridges(self, names: Collection[str]) -> tuple[str, ...]:
        """The bridges between addons that are all among the names, broken ones too."""
        found = [
            manifests.bridge_name(owner, other)
            for owner in names
            for other in names
            if manifests.bridge_name(owner, other) in {*self.manifests, *self.broken}
        ]
        return tuple(sorted(name for name in found if name in self.broken or self.manifests[name].bridge))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all addons found, broken ones too, in alphabetical order."""
        return tuple(sorted({*self.manifests, *self.broken}))


def bundled_folder() -> Path:
    """The folder of the addons that come with the product, in a checkout or an installed wheel."""
    return Path(str(files("addons")))


def discover(addons_path: Sequence[str | Path] = ()) -> Catalog:
    """Find the bundled addons, those in the folders of `addons_path`, and those that entry points name.

    An entry point `name = "package.folder"` of the group `tessera.addons` leads to a folder called like the addon.

    Raises ConfigurationError (A008) naming both folders when two addons share a name, Refusal when a folder does not
    exist.
    """
    folders = _distinct([bundled_folder(), *(Path(path) for path in addons_path)])
    found: dict[str, Path] = {}
    clashes: list[Problem] = []
    for folder in folders:
        for addon in sorted(child.parent for child in folder.glob(f"*/{manifests.FILE_NAME}")):
            if addon.name in found:
                clashes.append(_clash(addon, found[addon.name]))
            found.setdefault(addon.name, addon)
    lost: dict[str, tuple[Problem, ...]] = {}
    for point in entry_points(group=ENTRY_POINTS):
        named = _folder_of(point)
        if named is None:
            lost[point.name] = (_lost(point),)
        elif found.setdefault(point.name, named) != named:
            clashes.append(_clash(named, found[point.name]))
    if clashes:
        raise ConfigurationError(clashes)
    return _read_all(tuple(folders), found, lost)


def _folder_of(point: EntryPoint) -> Path | None:
    """The folder that an entry point names, found without importing its package; None where there is no addon."""
    package, *inside = point.value.split(".")
    spec = find_spec(package)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(location).joinpath(*inside).resolve()
        if folder.name == point.name and (folder / manifests.FILE_NAME).is_file():
            return folder
    return None


def _lost(point: EntryPoint) -> Problem:
    text = f"'{point.value}' leads to no folder '{point.name}' with an {manifests.FILE_NAME}"
    distribution = point.dist.name if point.dist else "?"
    return Problem(f"entry point {ENTRY_POINTS} of {distribution}", 0, 0, "A021", text)


def _distinct(folders: Sequence[Path]) -> list[Path]:
    resolved = dict.fromkeys(folder.expanduser().resolve() for folder in folders)
    for folder in resolved:
        if not folder.is_dir():
            raise Refusal(_("The addons folder {folder} does not exist.", folder=folder))
    return list(resolved)


def _clash(second: Path, first: Path) -> Problem:
    text = f"two addons are called '{second.name}': {first} and {second}; rename or remove one"
    return Problem(str(second / manifests.FILE_NAME), 0, 0, "A008", text)


def _read_all(folders: tuple[Path, ...], found: Mapping[str, Path], lost: Mapping[str, tuple[Problem, ...]]) -> Catalog:
    readable: dict[str, Manifest] = {}
    broken: dict[str, tuple[Problem, ...]] = dict(lost)
    for name, folder in found.items():
        manifest, problems = manifests.read(folder)
        if manifest is None or problems:
            broken[name] = problems
        else:
            readable[name] = manifest
    for owner in list(readable.values()):
        for place in sorted(owner.folder.glob(f"{manifests.BRIDGES}/*/{manifests.BRIDGE_FILE}")):
            bridge, problems = manifests.read_bridge(owner, place.parent)
            if bridge is None or problems:
                broken[manifests.bridge_name(owner.name, place.parent.name)] = problems
            else:
                readable[bridge.name] = bridge
    return Catalog(folders, readable, broken)
