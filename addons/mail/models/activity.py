"""Planned activities: what is to be done about a record, by whom and when; done ones are kept, archived."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from addons.base.models import User
from addons.mail.assignment import outgoing
from addons.mail.models.activity_type import ActivityType
from addons.mail.models.owner import zones
from addons.mail.models.thread import Thread
from core import (
    Change,
    FieldError,
    Invalid,
    Model,
    Refusal,
    _,
    action,
    fields,
    first_instant,
    reference_to,
    referred,
)

if TYPE_CHECKING:
    from core import EnvironmentProtocol

STATES = {"overdue": "Overdue", "today": "Today", "planned": "Planned", "done": "Done"}
# What is worked out of whose an activity is and of the day it is due.
DUE = ("due_zone", "due_from", "due_until")


class Activities(Thread):
    """A model whose records have planned activities besides their conversation."""

    activities: fields.One2many[Activity] = fields.One2many("mail.activity", inverse="record", label="Activities")
    activity_state = fields.Computed(
        fields.Char,
        "'overdue' if any(activities, active and due_until <= now())"
        " else 'today' if any(activities, active and due_from <= now())"
        " else 'planned' if any(activities, active) else none",
        label="Activity",
        options={"overdue": "Activity late", "today": "Activity today", "planned": "Activity planned"},
    )

    @action(label="Plan an activity", icon="task")
    def plan_activity(
        self,
        *,
        summary: str | None = None,
        type: int | None = None,
        date_deadline: date | str | None = None,
        user: int | None = None,
    ) -> int:
        """Plan something about this record; gives the id of the activity."""
        given = {"summary": summary, "type": type, "date_deadline": date_deadline, "user": user}
        values = {name: value for name, value in given.items() if value is not None}
        return int(self.env["mail.activity"].create(record=self.reference, **values).id)


class Activity(
    Model,
    name="mail.activity",
    label="Activity",
    plural="Activities",
    order="date_deadline, id",
    indexes=[("user", "active", "date_deadline"), ("record", "active", "date_deadline")],
):
    """One thing to do about a record.

    The day it is due begins and ends in the zone of whose it is. It is kept as two instants beside it, so that
    everybody is told the same of it, wherever they look from, and a condition only compares them with the present.
    """

    name = fields.Computed(fields.Char, "coalesce(summary, type.name)", label="Activity")
    record = fields.Reference(of=Activities, label="About", required=True, on_delete="cascade")
    type = fields.Many2one(ActivityType, label="Type", on_delete="restrict", required=True, index=True)
    summary = fields.Char(label="Summary", size=250, search=True)
    note = fields.Html(label="Note")
    date_deadline = fields.Date(label="Due", required=True, tracked=True, zone="due_zone")
    user = fields.Many2one(User, label="Assigned to", required=True, on_delete="restrict", tracked=True)
    due_zone = fields.Char(label="Due in the zone", size=64, readonly=True, derived=True, copy=False)
    due_from = fields.Datetime(label="Due from", readonly=True, derived=True, copy=False)
    due_until = fields.Datetime(label="Overdue from", readonly=True, derived=True, copy=False)
    feedback = fields.Text(label="Feedback")
    date_done = fields.Date(label="Done on", readonly=True)
    active = fields.Boolean(label="To do", default=True)
    state = fields.Computed(
        fields.Char,
        "'done' if not active else 'overdue' if due_until <= now() else 'today' if due_from <= now() else 'planned'",
        label="State",
        options=STATES,
    )

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Fill in what the type says; nobody is given work on what they may not see."""
        super().before_write(changes)
        for change in changes:
            if change.operation == "create":
                cls._complete(change)
            if change.changed("user") or change.changed("record"):
                cls._require_sight(change)
        moved = [change for change in changes if not {"user", "date_deadline"}.isdisjoint(change.values)]
        known = zones(cls.env, (change["user"] for change in moved))
        for change in moved:
            change.values.update(_due(change, known))

    @classmethod
    def _complete(cls, change: Change) -> None:
        types = cls.env.sudo()["mail.activity.type"]
        if not change["type"]:
            usual = types.search("", limit=1)
            if not usual:
                raise Invalid([FieldError("type", _("There is no type of activity yet."))], model="mail.activity")
            change.values["type"] = usual[0].id
        found = types.browse([int(str(change["type"]))])
        if not found:
            return  # refused with the references
        kind = found[0]
        if not change["user"]:
            change.values["user"] = kind.user_id or cls.env.user
        if not change["date_deadline"]:
            change.values["date_deadline"] = kind.due(_today(cls.env, change["user"]))
        if not change["summary"]:
            change.values["summary"] = kind.summary

    @classmethod
    def _require_sight(cls, change: Change) -> None:
        user, record = change["user"], change["record"]
        if not user or not record or cls.env.as_user(int(str(user))).permits("read", str(record)):
            return
        name = cls.env.sudo()["res.users"].get(int(str(user))).name
        text = _("{name} may not see this record.", name=name)
        raise Invalid([FieldError("user", text)], model="mail.activity")

    @classmethod
    def after_write(cls, changes: list[Change]) -> None:
        """Whoever is given work by somebody else follows the record, and gets a mail."""
        super().after_write(changes)
        given = [change for change in changes if change.changed("user") and change["user"] not in (None, cls.env.user)]
        if given:
            users = cls.env.sudo()["res.users"].read_ids([int(str(c["user"])) for c in given], ["partner"])
            pairs = {(str(c["record"]), users[int(str(c["user"]))]["partner"]) for c in given}
            cls.env.registry.models["mail.followers"].follow(pairs)
            cls.env.sudo()["mail.mail"].create_many(outgoing(cls.env, given))

    @classmethod
    def derive(cls, changes: list[Change]) -> None:
        """Keep up when the day begins and ends, where the day or whose it is changed."""
        super().derive(changes)
        cls._keep_up([change for change in changes if not {"user", "date_deadline", *DUE}.isdisjoint(change.values)])

    @classmethod
    def keep_up(cls, users: Collection[int]) -> None:
        """Work out anew when the days of the activities of users begin and end, done ones among them."""
        wanted = ["id", "user", "date_deadline", *DUE]
        mine = "user in users and (active or not active)"
        cls._keep_up(cls.env.sudo()["mail.activity"].read(mine, wanted, users=list(users)))

    @classmethod
    def _keep_up(cls, members: Collection[Change | Mapping[str, Any]]) -> None:
        known = zones(cls.env, (member["user"] for member in members))
        updates = []
        for member in members:
            right = _due(member, known)
            if any(member[name] != value for name, value in right.items()):
                updates.append((member.id if isinstance(member, Change) else member["id"], right))
        cls.env.sudo()["mail.activity"].write_many(updates)

    @action(label="Mark as done", icon="check")
    def mark_done(self, *, feedback: str | None = None) -> int:
        """Note it as done, with what came of it, in the conversation of its record; gives the id of that message.

        The next activity is planned where the type says so. Whoever may change the activity may finish it, and who only
        sees its record may tell there what came of it.

        :raises Refusal: it is done already.
        :raises StaleVersion: somebody else has just finished or changed it.
        """
        if not self.active:
            raise Refusal(_("'{name}' is done already.", name=self.name))
        text, name, following = (feedback or "").strip(), self.name, self.type
        model, id_ = referred(self.record)
        self.env[model].get(id_)
        done = {"feedback": text or None, "active": False, "date_done": self.env.today()}
        self.env["mail.activity"].write(self, version=self.version, **done)  # first: two at once tell of it once
        entered: Any = self.env.sudo()  # an environment by its protocol
        with entered as env:
            message = env[model].get(id_).post(text or name, kind="done", subject=name)
            if not text:
                message.body = None
                message.save()
            if following.chaining == "trigger" and following.next_type_id:
                env["mail.activity"].create(record=self.record, type=following.next_type_id, user=self.user_id)
        return int(message.id)

    @action(label="Reschedule", icon="calendar")
    def reschedule(self, *, date_deadline: date | str) -> None:
        """Move it to another day."""
        self.env["mail.activity"].write([self], date_deadline=date_deadline)

    @action(label="Today", icon="calendar")
    def to_today(self) -> None:
        """Move it to today."""
        self.reschedule(date_deadline=_today(self.env, self.user_id))

    @action(label="Tomorrow", icon="calendar")
    def to_tomorrow(self) -> None:
        """Move it to tomorrow."""
        self.reschedule(date_deadline=_today(self.env, self.user_id) + timedelta(days=1))

    @action(label="Next week", icon="calendar")
    def to_next_week(self) -> None:
        """Move it to the Monday that follows."""
        today = _today(self.env, self.user_id)
        self.reschedule(date_deadline=today + timedelta(days=7 - today.weekday()))


def _today(env: EnvironmentProtocol, user: object) -> date:
    """The date where a user is; where whoever acts is, if there is no such user."""
    zone = zones(env, [user]).get(user, env.tz)  # type: ignore[call-overload]  # an id, or refused with the references
    return env.now().astimezone(ZoneInfo(zone)).date()


def _due(member: Change | Mapping[str, Any], known: Mapping[Any, str]) -> dict[str, object]:
    """What is kept beside the day an activity is due: the zone, the day's first instant and that of the next day.

    The last day of the year 9999 is followed by none.
    """
    day, zone = member["date_deadline"], known.get(member["user"])
    if not isinstance(day, date) or zone is None:
        return dict.fromkeys(DUE)
    until = first_instant(day + timedelta(days=1), zone) if day < date.max else None
    return {"due_zone": zone, "due_from": first_instant(day, zone), "due_until": until}


def planned(env: EnvironmentProtocol, model: str, record: int, limit: int) -> list[dict[str, Any]]:
    """What is planned on a record, the most urgent first, in one statement."""
    wanted = ["id", "name", "date_deadline", "due_zone", "state", "type.name", "type.icon", "user.name", "note"]
    return env["mail.activity"].read("record == r", wanted, limit=limit, r=reference_to(model, record))
