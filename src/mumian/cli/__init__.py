"""The command `mumian`. Every module of this package that has an `app` brings its commands with it.

A module's `app` is a `typer.Typer()`: with a `name` it is a group (`mumian record verify`), without one its
commands stand at the top (`mumian serve`). Modules import nothing heavy; a command calls `frame.ready()`
before it touches a model, so that `mumian --help` answers at once.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import pkgutil
import signal
import sys
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

import typer

from mumian.cli.frame import show_error
from mumian.errors import MumianError


def main() -> NoReturn:
    """Run the command line and end the process: 0 done, 1 an error told, 2 a wrong command."""
    # Whatever ends the process, what it started is stopped on the way out; a script that starts it in the
    # background would have it ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _leave)
    try:
        command_line()()
    except MumianError as error:
        show_error(error)
    except Exception as error:
        told = _of_the_database(error) or _of_the_disk(error)
        if told is None or os.environ.get("MUMIAN_DEBUG"):
            raise
        show_error(told)
    sys.exit(1)


def command_line() -> typer.Typer:
    """The whole command line, put together from the modules of this package."""
    whole = typer.Typer(
        name="mumian",
        help="木棉:从居民的一句话到事情办结 · From a resident's word to a settled matter.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for found in pkgutil.iter_modules(__path__):
        part = getattr(importlib.import_module(f"{__name__}.{found.name}"), "app", None)
        if isinstance(part, typer.Typer):
            whole.add_typer(part)
    for part in _parts_of_systems():
        whole.add_typer(part)
    return whole


def _parts_of_systems() -> Iterator[typer.Typer]:
    """The commands that systems bring: the `app` of their `commands.py`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mumian.settings")
    from django.conf import settings

    for system in settings.SYSTEMS:
        if importlib.util.find_spec(f"{system}.commands"):
            yield importlib.import_module(f"{system}.commands").app


def _leave(number: int, _: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


def _of_the_disk(error: Exception) -> MumianError | None:
    if not isinstance(error, OSError) or error.filename is None:
        return None
    cure = "请检查路径、权限与磁盘空间 · Check the path, your rights there and the space left"
    return MumianError(error.filename, reason=error.strerror, cure=cure)


def _of_the_database(error: Exception) -> MumianError | None:
    if "django.db" not in sys.modules:
        return None
    from django.db import InterfaceError, NotSupportedError, OperationalError

    from mumian.database import unreachable

    is_ours = isinstance(error, InterfaceError | NotSupportedError | OperationalError)
    return unreachable(error) if is_ours else None
