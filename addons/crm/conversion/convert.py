"""Converting leads into opportunities, one or many: duplicates merged, customers linked or made, salespeople in turn.

What cannot be converted is left as it is, and said with its reason. Everything else is done, in batches of any size.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

from markupsafe import Markup

from addons.crm.chosen import require_active
from addons.crm.conversion import customers
from addons.crm.duplicates import duplicates
from addons.crm.merging import CONTACT, MODEL
from addons.crm.salespeople import ALL_DOCUMENTS
from addons.crm.words import value_in_words
from core import AccessDenied, FieldError, Invalid, Refusal, _, reference_to

if TYPE_CHECKING:
    from core import EnvironmentProtocol

FIND_OR_CREATE, CREATE, LINK, NONE = "find_or_create", "create", "link", "none"
CERTAIN = 100.0  # the probability of what is closed
CUSTOMERS = (FIND_OR_CREATE, CREATE, LINK, NONE)
READ = (*customers.READ, "type", "active", "probability", "partner", "partner.active", "partner.name", "user")

Lead = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Conversion:
    """How leads are converted; all of it can be written as JSON.

    :ivar customer: what leads without a customer get: `find_or_create`, `create`, `link` (to `partner`, or to the one
        that is found) or `none`.
    :ivar partner: the customer of all of them.
    :ivar parent: the company that new contacts belong to; without it that of the lead's company name.
    :ivar users: the salespeople, who get the leads in turn; none: each keeps its own.
    :ivar team: the sales team of those that are given out.
    :ivar reassign: whether leads that have a salesperson are given out, too.
    :ivar deduplicate: whether duplicates are merged before.
    """

    customer: str = FIND_OR_CREATE
    partner: int | None = None
    parent: int | None = None
    users: tuple[int, ...] = ()
    team: int | None = None
    reassign: bool = True
    deduplicate: bool = False

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """What was written as JSON."""
        return cls(**{**values, "users": tuple(values.get("users", ()))})

    def as_json(self) -> dict[str, Any]:
        """All values by name."""
        return asdict(self)

    def check(self, env: EnvironmentProtocol) -> None:
        """Refuse what cannot be done to any lead.

        :raises Invalid: `customer` is none of the choices, or does not go with `partner`.
        :raises NotFound: a partner, user or team is gone, or the user may not see it.
        :raises Refusal: a partner, user or team is archived.
        :raises AccessDenied: somebody who works on own documents alone gives leads to others.
        """
        if self.customer not in CUSTOMERS:
            text = _("'{value}' is none of {choices}.", value=self.customer, choices=", ".join(CUSTOMERS))
            raise Invalid([FieldError("customer", text)], model=MODEL)
        if self.partner is not None and self.customer != LINK:
            text = _("A customer is given together with '{link}' only.", link=LINK)
            raise Invalid([FieldError("partner", text)], model=MODEL)
        require_active(env, "res.partner", [self.partner, self.parent])
        require_active(env, "res.users", self.users)
        require_active(env, "crm.team", [self.team])
        if not {*self.users} <= {env.user} and not (env.superuser or env.has_group(ALL_DOCUMENTS)):
            raise AccessDenied(
                _("You may not give leads to others."),
                hint=_("That needs the right to work on all documents of sales."),
            )


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a lead was left as it is, and what that is about: the same reason may hold for many."""

    text: str
    about: str = ""

    def __str__(self) -> str:
        return f"{self.text} ({self.about})" if self.about else self.text


@dataclass(slots=True)
class Converted:
    """What became of leads.

    :ivar opportunities: the ids of the opportunities, in order.
    :ivar merged: how many leads became one with another.
    :ivar created: how many customers were made.
    :ivar left: the reason by id of each lead that was left as it is.
    :ivar given: how many leads were given to somebody, where the next batch goes on.
    """

    opportunities: list[int] = field(default_factory=list)
    merged: int = 0
    created: int = 0
    left: dict[int, Reason] = field(default_factory=dict)
    given: int = 0

    def add(self, other: Converted) -> None:
        """Add what became of another batch."""
        self.opportunities += other.opportunities
        self.merged += other.merged
        self.created += other.created
        self.left.update(other.left)
        self.given = other.given


