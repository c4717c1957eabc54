"""The city that is measured: the demo city's places, units and people, and reports made up for it."""

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from mumian.engine import world
from mumian.engine.models import Kind
from mumian.intake.mapping import Mapping
from mumian.people.models import Organisation, Post
from mumian.place.codes import Level
from mumian.place.loading import current_atlas

START = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Ground:
    """What measurements stand on."""

    grids: Sequence[str]
    lon: np.ndarray
    lat: np.ndarray
    """One point inside each grid, degrees."""
    kinds: Sequence[Kind]
    unit: Organisation
    dispatcher: Post
    """The post for which `here` are the grids of its desk."""
    here: Sequence[str]


def prepare(scale: str) -> Ground:
    """Builds the demo city without its matters, and picks the points and people to measure with."""
    from mumian import demo

    demo.build(scale, matters=False)
    world.forget()
    atlas = current_atlas()
    grids = atlas.below("", Level.GRID)
    centres = np.array([atlas[code].centre for code in grids])
    dispatcher = Post.objects.select_related("role", "organisation").filter(
        role="dispatcher", place__regex=r"^\d{9}$"
    )[0]
    unit = Organisation.objects.filter(place=dispatcher.place).exclude(kind="").order_by("pk")[0]
    kinds = list(Kind.objects.filter(code__contains=".").order_by("code"))
    here = [code for code in grids if code.startswith(dispatcher.place)]
    return Ground(grids, centres[:, 0], centres[:, 1], kinds, unit, dispatcher, here)


CHANNELS = ("12345", "web", "app", "grid")
PHRASES = ("门口", "路边", "楼下", "市场旁", "小学对面", "公交站旁", "河边", "地铁口")


def write_reports(file: Path, ground: Ground, rows: int, *, seed: int = 1) -> None:
    """A CSV of made-up reports: id, time, longitude, latitude, sentence, channel. Streamed."""
    chance = random.Random(seed)
    words = [(kind.title, [*kind.keywords.get("zh", []), kind.title]) for kind in ground.kinds]
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "time", "lon", "lat", "text", "channel"])
        for number in range(rows):
            place = chance.randrange(len(ground.grids))
            _, keywords = words[chance.randrange(len(words))]
            text = f"{chance.choice(PHRASES)}{chance.choice(keywords)}，已经{chance.randrange(2, 30)}天了，请尽快处理"
            at = START + timedelta(seconds=17 * number)
            writer.writerow(
                [
                    number,
                    at.isoformat(),
                    f"{ground.lon[place]:.6f}",
                    f"{ground.lat[place]:.6f}",
                    text,
                    chance.choice(CHANNELS),
                ]
            )


MAPPING = Mapping.model_validate(
    {
        "mapping": "bench",
        "procedure": "grid-event",
        "source": "bench",
        "key": ["id"],
        "zone": "Asia/Shanghai",
        "what": "text",
        "channel": "channel",
        "place": {"point": {"lon": "lon", "lat": "lat"}},
        "times": {"reported": "time"},
    }
)
