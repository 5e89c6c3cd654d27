"""Passwords: argon2id hashes, checked in a time that does not tell whether the user exists or has a password.

Hashing costs about 100 ms on purpose. Tests lower the cost by setting
TESSERA_PASSWORD_COST ("memory,passes,lanes").
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import Refusal
from core.i18n import _

COST_SETTING = "TESSERA_PASSWORD_COST"
LONGEST = 1024
SHORTEST_PASSWORD = 8  # characters, as NIST SP 800-63B asks of what people choose


class PasswordHash(str):
    """An argon2id hash made here, a PHC string. What people type is a plain `str`, whatever it looks like."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """Parameters of argon2id: memory in KiB, passes over it, parallel lanes (OWASP Password Storage Cheat Sheet)."""

    memory: int = 19456
    passes: int = 2
    lanes: int = 1

    @classmethod
    def from_setting(cls, text: str) -> Cost:
        """Read "memory,passes,lanes"; raises Refusal for anything else."""
        try:
            memory, passes, lanes = (int(part) for part in text.split(","))
        except ValueError as error:
            raise Refusal(
                _("{setting} must be three integers, got {text}", setting=COST_SETTING, text=repr(text))
            ) from error
        return cls(memory, passes, lanes)

    @classmethod
    def configured(cls) -> Cost:
        """The cost that the process is configured for."""
        text = os.environ.get(COST_SETTING, "")
        return cls.from_setting(text) if text else cls()


# About a second's work, and more than any of the recommended sets of parameters that fit into 64 MiB (RFC 9106).
DEAREST = Cost(memory=65536, passes=10, lanes=8)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password matches; `rehashed` is what to store when the stored hash was made at another cost."""

    matches: bool
    rehashed: PasswordHash | None = None


def hash_password(password: str, cost: Cost | None = None) -> PasswordHash:
    """The argon2id hash to store, a PHC string; raises Refusal for an empty password or one over 1,024 characters."""
    if not password:
        raise Refusal(_("A password cannot be empty"))
    if len(password) > LONGEST:
        raise Refusal(_("A password has at most {limit} characters", limit=LONGEST))
    return PasswordHash(_hasher(cost).hash(password))


def check_password(stored: str | None, password: str, cost: Cost | None = None) -> Verdict:
    """Compare a password with a stored hash; without one the same work is done and the answer is no.

    A hash says itself what checking it costs: one above `DEAREST` and the cost in force counts as none.
    """
    hasher = _hasher(cost)
    offered = password[:LONGEST]
    if not stored or not _affordable(stored, cost or Cost.configured()):
        hasher.hash(offered)
        return Verdict(False)
    try:
        hasher.verify(stored, offered)
    except (VerificationError, InvalidHashError):
        return Verdict(False)
    if len(password) > LONGEST:
        return Verdict(False)
    return Verdict(True, PasswordHash(hasher.hash(offered)) if hasher.check_needs_rehash(stored) else None)


def _affordable(stored: str, cost: Cost) -> bool:
    """Whether the hash is one, and each of its parameters is within the bound or what the process is configured for."""
    try:
        found = extract_parameters(stored)
    except InvalidHashError:
        return False
    return (
        found.memory_cost <= max(DEAREST.memory, cost.memory)
        and found.time_cost <= max(DEAREST.passes, cost.passes)
        and found.parallelism <= max(DEAREST.lanes, cost.lanes)
    )


def _hasher(cost: Cost | None) -> PasswordHasher:
    chosen = cost or Cost.configured()
    return PasswordHasher(time_cost=chosen.passes, memory_cost=chosen.memory, parallelism=chosen.lanes)
