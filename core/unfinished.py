"""Files that get their name when they are whole: written beside it under a name of their own, which nobody else has."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import Refusal
from core.i18n import _

PRIVATE = 0o600  # for its owner alone

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


@contextmanager
def whole(path: Path, *, mode: int = 0o666) -> Iterator[Path]:
    """Give an empty file to write to, which gets the name `path` at the end of the block, or goes when it raises.

    `mode` are its rights, less those that the process withholds from all its files.

    :raises Refusal: something has the name, or it cannot be written.
    """
    if os.path.lexists(path):
        raise _taken(path)
    unfinished = beside(path)
    try:
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
        try:
            yield unfinished
            give_name(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)
    except FileExistsError as error:
        raise _taken(path) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise Refusal(_("{path} cannot be written: {reason}.", path=path, reason=reason)) from error


def _taken(path: Path) -> Refusal:
    return Refusal(_("{path} exists already.", path=path), hint=_("Give another name, or remove the file."))
