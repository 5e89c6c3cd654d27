"""The picture beside the forms of people who are not signed in: tiles, denser towards the lower end."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random

TONES = ("lapis", "sky", "sage", "ochre", "terracotta", "stone", "stone", "stone")
SOLID_TONES = ("teal", "moss", "ochre", "plum", "terracotta", "stone")
ROWS, COLUMNS = 20, 16
SIZE = 40


@dataclass(frozen=True, slots=True)
class Tile:
    """A square of the picture by its upper left corner, in the units of its view box."""

    x: int
    y: int
    tone: str
    solid: bool


@cache
def mosaic() -> tuple[Tile, ...]:
    """The tiles, the same each time."""
    chance = Random(7)
    tiles = []
    for row in range(ROWS):
        for column in range(COLUMNS):
            if chance.random() < 0.12 + 0.028 * row + 0.022 * column:
                solid = chance.random() < 0.06
                tone = chance.choice(SOLID_TONES if solid else TONES)
                tiles.append(Tile(2 + SIZE * column, 2 + SIZE * row, tone, solid))
    return tuple(tiles)
