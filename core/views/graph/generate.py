"""The template of a graph: frames alone, since everything it shows comes with the page."""

from __future__ import annotations

from pathlib import Path

from core.views.graph.arch import GraphArch
from core.views.template import Builder

FRAMES = Path(__file__).with_name("frames")


def generate(view: GraphArch, builder: Builder) -> str:
    """The text of the template; its macro is `whole`."""
    frames = (builder.frame(FRAMES, name) for name in ("patterns", "drawing", "table", "graph"))
    return builder.shared("empty") + "".join(frames)
