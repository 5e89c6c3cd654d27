"""Merging leads: one survives with the best of all, whatever referred to the others refers to it, the others go.

It is one change set: undoing it brings all of them back as they were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from os.path import splitext
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from addons.crm.chosen import require_active
from addons.crm.merging import CAREFUL_LIMIT, CONTACT, MODEL, Merge, plan_merge
from addons.crm.models.stage import first_stage, read_stages, stage_allowed
from addons.crm.words import lead_in_words, telling_fields
from addons.mail.models import Activities
from core import Model, Refusal, _, action, reference_to

if TYPE_CHECKING:
    from core import EnvironmentProtocol

WRITING_FOLLOWERS = timedelta(days=30)  # who wrote since then goes on following
SUBJECT_SIZE, FILE_NAME_SIZE, SUFFIX_SIZE, ORIGIN_SIZE = 250, 255, 20, 20


class LeadMerge(Activities, Model):
    """The part of a lead that lets several become one."""

    @action(label="Merge", icon="merge", page="/crm/merge")
    @classmethod
    def merge(
        cls,
        leads: Sequence[LeadMerge],
        survivor: int | None = None,
        choices: Mapping[str, int] | None = None,
        user: int | None = None,
        team: int | None = None,
        confirm: bool = False,
    ) -> Any:  # noqa: ANN401  # a row of the composed class
        """Merge leads into one, which is given back, active.

        :param survivor: the id of the one that stays; the rule of the setting `crm.merge_survivor` decides without it.
        :param choices: by name of a field, the id of the lead whose value it gets; `address` stands for the address.
        :param user: the salesperson of the merged lead, whoever had it.
        :param team: its team.
        :param confirm: more than five may be merged.
        :raises Refusal: fewer than two, more than five without `confirm`, or a lead is won.
        :raises AccessDenied, NotFound: the user may not change one of the leads.
        """
        env = cls.env
        ids = [lead.id for lead in leads]  # type: ignore[attr-defined]  # of the composed class
        if len(ids) > CAREFUL_LIMIT and confirm is not True:
            raise Refusal(
                _("{count} records would become one.", count=len(ids)),
                hint=_("More than {limit} are merged when that is confirmed.", limit=CAREFUL_LIMIT),
            )
        require_active(env, "res.users", [user])
        require_active(env, "crm.team", [team])
        env[MODEL].lock(ids)
        plan = plan_merge(env, ids, survivor=survivor, choices=choices)
        cls._before_merge(plan)
        env[MODEL].redirect(list(plan.absorbed), plan.survivor)
        env.sudo()[MODEL].delete(list(plan.absorbed))
        cls._write_merged(plan, {"user": user, "team": team})
        return env[MODEL].get(plan.survivor)

    @classmethod
    def _before_merge(cls, plan: Merge) -> None:
        """Write down what the absorbed leads were, and mark where their messages and files come from."""
        env, superuser = cls.env, cls.env.sudo()
        names = {row["id"]: str(row["name"]) for row in env[MODEL].read_ids(plan.absorbed, ["id", "name"]).values()}
        kept = _drop_silent_followers(superuser, plan)
        telling = telling_fields(env)
        blocks = [
            Markup("<blockquote>{}</blockquote>").format(lead_in_words(env, id_, telling)) for id_ in plan.absorbed
        ]
        if kept:
            blocks.append(Markup("<p>{}</p>").format(_("Follows now, too: {names}", names=", ".join(kept))))
        heading = Markup("<p>{}</p>").format(_("Merged into this one:"))
        env[MODEL].get(plan.survivor).post(_("Merged"), body=str(heading + Markup("").join(blocks)))
        for id_ in plan.absorbed:
            _mark_messages(superuser, id_, names[id_])
            _mark_files(superuser, id_, names[id_])

    @classmethod
    def _write_merged(cls, plan: Merge, given: Mapping[str, int | None]) -> None:
        """Give the survivor its values, as the system: some of them the user may not see."""
        env, records = cls.env, cls.env.sudo()[MODEL]
        present = records.read_ids([plan.survivor], [*plan.values, "active"])[plan.survivor]
        values = {**plan.values, "active": True}
        values.update(_fitting_stage(env, {**values, **{name: id_ for name, id_ in given.items() if id_}}))
        # The contact block is said whole, so that a customer from another record does not fill it anew.
        moved = {name: value for name, value in values.items() if value != present[name] or name in CONTACT}
        if "type" in moved:
            moved["date_conversion"] = env.now()
        records.write(plan.survivor, **moved)
        forced = {name: id_ for name, id_ in given.items() if id_}
        if forced:
            env[MODEL].write(plan.survivor, **forced)


def _fitting_stage(env: EnvironmentProtocol, values: Mapping[str, Any]) -> dict[str, Any]:
    """Another stage, where that of the merged lead is not for its team."""
    stages = env.cached(read_stages)
    stage, team = stages.get(values["stage"]), values["team"]
    if stage is None or stage_allowed(stage, team):
        return {}
    return {"stage": first_stage(stages.values(), team)}


def _drop_silent_followers(superuser: EnvironmentProtocol, plan: Merge) -> list[str]:
    """Leave the followers of the absorbed leads behind who wrote nothing lately; the names of those who come along."""
    references = [reference_to(MODEL, id_) for id_ in plan.absorbed]
    since = superuser.now() - WRITING_FOLLOWERS
    written = superuser["mail.message"].read(
        "record in records and date >= since", ["record", "author"], records=references, since=since
    )
    active = {(row["record"], row["author"]) for row in written}
    followers = superuser["mail.followers"].read(
        "record in records", ["id", "record", "partner", "partner.name"], records=references
    )
    superuser["mail.followers"].delete(
        [row["id"] for row in followers if (row["record"], row["partner"]) not in active]
    )
    there = superuser["mail.followers"].read("record == r", ["partner"], r=reference_to(MODEL, plan.survivor))
    known = {row["partner"] for row in there}
    coming = {
        row["partner"]: str(row["partner.name"]) for row in followers if (row["record"], row["partner"]) in active
    }
    return sorted(name for partner, name in coming.items() if partner not in known)


def _mark_messages(superuser: EnvironmentProtocol, lead: int, name: str) -> None:
    """Say in the subjects of a lead's messages which lead they were written on."""
    messages = superuser["mail.message"]
    rows = messages.read("record == r", ["id", "subject"], r=reference_to(MODEL, lead))
    messages.write_many([(row["id"], {"subject": _subject(name, row["subject"])}) for row in rows])


def _subject(name: str, subject: str | None) -> str:
    text = _("From {name}: {subject}", name=name, subject=subject) if subject else _("From {name}", name=name)
    return text[:SUBJECT_SIZE]


def _mark_files(superuser: EnvironmentProtocol, lead: int, name: str) -> None:
    """Say in the names of a lead's files where they come from, in front of what tells their type."""
    files = superuser["core.attachment"]
    rows = files.read("record == r", ["id", "name"], r=reference_to(MODEL, lead))
    origin = _("(from {name})", name=name[:ORIGIN_SIZE].strip())
    files.write_many([(row["id"], {"name": _file_name(str(row["name"]), origin)}) for row in rows])


def _file_name(name: str, origin: str) -> str:
    stem, suffix = splitext(name)
    if len(suffix) > SUFFIX_SIZE:
        stem, suffix = name, ""
    behind = f" {origin}{suffix}"
    return f"{stem[: FILE_NAME_SIZE - len(behind)]}{behind}"
