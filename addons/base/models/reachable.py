"""E-mail and telephone as people type them, with a normalised twin of each that is found and compared by."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from addons.base.normalise import normalise_email, normalise_phone
from core import Model, fields

if TYPE_CHECKING:
    from core import Change


QUALITY = {"correct": "Correct", "incorrect": "Incorrect"}


class Reachable(Model):
    """A record with an e-mail address (in the field named `email_source`), a telephone number and a `country`.

    What cannot be read is kept as typed, its twin stays empty and its state says `incorrect`.
    """

    email_source: ClassVar[str] = "email"

    email_normalized = fields.Char(label="E-mail, normalised", readonly=True, index=True, copy=False, personal=True)
    phone = fields.Char(label="Phone", personal=True, quality="phone_state")
    phone_e164 = fields.Char(label="Phone, normalised", readonly=True, index=True, copy=False, personal=True)
    phone_state = fields.Computed(
        fields.Char,
        "none if phone == none else 'correct' if phone_e164 != none else 'incorrect'",
        label="Phone quality",
        options=QUALITY,
    )

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Keep the normalised twins up."""
        source = cls.email_source
        for change in changes:
            if source in change.values:
                change.values["email_normalized"] = normalise_email(_text(change[source]))
        cls._normalise_phones([change for change in changes if "phone" in change.values or change.changed("country")])
        super().before_write(changes)

    @classmethod
    def _normalise_phones(cls, changes: list[Change]) -> None:
        spoken = [change for change in changes if change["phone"]]
        for change in changes:
            if not change["phone"]:
                change.values["phone_e164"] = None
        if not spoken:
            return
        regions = cls._regions(spoken)
        for change in spoken:
            change.values["phone_e164"] = normalise_phone(_text(change["phone"]), regions.get(change["country"]))

    @classmethod
    def _regions(cls, changes: list[Change]) -> dict[object, str]:
        """Country codes by country; under None that of the company worked for, for numbers without a country."""
        local = [change for change in changes if not str(change["phone"]).lstrip().startswith("+")]
        if not local:
            return {}
        env = cls.env.sudo()
        home = None
        if env.company and any(change["country"] is None for change in local):
            home = env["res.company"].read_ids([env.company], ["country"]).get(env.company, {}).get("country")
        wanted = {id_ for id_ in (home, *(change["country"] for change in local)) if isinstance(id_, int)}
        codes = env["res.country"].read_ids(sorted(wanted), ["code"])
        regions: dict[object, str] = {id_: str(values["code"]) for id_, values in codes.items()}
        if home in regions:
            regions[None] = regions[home]
        return regions


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
