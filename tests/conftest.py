"""What every test may ask for: the shared real data, a database, and a budget of queries."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from math import inf
from pathlib import Path
from typing import Any, TypeAlias

import hypothesis
import pytest
from django.utils import translation

ROOT = Path(__file__).resolve().parents[1]
QUERY_COUNTS = ROOT / "tests" / "query_counts.json"
NO_BROWSER = "no browser can be had on this machine"
QueryBudget: TypeAlias = Callable[[str], AbstractContextManager[None]]

# Several processes test at once; threads of theirs would only wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

hypothesis.settings.register_profile("mumian", deadline=None)  # a test asserts behaviour, never time
hypothesis.settings.load_profile("mumian")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-query-counts",
        action="store_true",
        help=f"write the number of queries found into {QUERY_COUNTS.name} instead of comparing",
    )
    parser.addoption(
        "--other-server",
        action="store_true",
        help="only what can differ from one version of PostgreSQL to another",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: a test often waits for a browser, a server or another process."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what uses the database, whether it asks by mark or by fixture; choose what another server is tried with."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") or fixtures & {"db", "transactional_db", "live_server"}:
            item.add_marker("database")
    if config.getoption("--other-server"):
        chosen = dict.fromkeys(_for_another_server(items))
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=_turn)


LONG_FIRST = ("demo", "browser", "cli", "intake", "systems")
"""The rooms whose files take long are given out first, so that no process is left alone with one at the end."""


def _turn(item: pytest.Item) -> int:
    room = item.path.relative_to(ROOT / "tests").parts[0]
    return LONG_FIRST.index(room) if room in LONG_FIRST else len(LONG_FIRST)


SPEAK_SQL = ("database", "engine", "insight", "intake", "people", "place", "record")
"""The rooms whose every test may tell servers apart."""
THROUGH_OTHERS = (
    "api/test_acts.py", "api/test_callers.py", "api/test_matters.py", "api/test_problems.py",
    "open311/test_services.py", "systems/guidance/test_pages.py", "systems/mediation/test_bad_input.py",
    "web/test_around.py", "web/test_last_words.py", "web/test_matter.py", "web/test_procedures.py",
    "web/test_query_counts.py",
)  # fmt: skip
"""Tests of doors that send no statement which another test does not send too."""


def _for_another_server(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Every statement of the program at least once: of a door, a test once, whatever its parameters."""
    seen = set[str]()
    for item in items:
        file = item.path.relative_to(ROOT / "tests").as_posix()
        if not item.get_closest_marker("database") or file.startswith(("browser/", *THROUGH_OTHERS)):
            continue
        name = item.nodeid if file.startswith(SPEAK_SQL) else item.nodeid.partition("[")[0]
        if name not in seen:
            seen.add(name)
            yield item


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly which pages were not tried for want of a browser."""
    skipped = terminalreporter.stats.get("skipped", [])
    if names := [report.nodeid for report in skipped if NO_BROWSER in str(report.longrepr)]:
        terminalreporter.section("NO BROWSER: these tests did NOT run", sep="!", red=True, bold=True)
        for name in names:
            terminalreporter.line(name)
        terminalreporter.line(
            "Install Chromium (Debian: apt-get install chromium fonts-noto-cjk), then run again."
        )


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the project; tests that read it are skipped where it is absent."""
    folder = ROOT.parent / "shared"
    if not (folder / "data").is_dir():
        pytest.skip(f"the real data are not here: {folder}/data")
    return folder


@pytest.fixture
def looked_around(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process asks once a second, whether the city has changed, is not asked in between.

    So that a number of queries does not hang on the machine's speed.
    """
    from mumian.engine import world
    from mumian.place import loading

    monkeypatch.setattr(world, "LOOK_AGAIN_SECONDS", inf)
    monkeypatch.setattr(loading, "FRESH_FOR", inf)


@pytest.fixture
def query_budget(request: pytest.FixtureRequest, looked_around: None) -> QueryBudget:
    """`with query_budget("board"):` fails where the block sends more queries than the baseline allows.

    The baseline is `tests/query_counts.json`; `--update-query-counts` writes it.
    """
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from mumian.engine import counting

    @contextmanager
    def within(name: str) -> Iterator[None]:
        counting._numbers = (0, iter(()))
        counting.next_number(
            b"any key"
        )  # so that it does not hang on how many numbers others left of the block
        with CaptureQueriesContext(connection) as found:
            yield
        allowed: dict[str, int] = json.loads(QUERY_COUNTS.read_text()) if QUERY_COUNTS.exists() else {}
        if request.config.getoption("--update-query-counts"):
            counts = dict(sorted({**allowed, name: len(found)}.items()))
            QUERY_COUNTS.write_text(json.dumps(counts, indent=2, ensure_ascii=False) + "\n")
            return
        if len(found) <= allowed.get(name, -1):
            return
        listing = "\n".join(f"{n:3}  {query['sql']}" for n, query in enumerate(found.captured_queries, 1))
        baseline = allowed.get(name, "no")
        pytest.fail(
            f"{name}: {len(found)} queries, the baseline allows {baseline}. If they are needed, run pytest "
            f"--update-query-counts and commit {QUERY_COUNTS.name}.\n{listing}",
            pytrace=False,
        )

    return within


@pytest.fixture
def papers_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Papers are made in the test's own process; that another makes them is what `tests/papers` tests."""
    from mumian.papers import asking
    from mumian.papers.__main__ import answered
    from mumian.papers.reading import Unreadable

    def ask(asked: list[str], given: bytes, what: str) -> bytes:
        try:
            with ThreadPoolExecutor(1) as apart:  # this thread may have a loop of a browser's running
                return apart.submit(answered, asked, given).result() or b""
        except Unreadable as error:
            raise asking.Broken(what, reason="it is no PDF", cure="Send a PDF") from error

    monkeypatch.setattr(asking, "_ask", ask)


@pytest.fixture(autouse=True)
def no_jobs_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that commits is swept away after it, but Django does not count the queue's tables as its own."""
    yield
    mark = request.node.get_closest_marker("django_db")
    if "transactional_db" in request.fixturenames or (mark and mark.kwargs.get("transaction")):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


@pytest.fixture(autouse=True)
def nobodys_language() -> Iterator[None]:
    """A request leaves its language behind in the thread; the next test begins in the city's own."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def nothing_remembered(request: pytest.FixtureRequest) -> None:
    """A test's city is its own: what the process remembers of the last one, which was rolled back, is forgotten."""
    if request.node.get_closest_marker("database"):
        from mumian.api.rates import rate_named
        from mumian.engine import world
        from mumian.place.loading import forget_atlas

        world.forget()
        forget_atlas()
        rate_named.cache_clear()
