"""The server from outside: reports through HTTP, pages of the board, memory."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
from django.conf import settings
from django.db import connection
from django.test import Client

from mumian.bench.ground import Ground
from mumian.bench.importing import TABLES, empty
from mumian.bench.result import Figure
from mumian.people.models import Person

CLIENTS = 8


@contextmanager
def server() -> Iterator[tuple[int, int]]:
    """A server of its own on a free port; yields port and process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with TemporaryDirectory() as data:
        secrets = Path(data) / "secrets"
        secrets.mkdir()
        environ = {**os.environ, "MUMIAN_DATA": data, "MUMIAN_PUBLIC_RATE": "0"}
        process = subprocess.Popen(
            [sys.executable, "-m", "mumian", "serve", "--port", str(port)],
            env=environ,
            stdout=subprocess.DEVNULL,
        )
        try:
            _wait_for(port, process)
            yield port, process.pid
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(15)
            process.kill()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with code {process.returncode}")
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError("the server did not start within a minute")


def measure_server(ground: Ground, seconds: float) -> list[Figure]:
    """Reports through HTTP for some seconds, and the memory of the server that took them."""
    empty()
    with server() as (port, process):
        _report_for(ground, port, 1.0)
        empty()
        sent, took = _report_for(ground, port, seconds)
        _look_around(port)
        megabytes = resident(process)
    stored = _count()
    assert stored == sent, f"{sent} reports were confirmed, {stored} are stored"
    bare = _bare(min(stored, 4000))
    rate = sent / took
    return [
        Figure(
            "http_report",
            rate,
            "reports/s",
            bare,
            "the same rows by bare psycopg, one transaction each",
            rate / bare,
            "≥ 0.3",
            rate / bare >= 0.3,
        ),
        Figure(
            "server_mb",
            megabytes,
            "MB",
            300.0,
            f"the server with {len(ground.grids):,} grids",
            megabytes / 300,
            "≤ 300 MB",
            megabytes <= 300,
        ),
    ]


def _report_for(ground: Ground, port: int, seconds: float) -> tuple[int, float]:
    """Sends reports from several clients; how many were confirmed, in how many seconds.

    The clients share the machine with what they measure, so they do as little as may be: requests are written
    beforehand, and of an answer only its status and length are read.
    """
    requests = _requests(ground, int(MOST_A_SECOND * seconds))
    counts = [0] * CLIENTS
    start = time.perf_counter()
    end = start + seconds

    def client(number: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as link:
            for request in requests[number::CLIENTS]:
                if time.perf_counter() >= end:
                    return
                link.sendall(request)
                answer = _whole_answer(link)
                if not answer.startswith(b"HTTP/1.1 201"):
                    raise RuntimeError(repr(answer[:500]))
                counts[number] += 1

    with ThreadPoolExecutor(CLIENTS) as threads:
        list(threads.map(client, range(CLIENTS)))
    return sum(counts), time.perf_counter() - start


MOST_A_SECOND = 3000
"""So many requests are made ready for each second."""


def _requests(ground: Ground, count: int) -> list[bytes]:
    """Reports as they go over the wire, each with a key of its own."""
    requests = []
    for number in range(count):
        place = number % len(ground.grids)
        body = json.dumps(
            {
                "procedure": "grid-event",
                "action": "report",
                "channel": "app",
                "key": uuid4().hex,
                "data": {
                    "what": f"第 {place} 件：路灯不亮",
                    "where": {"lon": float(ground.lon[place]), "lat": float(ground.lat[place])},
                },
            }
        ).encode()
        head = (
            "POST /api/v1/matters HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        requests.append(head.encode() + body)
    return requests


def _whole_answer(link: socket.socket) -> bytes:
    """An answer with its body, whose length its head says."""
    answer = link.recv(65536)
    while b"\r\n\r\n" not in answer:
        answer += _more(link)
    head, body = answer.split(b"\r\n\r\n", 1)
    length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    while len(body) < length:
        body += _more(link)
    return head


def _more(link: socket.socket) -> bytes:
    piece = link.recv(65536)
    if not piece:
        raise RuntimeError("the server hung up")
    return piece


def _look_around(port: int) -> None:
    """Opens some pages, so that memory is that of a server at work."""
    for path in ("/", "/report", "/track", "/sign-in", "/api/v1/procedures"):
        link = http.client.HTTPConnection("127.0.0.1", port)
        link.request("GET", path)
        link.getresponse().read()


def _count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM engine_matter")
        return int(cursor.fetchone()[0])


def _bare(count: int) -> float:
    """Transactions a second by which bare psycopg writes the same rows, in one connection."""
    per_table: dict[str, list[list[tuple[object, ...]]]] = {}
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM engine_matter LIMIT %s", [count])
        ids = [row[0] for row in cursor.fetchall()]
    with psycopg.connect(_conninfo(), autocommit=False) as bare:
        bare.execute("SET plan_cache_mode = force_generic_plan")
        for table in TABLES:
            key = (
                "id" if table == "engine_matter" else "subject" if table.startswith("record") else "matter_id"
            )
            text = {
                column.name: f'"{column.name}"::text' if column.type_code == 3802 else f'"{column.name}"'
                for column in bare.execute(f"SELECT * FROM {table} LIMIT 0").description or []
            }
            rows: dict[object, list[tuple[object, ...]]] = {}
            sql = f"SELECT {key}, {', '.join(text.values())} FROM {table} WHERE {key} = ANY(%s)"
            for row in bare.execute(sql, [ids]):
                rows.setdefault(row[0], []).append(tuple(row[1:]))
            per_table[table] = [rows.get(owner, []) for owner in ids]
        bare.rollback()
        empty()
        statements = {
            table: f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(next((r[0] for r in all_rows if r), ())))})"
            for table, all_rows in per_table.items()
        }
        start = time.perf_counter()
        for number in range(len(ids)):
            with bare.transaction():
                for table, all_rows in per_table.items():
                    for values in all_rows[number]:
                        bare.execute(statements[table], values)
        return len(ids) / (time.perf_counter() - start)


