"""How the server runs: alone on its port, pages and queue in one process, and all of it ended together.

The pages are answered by threads (WSGI), which for synchronous views was measured six times as fast as ASGI.
"""

from __future__ import annotations

import asyncio
import atexit
import ctypes
import errno
import fcntl
import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, NoReturn

from mumian.errors import MumianError
from mumian.folders import data_folder

if TYPE_CHECKING:
    from django.core.handlers.wsgi import WSGIHandler
    from procrastinate import App

APPLICATION = f"{__name__}:application"
THREADS = 8
"""Requests answered at once in a process, beside the pages that are kept up to date."""
JOBS_AT_ONCE = 4
"""More than the cores, for what is told to others waits for them."""
SECONDS_TO_RECOVER = 5
SECONDS_TO_FINISH = 5
"""What is under way when the end is asked for has this long."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server listens."""

    host: str
    port: int

    @property
    def address(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)
        return f"http://{host}:{self.port}/"


@contextmanager
def alone_on(host: str, port: int) -> Iterator[Place]:
    """Hold data folder and port for this process; raises `MumianError` where another holds one of them.

    The hold is a lock of the kernel on a file, which ends with the process: none can be left behind.
    """
    place = Place(host=host, port=port)
    path = data_folder() / "serve.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _already_running(file) from None
        _check_free(place)
        file.truncate(0)
        file.write(f"{os.getpid()} {place.address}")
        file.flush()
        _links_lead_here(place)
        yield place


def _links_lead_here(place: Place) -> None:
    """What is sent says where the site is: where no address is set, that at which it listens."""
    from django.conf import settings

    if not (os.environ.get("MUMIAN_URL") or settings.CSRF_TRUSTED_ORIGINS):
        os.environ["MUMIAN_URL"] = settings.SITE_URL = place.address.rstrip("/")


def serve(place: Place, *, workers: int, jobs: bool, greet: Callable[[], None]) -> None:
    """Answer requests until SIGINT or SIGTERM; `greet` is called once the port is open."""
    _share_memory()
    with working() if jobs else nullcontext():
        if workers == 1:
            _serve_here(place, greet)
        else:
            _serve_in_processes(place, workers, greet)


def _share_memory() -> None:
    """Lets the threads allocate from two arenas rather than from one each, and gives back what is left over.

    Loading the atlas and counting topics need much for a moment. See mallopt(3), malloc_trim(3); only glibc has them.
    """
    with suppress(OSError, AttributeError):
        memory = ctypes.CDLL(None)
        memory.mallopt(_ARENAS, 2)

        def trim() -> None:
            while True:
                time.sleep(SECONDS_TO_TRIM)
                memory.malloc_trim(0)

        memory.malloc_trim  # noqa: B018 – another library than glibc has none
        threading.Thread(target=trim, name="trimming", daemon=True).start()


_ARENAS = -8  # M_ARENA_MAX
SECONDS_TO_TRIM = 5


def application() -> WSGIHandler:
    """The program as a WSGI application; one process of several ends when the one that started it ends."""
    from django.core.checks.urls import check_url_config
    from django.core.wsgi import get_wsgi_application

    _end_with_parent()
    handler = get_wsgi_application()
    check_url_config(None)  # loads every page and endpoint now, not with the first request
    return handler


def wait_for_the_end() -> None:
    """Sleep until Ctrl-C, or a signal that ends the process."""
    with suppress(KeyboardInterrupt):
        while True:
            signal.pause()


def aside(work: Callable[[], None], *, meanwhile: Callable[[], object]) -> None:
    """Do work in a process of its own, which takes the memory it took with it; here something else is done meanwhile.

    What went wrong there is told there; this process then ends as that one did.
    """
    process = multiprocessing.get_context("fork").Process(target=_work_aside, args=[work])
    process.start()
    try:
        meanwhile()
        process.join()
    except BaseException:
        process.terminate()
        process.join()
        raise
    if process.exitcode:
        raise SystemExit(1)


def _work_aside(work: Callable[[], None]) -> None:
    from mumian import database
    from mumian.cli.frame import show_error

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who waits, who ends this
    database.leave_to_parent()
    _end_with_parent()
    try:
        database.ensure()  # a share of its own in the server, which it stops if it is the last to leave
        work()
    except MumianError as error:
        show_error(error)
        raise SystemExit(1) from None
    finally:
        _stop_what_was_started()  # a process that was forked does not do so by itself


def _end_with_parent() -> None:
    """A process that was started by another ends when that one is gone, in whatever way."""
    if parent := multiprocessing.parent_process():

        def follow() -> None:
            parent.join()
            if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:  # which would leave the database running
                _stop_what_was_started()
                os._exit(1)
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=follow, name="follow", daemon=True).start()


@contextmanager
def working() -> Iterator[None]:
    """Run the queued jobs in a thread for as long as the block lasts."""
    queue = _Queue()
    thread = threading.Thread(target=queue.run, name="jobs", daemon=True)
    thread.start()
    try:
        yield
    finally:
        queue.stop()
        thread.join(SECONDS_TO_FINISH + 1)


