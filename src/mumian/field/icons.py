"""The app's icon as a picture: the kapok flower of the mark, drawn in the size a phone asks for."""

import math
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw

SIZES = (180, 192, 512)
FINE = 4
"""Drawn so many times larger, then made smaller, so that its edges are smooth."""
PAPER, PETAL, RING, HEART = "#FBF8F3", "#B3261E", "#E9B44C", "#7A1712"

# The petal of web/mark.svg: two curves out, one across, two back.
_CURVES = [
    ((0, -2.6), (4.4, -4), (7.4, -9), (5, -13.4)),
    ((5, -13.4), (3.6, -15.8), (-3.6, -15.8), (-5, -13.4)),
    ((-5, -13.4), (-7.4, -9), (-4.4, -4), (0, -2.6)),
]


@cache
def icon(size: int) -> bytes:
    """A PNG of `size` pixels; the flower keeps to the middle, so that a phone may cut any shape out of it."""
    side = size * FINE
    picture = Image.new("RGB", (side, side), PAPER)
    pen, scale = ImageDraw.Draw(picture), side / 44
    for petal in range(5):
        turn = math.radians(72 * petal)
        pen.polygon([_at(point, turn, side, scale) for point in _outline()], fill=PETAL)
    for radius, colour in ((4.1, RING), (1.5, HEART)):
        reach = radius * scale
        pen.ellipse([side / 2 - reach, side / 2 - reach, side / 2 + reach, side / 2 + reach], fill=colour)
    held = BytesIO()
    picture.resize((size, size), Image.Resampling.LANCZOS).save(held, "PNG", optimize=True)
    return held.getvalue()


def _outline(steps: int = 24) -> list[tuple[float, float]]:
    """The petal as a polygon."""
    points = []
    for (x0, y0), (x1, y1), (x2, y2), (x3, y3) in _CURVES:
        for step in range(steps):
            t = step / steps
            a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3
            points.append((a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3))
    return points


def _at(point: tuple[float, float], turn: float, side: int, scale: float) -> tuple[float, float]:
    x, y = point
    return (
        side / 2 + scale * (x * math.cos(turn) - y * math.sin(turn)),
        side / 2 + scale * (x * math.sin(turn) + y * math.cos(turn)),
    )
