"""How fast help is chosen, covered and sited, on made-up cities of a real city's size.

Times are of the processor, not of the clock, for the machine may be shared; the minute of incidents also says
what those who waited saw.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mumian.bench.result import Figure, best
from mumian.systems.response.coverage import HOURS, Ground, Places, cover_week
from mumian.systems.response.network import EARTH, Edges, Floats, Mode, Network
from mumian.systems.response.siting import Status, cover_most

if TYPE_CHECKING:
    from mumian.bench.ground import Ground as City

METRE = float(np.degrees(1 / EARTH))
"""Degrees of latitude, and of longitude at the equator, that make a metre."""


def measurements(city: City, *, quick: bool) -> Mapping[str, Callable[[], list[Figure]]]:
    """What `mumian bench` measures of response, by name; in the database that is measured, at a grid of its city."""
    small = {"units": 400, "responders": 3_000, "nodes": 900, "incidents": 60} if quick else {}
    alone = {"alone": 20} if quick else {}
    return {
        "response_call": lambda: measure_calling(city.here[0], **small, **alone),
        "response_cover": lambda: measure_coverage(**{"units": 30, "nodes": 900} if quick else {}),
        "response_siting": lambda: measure_siting(**{"points": 60, "sites": 40} if quick else {}),
    }


def square_city(side: int, block: float = 100.0, *, speed: float = 5 / 3.6, winding: float = 0.0) -> Network:
    """`side` × `side` crossings `block` metres apart near (0, 0), every street walked both ways at `speed` metres a
    second, and longer than it looks by up to `winding` of its length."""
    number = np.arange(side * side, dtype=np.int32).reshape(side, side)
    start = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    end = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    row, column = np.divmod(np.column_stack([start, end]).ravel(), side)
    metres = block * np.random.default_rng(1).uniform(1.0, 1.0 + winding, len(start))
    return Network(
        Mode.WALK,
        Edges(
            start=start,
            end=end,
            metres=metres,
            forward=metres / speed,
            backward=metres / speed,
            name=np.zeros(len(start), dtype=np.int32),
            names=np.array([""]),
            shape=2 * np.arange(len(start) + 1, dtype=np.int64),
            lon=column * block * METRE,
            lat=row * block * METRE,
        ),
    )


def measure_calling(
    place: str,
    *,
    units: int = 23_000,
    responders: int = 290_000,
    nodes: int = 50_000,
    alone: int = 300,
    incidents: int = 3_000,
    rate: int = 50,
    workers: int = 4,
) -> list[Figure]:
    """Choosing through the database named by the settings, which is filled for it at a place of the city: first one
    incident after another, for the time of the processor that choosing and reserving takes here and in the
    database; then `rate` a second, each raised, looked at and its alerts stored by several workers."""
    from django.test.utils import override_settings

    random = np.random.default_rng(5)
    network = square_city(round(nodes**0.5), winding=0.5)
    with tempfile.TemporaryDirectory() as folder, override_settings(DATA=Path(folder)):
        (Path(folder) / "roads").mkdir()
        network.save(Path(folder) / "roads" / "walk.npz")
        fill(network, place, units, responders)
        own, theirs = _choose_alone(network, alone, random)
        waited, lost, double, sent = _rush(network, place, incidents, rate, workers, random)
    size = f"{units:,} units, {responders:,} responders in the database, {network.nodes:,} nodes"
    median, p99 = (float(np.percentile(own, at)) + theirs for at in (50, 99))
    seen = (
        f"clock: alerts stored {np.percentile(waited, 50):.0f} ms after the call at the median, "
        f"{np.percentile(waited, 99):.0f} ms at p99; {sent:,} sent"
    )
    return [
        _figure("response_call_median", median, "ms CPU", f"{size}; {theirs:.1f} ms of it there", 5.0),
        _figure("response_call_p99", p99, "ms CPU", size, 20.0),
        _figure("response_call_lost_or_double", lost + double, f"of {incidents:,}", f"{rate}/s; {seen}", 0.0),
    ]


def measure_coverage(*, units: int = 1_000, nodes: int = 50_000) -> list[Figure]:
    """Every crossing of a city as a point: an hour, and a week of 168 different rosters, searches included."""
    random = np.random.default_rng(6)
    network = square_city(round(nodes**0.5), winding=0.5)
    number, side = np.arange(network.nodes), round(network.nodes**0.5)
    points = Places(number % side * 100.0 * METRE, number // side * 100.0 * METRE)
    ground = Ground(network, points, random.integers(0, 900, len(points)))
    placed = Places(*_anywhere(network, units, random))
    ground.hour(placed[:1])  # what is built once is built before
    hour = best(5, lambda: _processor(lambda: ground.hour(placed)))
    duty = random.random((HOURS, units)) < 0.6
    week = best(2, lambda: _processor(lambda: cover_week(ground.reach(placed), duty, ground.people)))
    size = f"{units:,} units, {len(points):,} points on {network.nodes:,} nodes"
    return [
        _figure("response_cover_hour", hour, "s CPU", size, 0.2),
        _figure("response_cover_week", week, "s CPU", f"{size}, 168 different rosters", 10.0),
    ]


def measure_siting(*, points: int = 1_000, sites: int = 500) -> list[Figure]:
    """MCLP proved optimal on random cities, the slowest of several radii and numbers of units."""
    slowest, hardest, proved = 0.0, "", True
    for seed, (radius, count) in enumerate([(0.5, 20), (0.8, 30), (1.0, 15), (1.5, 10)]):
        random = np.random.default_rng(seed)
        where, place = random.uniform(0, 10, (points, 1, 2)), random.uniform(0, 10, (1, sites, 2))
        reach = np.hypot(*np.moveaxis(where - place, 2, 0)) <= radius
        plan = cover_most(reach, random.integers(1, 1000, points), count, limit=60.0)
        proved &= plan.status is Status.OPTIMAL
        if plan.seconds > slowest:
            slowest, hardest = plan.seconds, f"{count} units reaching {radius} of 10 km, gap {plan.gap:.1e}"
    figure = _figure("response_siting", slowest, "s", f"{points:,} × {sites:,}: {hardest}", 30.0)
    return [replace(figure, met=figure.met and proved)]


def fill(network: Network, place: str, units: int, responders: int) -> None:
    """Puts units anywhere in a network into the database, as if they stood at a place: six in ten with somebody on
    the roster now, one in five for accidents and illness alone."""
    from django.db import connection

    from mumian.engine import world

    edges = network.edges
    given = {
        "place": place, "units": units, "each": responders // units,
        "west": edges.lon.min(), "broad": np.ptp(edges.lon), "south": edges.lat.min(), "tall": np.ptp(edges.lat),
    }  # fmt: skip
    with connection.cursor() as cursor:
        for statement in _FILL:
            cursor.execute(statement, given)
    world.changed()


_FILL = (
    """INSERT INTO people_organisation (code, name, name_en, kind, place, lineage, active)
    SELECT 'measured-' || n, '单元' || n, '', 'emergency-unit', %(place)s, '{}', true
    FROM generate_series(1, %(units)s) n ON CONFLICT DO NOTHING""",
    """INSERT INTO response_emergencyunit (organisation_id, premises, lon, lat, kinds, equipment, leader, phone, active)
    SELECT id, '', %(west)s + random() * %(broad)s, %(south)s + random() * %(tall)s,
        CASE WHEN random() < 0.2 THEN '{03,05}'::text[] ELSE '{}' END, '{}', '', '', true
    FROM people_organisation WHERE code LIKE 'measured-%%' ON CONFLICT DO NOTHING""",
    """INSERT INTO response_responder (unit_id, name, phone, skills, duty, shares)
    SELECT u.organisation_id, '队员' || n, n::text, '{}', 'roster', false
    FROM response_emergencyunit u, generate_series(1, %(each)s) n ON CONFLICT DO NOTHING""",
    """INSERT INTO response_shift (unit_id, responder_id, during, offered)
    SELECT unit_id, min(id), tstzrange(now() - interval '1 hour', now() + interval '12 hours'), false
    FROM response_responder GROUP BY unit_id HAVING random() < 0.6""",
    "ANALYZE people_organisation, response_emergencyunit, response_responder, response_shift, response_alert",
)


def _choose_alone(network: Network, count: int, random: np.random.Generator) -> tuple[Floats, float]:
    """Milliseconds of our processor for each choice with its reservation, and of the database's at the mean.

    Chosen for what `serious` wants at once; what is reserved is taken back at the end.
    """
    import psutil
    from django.db import connection, transaction
    from django.utils import timezone

    from mumian.engine.perform import new_id
    from mumian.systems.response.alerting import reserve
    from mumian.systems.response.nearest import Spot, nearest

    spent, places = np.empty(count), np.column_stack(_anywhere(network, count + 1, random)).tolist()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = psutil.Process(cursor.fetchone()[0])
        for number, (lon, lat) in enumerate(places, start=-1):
            if number == 0:  # what is loaded once is loaded before
                before = sum(backend.cpu_times()[:2])
            started, now = time.process_time(), timezone.now()
            reserve(nearest(Spot(lon, lat, "05.01"), now, {60: 1, 180: 2}), new_id(), now)
            spent[number] = (time.process_time() - started) * 1e3
        theirs = (sum(backend.cpu_times()[:2]) - before) / count * 1e3
        transaction.set_rollback(True)
    return spent, theirs


def _rush(
    network: Network, place: str, count: int, rate: int, workers: int, random: np.random.Generator
) -> tuple[Floats, int, int, int]:
    """Milliseconds until the alerts of each incident were stored; how many were lost, sent twice, and sent."""
    from django.db import connection
    from django.utils import timezone

    from mumian.engine.perform import Act, Done, perform
    from mumian.engine.visible import visible
    from mumian.people.actor import ANYONE, SYSTEM
    from mumian.systems.response.acting import look_again
    from mumian.systems.response.models import Alert

    places, waited = np.column_stack(_anywhere(network, count, random)).tolist(), np.full(count, np.inf)
    begun, since = time.perf_counter(), timezone.now()

    def call(number: int) -> None:
        lon, lat = places[number]
        due = begun + number / rate
        time.sleep(max(0.0, due - time.perf_counter()))
        where = {"place": place, "lon": lon, "lat": lat}
        said = {"what": "有人倒下", "category": "05.01", "gravity": "serious", "where": where}
        [done] = perform([Act("raise", ANYONE, said, opens="incident")])
        if isinstance(done, Done):
            look_again(done.matter)
            waited[number] = (time.perf_counter() - due) * 1e3
        connection.close()

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(call, range(count)))
    looked_at = visible(SYSTEM).filter(procedure="incident", opened_at__gte=since, data__ring__gte=2)
    alerts = Alert.objects.filter(alerted_at__gte=since, ended_at=None)
    sent = list(alerts.values_list("unit", flat=True))
    return waited, count - looked_at.count(), len(sent) - len(set(sent)), len(sent)


def _processor(work: Callable[[], object]) -> float:
    """Seconds of processor time that the work takes."""
    started = time.process_time()
    work()
    return time.process_time() - started


def _anywhere(network: Network, count: int, random: np.random.Generator) -> tuple[Floats, Floats]:
    edges = network.edges
    lon = random.uniform(edges.lon.min(), edges.lon.max(), count)
    return lon, random.uniform(edges.lat.min(), edges.lat.max(), count)


def _figure(name: str, value: float, unit: str, what: str, most: float) -> Figure:
    """A figure that is held against a bound, not against another program."""
    return Figure(name, value, unit, None, what, None, f"≤ {most:g}", value <= most)