class _Queue:
    """The Procrastinate worker in an event loop of its own, begun again where the database was away."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def run(self) -> None:
        from mumian import database

        while not self._ended.is_set():
            try:
                database.ensure()
                asyncio.run(self._work())
            except asyncio.CancelledError:
                return
            except Exception as error:  # whatever it is, the queue goes on when the cause is gone
                logger.warning("the queue was interrupted: %s", error)
            self._ended.wait(SECONDS_TO_RECOVER)

    def stop(self) -> None:
        self._ended.set()
        if self._loop and self._task:
            with suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._task.cancel)

    async def _work(self) -> None:
        from asgiref.sync import sync_to_async
        from django.db import close_old_connections
        from procrastinate import PsycopgConnector
        from procrastinate.contrib.django import app
        from procrastinate.contrib.django.utils import connector_params

        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        if self._ended.is_set():
            return
        # The worker fetches through connections of its own; jobs and pages go on using Django's, of which one
        # may have died with the database.
        await sync_to_async(close_old_connections)()
        connector = PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=JOBS_AT_ONCE + 2)
        async with app.with_connector(connector).open_async() as worker:
            await _do_what_fell_due(worker)
            await worker.run_worker_async(
                concurrency=JOBS_AT_ONCE,
                install_signal_handlers=False,
                shutdown_graceful_timeout=SECONDS_TO_FINISH,
                delete_jobs="successful",
            )


async def _do_what_fell_due(worker: App) -> None:
    """Queues the jobs of every minute at once: what fell due while no worker ran does not wait for the next one."""
    from procrastinate.exceptions import AlreadyEnqueued

    from mumian.engine.jobs import EVERY_MINUTE

    for each in worker.periodic_registry.periodic_tasks.values():
        if each.cron == EVERY_MINUTE:
            with suppress(AlreadyEnqueued):
                await worker.configure_task(each.task.name).defer_async(timestamp=int(time.time()))


def _serve_here(place: Place, greet: Callable[[], None]) -> None:
    from django.conf import settings
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server.mt import MTServer

    class OneProcess(MTServer):
        """Granian's server of threads; it asks for a Python without GIL, which one worker does not need."""

        def _check_gil(self) -> None:
            return

        def _stop_workers(self) -> None:
            for worker in self.wrks:
                worker.terminate()
                worker.join(SECONDS_TO_FINISH)
                if worker.inner.is_alive():
                    _leave_requests_behind()

    server = OneProcess(
        APPLICATION,
        factory=True,
        address=place.host,
        port=place.port,
        interface=Interfaces.WSGI,
        blocking_threads=THREADS + settings.LIVE_LISTENERS,
        log_level=LogLevels.error,
    )
    server.on_startup(lambda: _once_open(place, greet))
    server.serve()


def _leave_requests_behind() -> NoReturn:
    """End the process as it would end, but without waiting for the threads of requests that do not."""
    logger.warning("some requests did not finish within %s s and are given up", SECONDS_TO_FINISH)
    _stop_what_was_started()
    os._exit(0)


def _stop_what_was_started() -> None:
    atexit._run_exitfuncs()


def _serve_in_processes(place: Place, workers: int, greet: Callable[[], None]) -> None:
    from django.conf import settings
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    multiprocessing.set_start_method("spawn", force=True)  # a fork would copy the threads' locks
    server = Granian(
        APPLICATION,
        factory=True,
        address=place.host,
        port=place.port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS + settings.LIVE_LISTENERS,
        workers_kill_timeout=SECONDS_TO_FINISH,
        respawn_failed_workers=True,
        log_level=LogLevels.error,
    )
    server.on_startup(lambda: _once_open(place, greet))
    server.serve()


def _once_open(place: Place, greet: Callable[[], None]) -> None:
    """Greet when the port answers, which is a moment after the threads or processes were started."""

    def watch() -> None:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(place.host, place.host)
        while True:
            with suppress(OSError), socket.create_connection((host, place.port), timeout=1):
                return greet()
            time.sleep(0.05)

    threading.Thread(target=watch, name="greeting", daemon=True).start()


def _check_free(place: Place) -> None:
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((place.host, place.port))
        except OSError as error:
            raise _cannot_listen(place, error) from error


def _already_running(lock: IO[str]) -> MumianError:
    lock.seek(0)
    process, _, address = lock.read().partition(" ")
    return MumianError(
        address or lock.name,
        reason=f"木棉已在运行(进程 {process}) · Mumian is already running (process {process})",
        cure=(
            "请直接打开该地址,或先在原窗口按 Ctrl-C;要另起一个,请另设 MUMIAN_DATA 与 --port · "
            "Open that address, or press Ctrl-C where it runs; for another one set MUMIAN_DATA and --port"
        ),
    )


def _cannot_listen(place: Place, error: OSError) -> MumianError:
    if error.errno == errno.EADDRINUSE:
        reason = "端口已被其他程序占用 · another program listens on this port"
        cure = f"请停止那个程序,或改用 --port {place.port + 1} · Stop it, or use --port {place.port + 1}"
    else:
        reason = f"无法监听 · cannot listen: {error.strerror}"
        cure = "请检查 --host 与 --port · Check --host and --port"
    return MumianError(f"{place.host}:{place.port}", reason=reason, cure=cure)
