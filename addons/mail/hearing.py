"""The page on which a follower chooses which events of a record to hear of."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from addons.mail.models.subtype import read_subtypes
from core import EnvironmentProtocol, NotFound, _, reference_to
from core.pages import Crumb, Note, add_note, environment, page, safe_target

blueprint = Blueprint("hearing", __name__, url_prefix="/mail")


def choosable(env: EnvironmentProtocol, model: str) -> list[dict[str, Any]]:
    """The kinds of events that followers of a model's records may choose."""
    return [row for row in env.cached(read_subtypes).values() if row["model"] == model and not row["hidden"]]


@blueprint.get("/<model>/<id:id_>/hear")
def choose(model: str, id_: int) -> str:
    """Show what there is to hear of, and what one has chosen."""
    env = environment()
    row, label = _following(env, model, id_), env[model].label([id_]).get(id_, f"#{id_}")
    back = safe_target(request.args.get("next", "")) or f"/app/{model}/{id_}"
    return page(
        "mail/hear.html",
        title=_("What to hear of"),
        crumbs=[Crumb(label, back), Crumb(_("What to hear of"))],
        address=f"/mail/{model}/{id_}/hear",
        back=back,
        label=label,
        kinds=choosable(env, model),
        chosen=set(row["subtypes"]),
    )


@blueprint.post("/<model>/<id:id_>/hear")
def keep(model: str, id_: int) -> Response:
    """Keep the choice; kinds that are hidden stay as they were."""
    env, form = environment(), request.form
    row = _following(env, model, id_)
    offered = {kind["id"] for kind in choosable(env, model)}
    given = {int(text) for text in form.getlist("kinds") if text.isdecimal() and len(text) < 19}
    chosen = (set(row["subtypes"]) - offered) | (given & offered)
    # One's own choice, which changes nothing of the record: the right to follow it is enough.
    env.sudo()["mail.followers"].write(row["id"], subtypes=sorted(chosen))
    add_note(Note(_("Kept"), "bell", env.change_set))
    return redirect(safe_target(form.get("next", "")) or f"/app/{model}/{id_}", code=303)


def _following(env: EnvironmentProtocol, model: str, id_: int) -> dict[str, Any]:
    """The row by which the user follows a record that the user may see.

    :raises NotFound: the user does not follow it.
    """
    env[model].get(id_)
    own = env.sudo()["res.users"].read_ids([env.user or 0], ["partner"])[env.user]["partner"]
    found = env["mail.followers"].read(
        "record == r and partner == p", ["id", "subtypes"], r=reference_to(model, id_), p=own
    )
    if not found:
        raise NotFound(_("You do not follow this."), hint=_("Follow it first."))
    return found[0]
