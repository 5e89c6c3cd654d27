"""A process of its own that takes numbers of a sequence: `numbering.py URL SEQUENCE COUNT`, one transaction each.

It says when it is ready, begins when a line comes in, and prints the numbers as JSON. Of work that is taken back it
keeps none: every fifth number is taken once more before, in a transaction that fails.
"""

import json
import sys

from core.addon.instance import Instance


class TakenBack(Exception):
    """The work is not kept."""


def main(url: str, sequence: int, count: int) -> list[str]:
    instance = Instance.open(url)
    print("ready", flush=True)
    sys.stdin.readline()
    found = []
    for number in range(count):
        if number % 5 == 0:
            try:
                with instance.environment() as env:
                    env.next_number(sequence)
                    raise TakenBack
            except TakenBack:
                pass
        with instance.environment() as env:
            found.append(env.next_number(sequence))
    instance.close()
    return found


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
