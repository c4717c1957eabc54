"""A worker killed in the midst of incidents: after the next start all alerts that are due are sent, each once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from mumian.engine.models import Matter
from mumian.record.models import Entry
from mumian.record.verifying import verify_all
from mumian.systems.response.models import Alert
from tests.systems.response.emergency import Emergency, do, found, raised
from tests.web import city as small

UNITS, AT_ONCE, KILLS = 60, 4, 2
LATER = 5
"""Units called to what is serious after a minute."""

pytestmark = pytest.mark.django_db(transaction=True)
RUN = """
import django
django.setup()
from mumian.cli import running
with running.working():
    running.wait_for_the_end()
"""
Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def here() -> Emergency:
    return found(small.found(), {f"u{number}": 10 + number for number in range(UNITS)})


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts what `mumian work` starts, on the test's database."""
    info = connection.connection.info
    password = f":{quote(info.password, safe='')}" if info.password else ""
    url = (
        f"postgresql://{quote(info.user)}{password}@/{info.dbname}"
        f"?host={quote(info.host, safe='')}&port={info.port}"
    )
    started = []

    def work() -> subprocess.Popen[bytes]:
        environ = {
            **os.environ,
            "DATABASE_URL": url,
            "MUMIAN_DATA": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "mumian.settings",
        }
        process = subprocess.Popen([sys.executable, "-c", RUN], env=environ)
        started.append(process)
        return process

    yield work
    for process in started:
        process.kill()
        process.wait()


def test_alerts_due_are_sent_once_though_the_worker_is_killed_again_and_again(
    here: Emergency, start: Start
) -> None:
    chance, incidents = random.Random(20261118), list[UUID]()
    for _ in range(KILLS):
        # the third ring falls due a few seconds from now, when the worker is dead
        new = [raised(at=timezone.now() - timedelta(seconds=55)) for _ in range(AT_ONCE)]
        incidents += new
        process = start()
        until(Alert.objects.filter(incident__in=new).exists)
        time.sleep(chance.uniform(0.0, 0.1))
        process.send_signal(signal.SIGKILL)
        process.wait()
    one = Alert.objects.select_related("unit__organisation").earliest("alerted_at")
    do("arrive", here.actor(one.unit.organisation.name_en), one.matter, at=timezone.now())
    time.sleep(1)
    ProcrastinateJob.objects.filter(status="todo").delete()  # and the queue itself is lost

    start()
    others = [each for each in incidents if each != one.incident]
    until(lambda: all(len(called(each)) >= LATER for each in others) and state(one.incident) == "attended")

    sent = Counter(Entry.objects.filter(action="alert").values_list("subject", flat=True))
    assert set(sent.values()) == {1}
    assert set(sent) == set(Alert.objects.values_list("matter", flat=True))
    assert set(sent) == set(Matter.objects.filter(procedure="unit-alert").values_list("pk", flat=True))
    active = list(Alert.objects.filter(ended_at=None).values_list("unit", flat=True))
    assert len(active) == len(set(active))
    widened = Counter(
        (subject, body["data"]["ring"])
        for subject, body in Entry.objects.filter(action="widen").values_list("subject", "body")
    )
    assert set(widened.values()) == {1}
    assert list(verify_all()) == []


def called(incident: UUID) -> list[int]:
    return list(Alert.objects.filter(incident=incident).values_list("unit", flat=True))


def state(incident: UUID) -> str:
    return Matter.objects.get(pk=incident).state


def until(holds: Callable[[], bool]) -> None:
    """Waits until something holds, as long as a slow machine may take."""
    ends = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < ends, "it never came to that"
        time.sleep(0.02)
