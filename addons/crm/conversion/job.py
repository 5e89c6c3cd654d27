"""Converting many leads in the background: in steps, as one change set, with what came of it told as it goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from addons.crm.conversion.convert import Conversion, convert_leads
from core import Job, Step, _, enqueue
from core.pages import kit_of

if TYPE_CHECKING:
    from core import EnvironmentProtocol

NAME = "crm.convert"
STEP_SIZE = 50


def convert_later(env: EnvironmentProtocol, ids: Sequence[int], how: Conversion) -> int:
    """Have leads converted in the background, with the user's rights; the id of the job."""
    return int(enqueue(env, NAME, ids=list(ids), how=how.as_json()) or 0)  # without a key there is always a new one


def run(env: EnvironmentProtocol, marker: Mapping[str, Any] | None, ids: list[int], how: dict[str, Any]) -> Step | None:
    """Convert the next leads; None when there are no more."""
    so_far = marker or {"at": 0, "given": 0, "merged": 0, "created": 0, "converted": [], "reasons": {}}
    at = so_far["at"]
    if at >= len(ids):
        return None
    batch = ids[at : at + STEP_SIZE]
    # What was merged into another lead meanwhile is gone: that is no reason worth telling.
    present = env["crm.lead"].read_ids(batch, ["id"])
    done = {*so_far["converted"]}
    wanted = [id_ for id_ in batch if id_ in present and id_ not in done]
    result = convert_leads(env, wanted, Conversion.of(how), given=so_far["given"], done=done)
    reasons = Counter(so_far["reasons"])
    reasons.update(reason.text for reason in result.left.values())
    following = {
        "at": at + len(batch),
        "given": result.given,
        "merged": so_far["merged"] + result.merged,
        "created": so_far["created"] + result.created,
        "converted": [*so_far["converted"], *result.opportunities],
        "reasons": dict(reasons),
    }
    return Step(following, done=following["at"], total=len(ids), told=in_words(env, following))


def in_words(env: EnvironmentProtocol, counts: Mapping[str, Any]) -> str:
    """What became of the leads: a line for all that was done, and one for each reason why some were left."""
    left = [
        _("{count} left as they are: {reason}", count=kit_of(env).number(count), reason=reason)
        for reason, count in sorted(counts["reasons"].items(), key=lambda item: -item[1])
    ]
    return "\n".join([done_in_words(env, len(counts["converted"]), counts["merged"], counts["created"]), *left])


def done_in_words(env: EnvironmentProtocol, opportunities: int, merged: int, created: int) -> str:
    """What was done, as the toast and the page of the progress say it."""
    number = kit_of(env).number
    parts = [_("1 opportunity") if opportunities == 1 else _("{count} opportunities", count=number(opportunities))]
    if merged:
        parts.append(_("1 duplicate merged") if merged == 1 else _("{count} duplicates merged", count=number(merged)))
    if created:
        parts.append(_("1 customer created") if created == 1 else _("{count} customers created", count=number(created)))
    return ", ".join(parts)


CONVERT = Job(NAME, run, label="Convert leads", attempts=3, stepwise=True)
