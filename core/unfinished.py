"""Files that get their name when they are whole: written beside it under a name of their own, which nobody else has."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

_SHOWN = 40  # characters of the final name, so that people know what was left by a process that was killed


def beside(path: Path) -> Path:
    """A name in the same folder that nothing has."""
    return path.with_name(f"{path.stem[:_SHOWN]}-{secrets.token_hex(8)}.part")


def give_name(unfinished: Path, path: Path) -> None:
    """Give a file that is whole its name, and overwrite nothing.

    :raises FileExistsError: something has the name, or got it meanwhile.
    :raises OSError: the folder refuses.
    """
    try:
        os.link(unfinished, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links: the name is claimed first
        path.touch(exist_ok=False)
        try:
            unfinished.replace(path)
        except OSError:
            path.unlink(missing_ok=True)
            raise
    else:
        unfinished.unlink()
