"""What the web application is told about its surroundings; the process's settings say where each value came from."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from core.config import Settings


@dataclass(frozen=True, slots=True)
class WebConfig:
    """`base_url` is the public address (empty: the request's); `trusted_proxies` counts proxies in front.

    `secure_cookies`: "always", "never", or "auto": Secure when the request or the base URL is https.
    `max_upload` is the size of the largest request, in megabytes.
    """

    base_url: str = ""
    trusted_proxies: int = 0
    secure_cookies: str = "auto"
    session_days: int = 30
    max_upload: int = 25

    @classmethod
    def from_settings(cls, settings: Settings) -> WebConfig:
        """The part of the process's settings that concerns the web."""
        return cls(
            settings["base_url"].rstrip("/"),
            settings.number("trusted_proxies"),
            settings["secure_cookies"],
            settings.number("session_days"),
            settings.number("max_upload"),
        )

    def secure(self, scheme: str) -> bool:
        """Whether cookies of a request with this scheme are marked Secure."""
        if self.secure_cookies == "auto":
            return scheme == "https" or self.base_url.startswith("https:")
        return self.secure_cookies == "always"

    def allows_origin(self, origin: str, host_url: str) -> bool:
        """Whether a form sent from `origin` (scheme and host) comes from a page of this application."""
        return origin.rstrip("/") in {_origin(host_url), _origin(self.base_url)} - {""}


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
