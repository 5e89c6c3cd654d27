"""What base does every night: forget what nobody will ask for any more."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from core import Job, Step, free_blobs

if TYPE_CHECKING:
    from core import EnvironmentProtocol

# The records that go, by model: a condition on `before`, and how long ago that is.
KEPT = {
    "core.session": ("expires_at < before or (revoked and seen_at < before)", timedelta(days=30)),
    "core.attempt": ("at < before", timedelta(days=30)),
    "core.sign_in": ("at < before", timedelta(days=365)),
    "core.job": ("state in ['done', 'cancelled'] and finished_at < before", timedelta(days=7)),
}
BATCH = 1_000


def clean(env: EnvironmentProtocol, done: int | None) -> Step | None:
    """Delete ended sessions, old attempts and records of sign-ins, finished jobs, a batch in each step."""
    for model, (condition, kept) in KEPT.items():
        records = env.sudo()[model]
        found = [row["id"] for row in records.read(condition, ["id"], limit=BATCH, before=env.now() - kept)]
        if found:
            records.delete(found)
            return Step((done or 0) + len(found), done=(done or 0) + len(found))
    return None


CLEAN = Job("base.clean", clean, label="Clean up", cron="15 3 * * *", stepwise=True, superuser=True)


def free(env: EnvironmentProtocol, marker: int | None) -> Step | None:
    """Free the contents of files that nothing holds and no history names, some hundred in each step."""
    _count, after = free_blobs(env, after=marker or 0)
    return None if after is None else Step(after)


FREE = Job("base.free", free, label="Free contents of files", cron="45 3 * * 0", stepwise=True, superuser=True)