def convert_leads(
    env: EnvironmentProtocol,
    ids: Sequence[int],
    how: Conversion,
    *,
    given: int = 0,
    done: Iterable[int] = (),
) -> Converted:
    """Convert leads, with the user's rights.

    :param given: how many leads were given to salespeople before, so that the turn goes on.
    :param done: opportunities that leads were merged into before: they are not merged again.
    """
    prepare(env, how)
    result = Converted(given=given)
    ids = list(dict.fromkeys(ids))
    open_to_user = sorted(env[MODEL].permitted(ids, "update"))
    env[MODEL].lock(open_to_user)
    rows = env[MODEL].read_ids(open_to_user, READ)
    result.left.update(
        dict.fromkeys((id_ for id_ in ids if id_ not in rows), Reason(_("it is gone, or you may not change it")))
    )
    for row in rows.values():
        reason = closed_reason(row)
        if reason:
            result.left[row["id"]] = Reason(reason)
    wanted = [rows[id_] for id_ in ids if id_ not in result.left]
    if how.deduplicate:
        wanted = _merge(env, wanted, set(done), result)
    _finish(env, wanted, how, result)
    return result


def prepare(env: EnvironmentProtocol, how: Conversion) -> None:
    """Let one after the other look for customers and make them: two at once would make the same one twice.

    Before anything is locked, so that nobody waits for each other.
    """
    if how.customer in (CREATE, FIND_OR_CREATE):
        env.take_turns("crm.customers")


def finish_opportunities(env: EnvironmentProtocol, ids: Sequence[int], how: Conversion) -> Converted:
    """Give what leads were merged into, lead or opportunity, what converting gives.

    :raises Refusal: one of them cannot have it.
    """
    result = Converted()
    _finish(env, list(env[MODEL].read_ids(ids, READ).values()), how, result)
    if result.left:
        raise Refusal(_("Not converted: {reason}.", reason=next(iter(result.left.values()))))
    return result


def closed_reasons(env: EnvironmentProtocol, ids: Sequence[int]) -> dict[int, str]:
    """Why records cannot be converted at all, by id; empty where one can."""
    return {id_: closed_reason(row) for id_, row in env[MODEL].read_ids(ids, READ).items()}


def closed_reason(row: Lead) -> str:
    """Why a record cannot be converted at all; empty where it can."""
    if row["type"] != "lead":
        return _("it is an opportunity already")
    if (row["probability"] or 0) >= CERTAIN:
        return _("it is closed")
    return "" if row["active"] else _("it is archived")


def _merge(env: EnvironmentProtocol, rows: Sequence[Lead], done: set[int], result: Converted) -> list[Lead]:
    """Merge each lead with its open duplicates, none twice: what is to be converted then."""
    found = duplicates(env, rows, lost=False)
    order: list[int] = []
    for row in rows:
        if row["id"] in done:
            continue
        same = [each.id for each in found.get(row["id"], ()) if each.id not in done]
        done.add(row["id"])
        if not same:
            order.append(row["id"])
            continue
        survivor = env[MODEL].call([row["id"], *same], "merge", confirm=True).id
        done.update(same, [survivor])
        result.merged += len(same)
        order = [id_ for id_ in order if id_ not in same]
        order.append(survivor)
    read = env[MODEL].read_ids(order, READ)
    return [read[id_] for id_ in order]


def _finish(env: EnvironmentProtocol, rows: Sequence[Lead], how: Conversion, result: Converted) -> None:
    """Write what the leads become; those that cannot have a customer are left."""
    partners = _linked(env, rows, how, result)
    rows = [row for row in rows if row["id"] not in result.left]
    owners = _owners(rows, how, result)
    partners.update(_created(env, [row for row in rows if _needs_one(row, how, partners)], how, owners, result))
    updates = []
    for row in rows:
        values: dict[str, Any] = {}
        if row["type"] != "opportunity":
            values.update(type="opportunity", date_conversion=env.now())
        if row["id"] in partners and partners[row["id"]] != row["partner"]:
            values["partner"] = partners[row["id"]]
        if row["id"] in owners:
            values.update(_owner(row, owners[row["id"]], how.team))
        updates.append((row["id"], values))
        result.opportunities.append(row["id"])
    env[MODEL].write_many([(id_, values) for id_, values in updates if values])
    _note_replaced(env, [row for row in rows if row["id"] in partners])


