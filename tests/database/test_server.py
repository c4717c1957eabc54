"""Our own PostgreSQL is shared by its users, ends with the last of them, and starts again after any crash."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

USER = """
import sys, psycopg
from pathlib import Path
from mumian.database import server

folder = Path(sys.argv[1])

def ask(**how):
    sockets = server.hold(folder, database="city", settings={"fsync": "off"}, **how)
    with psycopg.connect(host=str(sockets), user="postgres", dbname="city") as connection:
        name = connection.execute("SELECT current_database()").fetchone()[0]
    print(name, flush=True)

ask()
for line in sys.stdin:
    ask(look_again=True)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all: what a test leaves there must not trouble the next."""
    folder = tmp_path_factory.mktemp("data") / "postgres"
    for parent in folder.parents[:3]:
        parent.chmod(0o755)
    return folder


@pytest.fixture
def new_user(folder: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """A process that uses the server until its input is closed, seen to have reached the database."""
    users: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        user = subprocess.Popen(
            [sys.executable, "-c", USER, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        users.append(user)
        assert user.stdout
        assert user.stdout.readline() == "city\n"
        return user

    yield start
    for user in users:
        user.kill()
        user.communicate()


def leave(user: subprocess.Popen[str]) -> None:
    user.communicate(timeout=60)
    assert user.returncode == 0


def server_of(folder: Path) -> psutil.Process | None:
    """The running server of the folder; one that has ended and is not yet reaped does not run."""
    try:
        server = psutil.Process(int((folder / "postmaster.pid").read_text().splitlines()[0]))
        return None if server.status() == psutil.STATUS_ZOMBIE else server
    except (FileNotFoundError, psutil.NoSuchProcess):
        return None


def test_reading_the_configuration_starts_nothing(tmp_path: Path):
    data = tmp_path / "data"
    subprocess.run(
        [sys.executable, "-c", "import mumian.database as d; d.configuration()"],
        env={**os.environ, "MUMIAN_DATA": str(data)},
        check=True,
    )
    assert not data.exists()


def test_the_last_user_to_leave_stops_the_server(folder: Path, new_user):
    first, second = new_user(), new_user()
    leave(first)
    assert server_of(folder)
    leave(second)
    assert server_of(folder) is None


def test_a_user_that_crashes_leaves_a_server_that_the_next_one_uses_and_stops(folder: Path, new_user):
    new_user().kill()
    orphan = server_of(folder)
    second = new_user()
    assert server_of(folder) == orphan
    leave(second)
    assert server_of(folder) is None


def test_a_server_that_crashed_with_its_user_is_started_again(folder: Path, new_user):
    user = new_user()
    server = server_of(folder)
    assert server
    user.kill()
    server.kill()
    leave(new_user())


def test_a_server_that_dies_under_its_user_is_started_again(folder: Path, new_user):
    user = new_user()
    server = server_of(folder)
    assert server
    server.send_signal(signal.SIGQUIT)
    psutil.wait_procs([server], timeout=10)
    user.stdin.write("again\n")
    user.stdin.flush()
    assert user.stdout.readline() == "city\n"
    leave(user)


@pytest.mark.parametrize("content", [f"{os.getpid()}\n", "4194304\n", ""], ids=["alive", "gone", "empty"])
def test_a_pid_file_left_by_a_crash_does_not_block_the_start(folder: Path, new_user, content: str):
    leave(new_user())
    (folder / "postmaster.pid").write_text(content)
    leave(new_user())


def test_a_creation_broken_off_half_way_is_begun_anew(folder: Path, new_user):
    half = folder.with_name("postgres.new")
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    leave(new_user())
