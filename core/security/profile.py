"""What is known of a user while a request is served, cached per access generation: companies, language, zone,
groups, rights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock

from core.database import Database
from core.errors import NotFound
from core.i18n import _
from core.model.registry import Registry
from core.security.policy import Policy, Rights, load_rights

_PROFILE = (
    "SELECT u.id, u.company_id, u.lang, u.tz, c.tz, c.lang, u.name, u.active"
    " FROM res_users u LEFT JOIN res_company c ON c.id = u.company_id WHERE u.id IN ({slots})"
)
_GROUPS = "SELECT owner_id, target_id FROM res_users_groups WHERE owner_id IN ({slots})"
_COMPANIES = (
    "SELECT owner_id, target_id FROM res_users_companies WHERE owner_id IN ({slots}) ORDER BY owner_id, target_id"
)
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Profile:
    """One user as environments see it; `groups` holds implied groups too."""

    user: int | None = None
    name: str = ""
    company: int | None = None
    companies: tuple[int, ...] = ()
    lang: str = "en"
    tz: str = "UTC"
    groups: frozenset[int] = frozenset()
    active: bool = True


class AccessCache:
    """Rights, policies and profiles of one access generation. Filled on demand, never changed, dropped as a whole."""

    def __init__(self, generation: int | None) -> None:
        self.generation = generation
        self._lock = Lock()
        self._rights: Rights | None = None
        self._policies: dict[frozenset[int], Policy] = {}
        self._profiles: dict[int, Profile] = {}
        self._names: dict[frozenset[int], frozenset[str]] = {}

    def rights(self, database: Database) -> Rights:
        """Everything the database says about rights."""
        if self._rights is None:
            self._rights = load_rights(database)
        return self._rights

    def names(self, database: Database, groups: frozenset[int]) -> frozenset[str]:
        """The external ids of groups."""
        if groups not in self._names:
            self._names[groups] = self.rights(database).names(groups)
        return self._names[groups]

    def policy(self, registry: Registry, groups: frozenset[int]) -> Policy:
        """The one policy object of a set of groups."""
        rights = self.rights(registry.database)
        with self._lock:
            if groups not in self._policies:
                self._policies[groups] = Policy(registry, rights, groups)
            return self._policies[groups]

    def profile(self, database: Database, user: int) -> Profile:
        """The profile of a user.

        :raises NotFound: there is no such user.
        """
        if user not in self._profiles:
            self.load(database, [user])
        if user not in self._profiles:
            raise NotFound(_("There is no user {id}.", id=user))
        return self._profiles[user]

    def load(self, database: Database, users: Iterable[int]) -> None:
        """Read the profiles of users that are not known yet, three statements for up to 500; nobody's are left out."""
        missing = sorted(set(users) - self._profiles.keys())
        for start in range(0, len(missing), CHUNK):
            self._load(database, missing[start : start + CHUNK])

    def _load(self, database: Database, users: Sequence[int]) -> None:
        slots = ", ".join(["?" if database.engine == "sqlite" else "%s"] * len(users))
        direct: dict[int, list[int]] = {}
        for user, group in database.fetch(_GROUPS.format(slots=slots), users):
            direct.setdefault(user, []).append(group)
        allowed: dict[int, list[int]] = {}
        for user, company in database.fetch(_COMPANIES.format(slots=slots), users):
            allowed.setdefault(user, []).append(company)
        rights = self.rights(database)
        for user, company, lang, tz, company_tz, company_lang, name, active in database.fetch(
            _PROFILE.format(slots=slots), users
        ):
            companies = allowed.get(user, [])
            self._profiles[user] = Profile(
                user=user,
                name=name,
                company=company,
                companies=tuple(companies if company is None or company in companies else [*companies, company]),
                lang=lang or company_lang or "en",
                tz=tz or company_tz or "UTC",
                groups=rights.closure(direct.get(user, ())),
                active=bool(active),
            )
