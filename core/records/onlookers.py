"""Which of many users may do something with one record, asked at once: whoever is to be told of it.

The record is read once, and rules that look at it alone are answered from its values for each user. A rule that asks
other records costs a statement for each user whom it concerns.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.model.reference import referred
from core.records.images import permitted, read_by_id
from core.records.rules import own_rule
from core.records.storing import columns
from core.security.policy import Operation

if TYPE_CHECKING:
    from core.records.environment import Environment


def permitted_users(env: Environment, operation: Operation, reference: str, users: Iterable[int]) -> set[int]:
    """The ids of those users who may do the operation with the record that a text such as `crm.lead,42` names.

    :raises NotFound: there is no such user.
    """
    model, id_ = referred(reference)
    wanted = sorted(set(users))
    if model not in env.registry.schema or not wanted:
        return set()
    names = tuple(dict.fromkeys(["id", *(column.name for column in columns(env, model))]))
    image = read_by_id(env.sudo(), model, [id_], names).get(id_)
    if image is None:
        return set()
    env.unit.access.load(env.database, wanted)
    return {user for user in wanted if _may(env.as_user(user), operation, model, image)}


def _may(env: Environment, operation: Operation, model: str, image: dict[str, object]) -> bool:
    """Whether the user of the environment may do the operation with the record of these values."""
    if not env[model].may(operation):
        return False
    rule = own_rule(env, model, operation)
    met = [True] if rule is None else rule.meeting(env, [image])
    return met[0] if met is not None else bool(permitted(env, model, [int(str(image["id"]))], operation))