def _owner(row: Lead, user: int | None, team: int | None) -> dict[str, int]:
    values = {"user": user, "team": team}
    return {name: id_ for name, id_ in values.items() if id_ is not None and (name == "team" or id_ != row["user"])}


def _owners(rows: Sequence[Lead], how: Conversion, result: Converted) -> dict[int, int | None]:
    """The salesperson of each lead that is given out, None where it keeps its own: users in turn."""
    found: dict[int, int | None] = {}
    for row in rows:
        if row["user"] is not None and not how.reassign:
            continue
        found[row["id"]] = how.users[result.given % len(how.users)] if how.users else None
        result.given += 1
    return found


def _linked(env: EnvironmentProtocol, rows: Sequence[Lead], how: Conversion, result: Converted) -> dict[int, int]:
    """The customer that leads are linked to, by the lead's id; those that can have none are left, with the reason."""
    if how.customer == NONE:
        return {}
    if how.partner is not None:
        return {row["id"]: how.partner for row in rows}
    for row in rows:
        if row["partner"] is not None and not row["partner.active"] and how.customer != CREATE:
            result.left[row["id"]] = Reason(_("its customer is archived"), row["partner.name"])
    if how.customer == CREATE:
        found: dict[int, int] = {}
    else:
        found = customers.find_customers(env, [row for row in rows if row["partner"] is None])
    for row in rows:
        if _needs_one(row, how, found) and row["email_from"] and not row["email_normalized"]:
            result.left[row["id"]] = Reason(_("its e-mail address cannot be read"), row["email_from"])
    return found


def _needs_one(row: Lead, how: Conversion, partners: Mapping[int, int]) -> bool:
    """Whether a customer is to be made for a lead."""
    if how.customer not in (CREATE, FIND_OR_CREATE) or row["id"] in partners:
        return False
    return row["partner"] is None or (how.customer == CREATE and not row["partner.active"])


def _created(
    env: EnvironmentProtocol,
    rows: Sequence[Lead],
    how: Conversion,
    owners: Mapping[int, int | None],
    result: Converted,
) -> dict[int, int]:
    """Make the customers of leads; by the lead's id."""
    if not rows:
        return {}
    if how.parent is not None:
        companies = {row["id"]: how.parent for row in rows}
    else:
        companies = customers.find_companies(env, rows) if how.customer == FIND_OR_CREATE else {}
    users = {row["id"]: owners.get(row["id"]) or row["user"] for row in rows}
    made = customers.create_customers(env, rows, companies=companies, users=users)
    result.created += len(set(made.values()))
    return made


def _note_replaced(env: EnvironmentProtocol, rows: Sequence[Lead]) -> None:
    """Write down what leads said of their customer where the customer says otherwise: nothing is lost."""
    names = [name for name in customers.READ if name in CONTACT]
    now = env[MODEL].read_ids([row["id"] for row in rows], [*names, "email_normalized", "phone_e164"])
    fields = env.registry.schema[MODEL].fields
    notes = []
    for row in rows:
        replaced = [name for name in names if row[name] and not _says_the_same(name, row, now[row["id"]])]
        if replaced:
            lines = [
                Markup("{}: {}").format(_(fields[name].label or name), value_in_words(env, name, row[name]))
                for name in replaced
            ]
            heading = _("The customer was linked; before, the lead said:")
            body = Markup("<p>{}</p><blockquote>{}</blockquote>").format(heading, Markup("<br>").join(lines))
            notes.append({"record": reference_to(MODEL, row["id"]), "kind": "note", "body": str(body)})
    env["mail.message"].create_many(notes)


def _says_the_same(name: str, before: Lead, now: Lead) -> bool:
    """Whether a value is the same, in whatever form it is written."""
    twin = {"email_from": "email_normalized", "phone": "phone_e164"}.get(name)
    return before[name] == now[name] or bool(twin and before[twin] and before[twin] == now[twin])
