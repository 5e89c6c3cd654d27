"""Converting a thousand leads in the background: duplicates merged, customers made, three salespeople in turn."""

from __future__ import annotations

import time

from addons.crm.conversion.convert import Conversion
from addons.crm.conversion.job import convert_later
from bench.timing import Figure
from core.addon.instance import Instance
from core.jobs.worker import Worker

LEADS = 1_000
PROMISED_SECONDS = 10.0
TWIN_EACH = 5  # of five leads one has the e-mail address of the one before it


def measure(instance: Instance) -> list[Figure]:
    """Microseconds a lead takes, against what was promised."""
    with instance.environment() as env:
        rows = env["crm.lead"].create_many([_lead(number) for number in range(LEADS)])
        users = tuple(
            env["res.users"].create(login=f"converter{number}", name=f"Seller {number}", groups=[env.ref("crm.own")]).id
            for number in range(3)
        )
        job = convert_later(env, [row.id for row in rows], Conversion(users=users, deduplicate=True))
    started = time.perf_counter()
    Worker(instance).work_off()
    seconds = time.perf_counter() - started
    with instance.environment(superuser=True) as env:
        state = env["core.job"].read_ids([job], ["state", "error"])[job]
        left = env["crm.lead"].count("type == 'lead' and startswith(name, 'Bulk')")
    if state["state"] != "done" or left:
        raise RuntimeError(f"{left} leads are left, the job is {state}")
    name = f"convert a lead, of {LEADS:,} ({PROMISED_SECONDS:.0f} s)"
    return [Figure(name, seconds / LEADS * 1e6, PROMISED_SECONDS / LEADS * 1e6, 1.0)]


def _lead(number: int) -> dict[str, object]:
    twin = number - 1 if number % TWIN_EACH == TWIN_EACH - 1 else number
    return {
        "name": f"Bulk {number}",
        "type": "lead",
        "user": None,
        "email_from": f"person{twin}@company{twin % 300}.com",
        "contact_name": f"Person {twin}",
        "partner_name": f"Company {twin % 300}",
        "phone": f"+3312345{number:04}",
        "city": "Paris",
    }
