"""Time zones as users and companies name them."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def is_zone(name: str | None) -> bool:
    """Whether the name is empty or one of the IANA time zone database, such as `Europe/Paris`."""
    if not name:
        return True
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
