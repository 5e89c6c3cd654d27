"""The contents of files, each stored once under its SHA-256 in `core.blob`, whichever fields hold it.

A content that no field holds and no history names is freed. Storing one again marks it as fresh, so that it is not
freed while the record that will hold it is being written.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from core.errors import NotFound
from core.i18n import _
from core.lang.kinds import Kind, encoder
from core.model.binary import Binary

if TYPE_CHECKING:
    from core.records.environment import Environment

FRESH = timedelta(days=1)
_STORE = (
    "INSERT INTO core_blob (hash, size, content, version, create_date, create_uid, write_date, write_uid)"
    " VALUES (?, ?, ?, 1, ?, ?, ?, ?) ON CONFLICT (hash) DO UPDATE SET write_date = excluded.write_date"
)


def store(env: Environment, content: bytes) -> str:
    """Store a content, in the open transaction; its hash."""
    name = hashlib.sha256(content).hexdigest()
    now = _instant(env, timedelta())
    env.database.execute(env.runtime.text(_STORE), (name, len(content), content, now, env.user, now, env.user))
    return name


def load(env: Environment, name: str) -> bytes:
    """A content by its hash.

    :raises NotFound: nothing is stored under it.
    """
    found = env.database.fetch(env.runtime.text("SELECT content FROM core_blob WHERE hash = ?"), (name,))
    if not found:
        raise NotFound(_("There is no stored content '{name}'.", name=name))
    return bytes(found[0][0])


def is_stored(env: Environment, name: str) -> bool:
    """Whether there is a content under a hash."""
    return bool(env.database.fetch(env.runtime.text("SELECT 1 FROM core_blob WHERE hash = ?"), (name,)))


def free(env: Environment, *, after: int = 0, limit: int = 500) -> tuple[int, int | None]:
    """Free contents that nothing holds or names any more, going on behind the id `after`: how many there were, and
    where to go on, None at the end."""
    holding = [
        (model, str(env.registry.schema[model].fields[name].column))
        for model, declarations in env.registry.declarations.items()
        for name, declaration in declarations.items()
        if isinstance(declaration, Binary)
    ]
    held = "".join(
        f" AND NOT EXISTS (SELECT 1 FROM {env.registry.schema[model].table} h WHERE h.{column} = b.hash)"
        for model, column in holding
    )
    old = _instant(env, -FRESH)
    chosen = f"SELECT b.id, b.hash FROM core_blob b WHERE b.id > ? AND b.write_date < ?{held} ORDER BY b.id LIMIT ?"
    found = env.database.fetch(env.runtime.text(chosen), (after, old, limit))
    numbers = sorted({env.runtime.model_number(model) for model, _column in holding})
    gone = [(id_, old) for id_, name in found if not _is_logged(env, numbers, name)]
    env.database.executemany(env.runtime.text("DELETE FROM core_blob WHERE id = ? AND write_date < ?"), gone)
    return len(gone), found[-1][0] if len(found) == limit else None


def _is_logged(env: Environment, numbers: list[int], name: str) -> bool:
    """Whether the history of the models with contents names one."""
    has = "instr({}, ?) > 0" if env.database.engine == "sqlite" else "strpos({}, ?) > 0"
    either = f"({has.format('before')} OR {has.format('after')})"
    models = ", ".join(str(number) for number in numbers)
    text = f"SELECT 1 FROM core_change WHERE model_no IN ({models}) AND {either} LIMIT 1"
    return bool(numbers) and bool(env.database.fetch(env.runtime.text(text), (name, name)))


def _instant(env: Environment, moved: timedelta) -> object:
    convert = encoder(Kind.INSTANT, env.database.engine)
    instant = env.now() + moved
    return convert(instant) if convert else instant
