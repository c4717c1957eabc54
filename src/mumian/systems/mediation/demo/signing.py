"""Signatures of the demo city's people: a line drawn by hand, another for every name."""

from functools import lru_cache
from io import BytesIO
from random import Random
from zlib import crc32

from PIL import Image, ImageDraw

from mumian.engine.files import keep

HANDS = 12
"""So many hands write differently."""


def signature(name: str) -> list[str]:
    """What one of this name draws, kept as the answer of an act."""
    return [_drawn(crc32(name.encode()) % HANDS)]


@lru_cache(maxsize=HANDS)
def _drawn(hand: int) -> str:
    rng, picture, out = Random(hand), Image.new("RGB", (480, 180), "white"), BytesIO()
    strokes = [(40 + step * 40 + rng.randint(-8, 8), rng.randint(40, 140)) for step in range(11)]
    ImageDraw.Draw(picture).line(strokes, fill="black", width=6, joint="curve")
    picture.save(out, "PNG")
    out.seek(0)
    return keep(out, "signature.png").sha256