def _conninfo() -> str:
    return str(connection.connection.info.dsn)


def resident(process: int) -> float:
    """Megabytes of memory that a process holds (Linux: VmRSS)."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {process} says nothing of its memory")


# --- the board ------------------------------------------------------------------------------------------

_CLONE = """
INSERT INTO engine_matter (id, number, procedure, version, state, seq, head, title, place, desk, lon, lat, category,
  unit_id, channel, data, opened_at, entered_at, closed_at, outcome, due_at, late, parent, children_open, reports,
  merged_into, mark)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(s.n), 12, '0'))::uuid, m.number, m.procedure, m.version,
  CASE WHEN open THEN m.state ELSE 'closed' END, m.seq, m.head, m.title, g.code, left(g.code, 9), m.lon, m.lat,
  m.category, m.unit_id, m.channel, m.data, m.opened_at - age, m.entered_at - age,
  CASE WHEN open THEN NULL ELSE m.opened_at - age + interval '2 days' END, CASE WHEN open THEN '' ELSE 'fixed' END,
  CASE WHEN open THEN m.due_at - age / 100 END, false, NULL, 0, 1, NULL, NULL
FROM (SELECT n, n %% 50 = 0 AS open, make_interval(secs => n * 30) AS age FROM generate_series(1, %s) n) s
JOIN (SELECT *, row_number() OVER () - 1 AS r FROM engine_matter LIMIT 100) m ON m.r = s.n %% 100
JOIN (SELECT code, row_number() OVER (ORDER BY code) - 1 AS r FROM place_place WHERE level = 15) g
  ON g.r = (s.n::bigint * 7919) %% (SELECT count(*) FROM place_place WHERE level = 15)
"""


def measure_board(ground: Ground, few: int, many: int) -> Figure:
    """Milliseconds for a page of the board, with many matters and with few."""
    from mumian.engine.perform import Act, perform
    from mumian.people.actor import ANYONE

    settings.ALLOWED_HOSTS.append("testserver")
    times = {}
    for count in (few, many):
        empty()
        perform(
            [
                Act(
                    "report",
                    ANYONE,
                    {"what": f"第 {n} 件", "where": {"place": ground.grids[n]}},
                    opens="grid-event",
                )
                for n in range(100)
            ],
            quiet=True,
        )
        with connection.cursor() as cursor:
            cursor.execute(_CLONE, [count])
            cursor.execute("VACUUM ANALYZE engine_matter")
        times[count] = _page(ground)
    ratio = times[many] / times[few]
    return Figure(
        "board",
        times[many] * 1000,
        "ms",
        times[few] * 1000,
        f"the same page with {few:,} matters instead of {many:,}",
        ratio,
        "≤ 1.5 ×",
        ratio <= 1.5,
    )


def _page(ground: Ground) -> float:
    client = Client()
    person = ground.dispatcher.person
    assert isinstance(person, Person)
    client.force_login(person)
    took = []
    for _ in range(30):
        start = time.perf_counter()
        answer = client.get("/board")
        took.append(time.perf_counter() - start)
        assert answer.status_code == 200, answer.status_code
    return median(took[5:])
