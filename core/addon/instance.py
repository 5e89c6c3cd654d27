"""One open database with its addons: what a server, a command or a test works with.

An instance composes the installed addons when it is opened, and again when it learns that another process installed or
removed one. What was composed before stays usable by the requests that hold it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from core import logs
from core.addon import state
from core.addon.archive import restore
from core.addon.archived import Contents, check
from core.addon.composition import AddonSet, assemble
from core.addon.discovery import Catalog, discover
from core.addon.install import SECRET_KEY, Progress, apply, prepare
from core.addon.loading import unusable
from core.addon.plugins import Plugins
from core.addon.renewal import take_anew
from core.database import Database, connect, placed
from core.database.connections import parse_address
from core.errors import ConfigurationError, DatabaseMissing, DatabaseRefusal, NotFound, Problem, Refusal
from core.i18n import _
from core.model.registry import Registry
from core.records.environment import Environment
from core.records.runtime import Clock, Runtime
from core.security.passwords import hash_password
from core.unfinished import beside, give_name
from core.views.store import ViewStore

logger = logging.getLogger("tessera.addon")

ADMINISTRATOR = ("base", "user_admin")  # the external id of the user that commands act as


@dataclass(frozen=True, slots=True)
class _Generation:
    """What was composed, and the number of the generation it belongs to."""

    number: int
    addons: AddonSet
    views: ViewStore
    disabled: Mapping[str, tuple[Problem, ...]]
    noted: Mapping[str, str]


class Instance:
    """An open database. Made by `Instance.open`, or by `create_instance` together with its database."""

    def __init__(
        self,
        database: Database,
        catalog: Catalog,
        *,
        clock: Clock | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.database = database
        self.catalog = catalog
        self._clock = clock
        self._settings = settings
        self._lock = Lock()
        self._current = self._compose()
        self.secret_key = self._read_secret_key()

    @classmethod
    def open(
        cls,
        url: str,
        *,
        addons_path: Sequence[str | Path] = (),
        clock: Clock | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> Instance:
        """Open a database that `tessera init` made. `settings` are those of the process, by name.

        Raises DatabaseRefusal when there is none, when it belongs to something else, or when it is newer than the
        program; ConfigurationError when its addons cannot be composed.
        """
        catalog = discover(addons_path)
        database = connect(url)
        try:
            return cls(database, catalog, clock=clock, settings=settings)
        except BaseException:
            database.close()
            raise

    @property
    def installed(self) -> tuple[str, ...]:
        """The installed addons in dependency order."""
        return self._current.addons.names

    @property
    def disabled(self) -> Mapping[str, tuple[Problem, ...]]:
        """The installed addons that are left out because Python lacks what they need, with the reasons."""
        return self._current.disabled

    def require_complete(self) -> None:
        """Raise Refusal while an installed addon is disabled: what is installed must not be changed without it."""
        for name, problems in self.disabled.items():
            raise Refusal(
                _("'{name}' is installed and disabled: {reason}.", name=name, reason=problems[0].text),
                hint=_("Install what it needs first."),
            )

    @property
    def generation(self) -> int:
        """Counts what was installed, upgraded and removed; that of the addons composed here."""
        return self._current.number

    @property
    def addons(self) -> AddonSet:
        """The installed addons, composed."""
        return self._current.addons

    @property
    def registry(self) -> Registry:
        """The composed models."""
        return self._current.addons.registry

    @property
    def runtime(self) -> Runtime:
        """Opens units of work."""
        return self._current.addons.runtime

    @property
    def plugins(self) -> Plugins:
        """The hooks of the installed addons."""
        return self._current.addons.plugins

    @property
    def views(self) -> ViewStore:
        """The composed views."""
        return self._current.views

    @contextmanager
    def environment(
        self,
        user: str | int | None = None,
        *,
        superuser: bool = False,
        write: bool = True,
        kind: str = "command",
        label: str = "",
    ) -> Iterator[Environment]:
        """Open a transaction and the environment of a user, given by login or id; None is the administrator.

        Raises NotFound when there is no such user, or the user is archived.
        """
        self.refresh()
        id_ = user if isinstance(user, int) else self.user_id(user) if user else self.administrator
        with self.runtime.open(user=id_, superuser=superuser, write=write, kind=kind, label=label) as env:
            yield env

    @property
    def administrator(self) -> int:
        """The id of the user that commands act as, whatever its login has become."""
        sql = placed(self.database, "SELECT record FROM core_external_id WHERE addon = ? AND name = ?")
        ((id_,),) = self.database.fetch(sql, ADMINISTRATOR)
        return int(id_)

    def user_id(self, login: str) -> int:
        """The id of an active user by login; NotFound when there is none."""
        sql = placed(self.database, "SELECT id FROM res_users WHERE login = ? AND active")
        found = self.database.fetch(sql, (login,))
        if not found:
            raise NotFound(_("There is no user '{login}'.", login=login))
        return int(found[0][0])

    def refresh(self) -> None:
        """Compose again if another process installed or removed an addon; one short query where nothing changed."""
        found = state.generations(self.database)
        self.follow(found.addons, found.views)

    def follow(self, addons: int, views: int) -> None:
        """Compose again what does not belong to these generations, which the caller has just read."""
        if addons != self._current.number:
            with self._lock:
                if addons != self._current.number:
                    self._read_anew()
                    self._current = self._compose()
        self._current.views.follow(views)

    @contextmanager
    def changing(self) -> Iterator[Callable[[Catalog], None]]:
        """Keep others in this process from composing while addons are upgraded.

        The function that is given composes them, with the manifests that are there now.
        """

        def adopt(catalog: Catalog) -> None:
            self.catalog = catalog
            self._current = self._compose()

        with self._lock:
            yield adopt

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def _read_anew(self) -> None:
        """Take the newer files of addons that another process installed or upgraded; those of others stay."""
        noted = state.installed_at(self.database)
        moved = {name for name, when in noted.items() if self._current.noted.get(name) != when}
        with suppress(ConfigurationError, Refusal):  # what cannot be read stays as it was, and is told where it matters
            found = discover(self.catalog.folders)
            readable = {name: found.manifests[name] for name in moved if name in found.manifests}
            broken = {name: problems for name, problems in self.catalog.broken.items() if name not in readable}
            catalog = Catalog(found.folders, {**self.catalog.manifests, **readable}, broken)
            take_anew(catalog, moved)
            self.catalog = catalog

    def _compose(self) -> _Generation:
        state.require_initialised(self.database)
        state.check(self.database, self.catalog)
        number = state.generations(self.database).addons
        noted = state.installed_at(self.database)
        installed = state.installed_versions(self.database)
        disabled = unusable(self.catalog, installed)
        for name, problems in disabled.items():
            logs.event(logger, logging.WARNING, "addon disabled", addon=name, why=str(problems[0]))
        names = [name for name in installed if name not in disabled]
        addons = assemble(self.database, self.catalog, names, clock=self._clock, settings=self._settings)
        return _Generation(number, addons, ViewStore(self.database, addons.registry, addons.depends), disabled, noted)

    def _read_secret_key(self) -> str:
        sql = placed(self.database, "SELECT value FROM core_setting WHERE key = ?")
        ((value,),) = self.database.fetch(sql, (SECRET_KEY,))
        return str(value)


def create_instance(
    url: str,
    addons: Iterable[str],
    *,
    demo: bool,
    admin_password: str,
    addons_path: Sequence[str | Path] = (),
    progress: Progress | None = None,
) -> Instance:
    """Create a database with base, the addons and what they depend on, and open it.

    Raises DatabaseRefusal when the database is not empty, and what `install` raises; then no file is left behind.
    """
    catalog = discover(addons_path)
    hashed = hash_password(admin_password)

    def set_password(env: Environment) -> None:
        administrator = env.ref(".".join(ADMINISTRATOR))
        env["res.users"].write([administrator], password=hashed)

    with _to_fill(url) as database:
        prepared = prepare(database, catalog, None, addons, generation=None, demo=demo)
        apply(prepared, user=None, progress=progress, finish=set_password)
    return Instance.open(url, addons_path=addons_path)


def restore_instance(
    url: str, path: Path, *, addons_path: Sequence[str | Path] = (), progress: Progress | None = None
) -> Contents:
    """Make a database from an archive.

    Raises DatabaseRefusal when the database is not empty, and what `restore` raises; then no file is left behind.
    """
    checked = check(path)  # before a database is made for it
    with _to_fill(url) as database:
        return restore(database, checked, addons_path=addons_path, progress=progress)


@contextmanager
def _to_fill(url: str) -> Iterator[Database]:
    """An empty database, closed at the end of the block.

    One that is there already, or one that is made. A file that is made gets its name when it is whole, so that nobody
    ever sees a part of it, and of two who make the same one the second finds the name taken.
    """
    found: Database | None = None
    with suppress(DatabaseMissing):
        found = connect(url)
    address = parse_address(url)
    if found is None and address.engine == "sqlite":
        with _new_file(url, Path(address.target).resolve()) as made:
            yield made
        return
    database = found or connect(url, create=True)
    try:
        _require_empty(database)
        yield database
    finally:
        database.close()


@contextmanager
def _new_file(url: str, path: Path) -> Iterator[Database]:
    for log in (path.with_name(path.name + suffix) for suffix in ("-wal", "-journal")):
        if log.exists():  # SQLite would take it for a part of the new database
            text = _("{log} is left of a database that is gone.", log=log)
            raise DatabaseRefusal(text, hint=_("Remove it, or give another name."))
    unfinished = beside(path)
    try:
        database = connect(url, create=True, file=unfinished)
        try:
            yield database
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the file alone is the database now
        finally:
            database.close()
        _name(unfinished, path)
    finally:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{unfinished}{suffix}").unlink(missing_ok=True)


def _name(unfinished: Path, path: Path) -> None:
    try:
        give_name(unfinished, path)
    except FileExistsError as error:
        raise DatabaseRefusal(_("{place} was made by somebody else meanwhile.", place=path)) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise DatabaseRefusal(_("{place} cannot be made: {reason}.", place=path, reason=reason)) from error


def _require_empty(database: Database) -> None:
    names = state.tables(database)
    if "core_addon" in names:
        raise DatabaseRefusal(_("{place} is a database of Tessera already.", place=database.place))
    if names:
        hint = _("Give an address where nothing is yet.")
        raise DatabaseRefusal(_("{place} holds tables of something else.", place=database.place), hint=hint)
