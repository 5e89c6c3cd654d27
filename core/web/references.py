"""References of requests: short enough to read out on the phone, shown on error pages and written to the log."""

from __future__ import annotations

import secrets

# Crockford's base 32: no I, L, O, U, so a reference is never misread and never a word.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_reference() -> str:
    """A random reference such as `7QK2-M4XD`."""
    symbols = [secrets.choice(ALPHABET) for _symbol in range(8)]
    return f"{''.join(symbols[:4])}-{''.join(symbols[4:])}"
