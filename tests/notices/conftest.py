"""The small city, with what comes after an act done as the queue would do it, and those who receive it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from mumian.engine.looking import link_after
from mumian.engine.models import Matter
from mumian.engine.perform import Done
from mumian.engine.world import city as installed
from tests.web.conftest import (  # noqa: F401
    _built,
    _catalogue_compiled,
    changed_world,
    city,
    in_chinese,
    in_english,
    visit,
)


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.SITE_URL = "https://city.example"
    settings.PRIVATE_RECEIVERS = True


def link(done: Done) -> str:
    """Where the holder of the secret link of a report comes back to it."""
    row = Matter.objects.get(pk=done.matter)
    secret = link_after(done.matter, installed().procedure(row.procedure, row.version), "report")
    return f"/track/{done.number}/{secret}"


def work(*, tries: int = 1) -> list[str]:
    """Does what is queued, jobs that follow from jobs too, and returns what failed; each is tried so often."""
    failed, tried = [], dict[int, int]()
    while job := ProcrastinateJob.objects.exclude(pk__in=[k for k, n in tried.items() if n >= tries]).first():
        tried[job.pk] = tried.get(job.pk, 0) + 1
        try:
            app.tasks[job.task_name](**job.args)
        except Exception as error:
            failed.append(f"{job.task_name}: {error}")
            continue
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job.pk])
    return failed


@dataclass(slots=True)
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Receiver:
    """A server that keeps what it is sent, and answers with what it is told to."""

    url: str = ""
    got: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    """Statuses still to be given; 201 after them."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            kept.got.append(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            status = kept.answers.pop(0) if kept.answers else 201
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"{kept.url}/elsewhere")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield kept
    server.shutdown()
    server.server_close()


@pytest.fixture
def watch() -> Callable[[], int]:
    """How many statements were sent since the last call."""
    seen = [len(connection.queries_log)]

    def since() -> int:
        seen.append(len(connection.queries_log))
        return seen[-1] - seen[-2]

    return since
