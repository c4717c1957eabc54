"""`mumian serve` answers, keeps others off its port and folder, and leaves nothing running when it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

Served = tuple[subprocess.Popen[str], str]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def mumian(data: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "mumian", *arguments],
        env={**environment, "MUMIAN_DATA": str(data), "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture
def serve(data: Path) -> Iterator[Callable[..., Served]]:
    """Starts a server on a free port and waits until it says where it is."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> Served:
        server = mumian(data, "serve", "--port", str(free_port()), *arguments)
        started.append(server)
        assert server.stdout
        address = next(
            (word for line in server.stdout for word in line.split() if word.startswith("http")), None
        )
        assert address, server.stderr and server.stderr.read()
        return server, address

    yield start
    for server in started:
        server.terminate()
        server.communicate(timeout=60)


def answer(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=30) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


def ends(processes: list[psutil.Process]) -> bool:
    """Whether all have ended within a while: PostgreSQL says it has stopped a moment before its process ends.

    One that is not yet reaped has ended.
    """

    def runs(process: psutil.Process) -> bool:
        with suppress(psutil.NoSuchProcess):
            return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        return False

    deadline = time.monotonic() + 20
    while any(map(runs, processes)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(map(runs, processes))


def running_in(data: Path) -> list[psutil.Process]:
    return [
        found
        for found in psutil.process_iter(["cmdline"])
        if str(data) in " ".join(found.info["cmdline"] or [])
    ]


def test_it_answers_and_ctrl_c_ends_everything_it_started(data: Path, serve):
    server, address = serve()
    assert answer(address) < 500
    assert running_in(data)
    server.send_signal(signal.SIGINT)
    assert server.wait(timeout=60) == 0
    assert ends(running_in(data))


def test_several_processes_answer_and_end_together(data: Path, serve):
    server, address = serve("--workers", "2")
    processes = psutil.Process(server.pid).children(recursive=True)
    assert answer(address) < 500
    server.terminate()
    assert server.wait(timeout=60) == 0
    assert ends(processes)
    assert ends(running_in(data))


def test_processes_whose_parent_was_killed_end_too(data: Path, serve):
    server, address = serve("--workers", "2")
    processes = psutil.Process(server.pid).children(recursive=True)
    assert answer(address) < 500
    server.kill()
    assert ends(processes)


def test_a_second_one_beside_the_first_is_told_where_the_first_is(data: Path, serve):
    _, address = serve()
    second = mumian(data, "serve", "--port", str(free_port()))
    _, said = second.communicate(timeout=60)
    assert second.returncode == 1
    assert address in said
    assert "木棉已在运行" in said
    assert "already running" in said
    assert "Traceback" not in said


def test_a_port_in_use_is_told_with_another_to_take(data: Path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        server = mumian(data, "serve", "--port", str(port))
        _, said = server.communicate(timeout=60)
    assert server.returncode == 1
    assert "端口已被其他程序占用" in said
    assert f"--port {port + 1}" in said


def test_a_lock_left_by_a_crash_holds_nobody_off(data: Path, serve):
    first, _ = serve()
    processes = psutil.Process(first.pid).children(recursive=True)
    first.kill()
    first.wait()
    assert ends(processes)
    second, address = serve()
    assert answer(address) < 500
    second.terminate()
    assert second.wait(timeout=60) == 0
    assert ends(running_in(data))


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_a_demo_city_is_built_aside_and_that_ends_with_who_waits_for_it(tmp_path: Path, end: signal.Signals):
    server = mumian(tmp_path, "demo", "--port", str(free_port()))
    deadline = time.monotonic() + 60
    builders: list[psutil.Process] = []
    while not builders and server.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
        found = psutil.Process(server.pid).children()
        builders = [each for each in found if each.name().startswith("python")]
    assert builders, server.stderr and server.stderr.read()
    server.send_signal(end)
    server.wait(timeout=60)
    assert server.returncode
    assert ends([*builders, *running_in(tmp_path)])
