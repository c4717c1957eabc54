"""Which database the program uses: the one `DATABASE_URL` names, else a PostgreSQL of its own.

Reading the configuration starts nothing and loads little. The package is also Django's database engine (see `base`): the own
server starts with the first connection and stops with the last process that used it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, TypeAlias

from mumian.errors import MumianError
from mumian.folders import data_folder

DatabaseConfig: TypeAlias = dict[str, Any]
"""One value of Django's `DATABASES`. `EMBEDDED`, where present, says where the own server lives."""

EXAMPLE = "postgresql://mumian:secret@db.example:5432/mumian"
POOL = {"min_size": 1, "max_size": 16, "timeout": 10, "num_workers": 1}
"""Connections per process: one per thread that serves or works, seconds to wait for a free one."""


def configuration(*, wanted: str = "mumian", environ: Mapping[str, str] | None = None) -> DatabaseConfig:
    """Django's configuration of the one database; `wanted` is the name given to our own.

    Raises `MumianError` where `DATABASE_URL` is set and cannot be used.
    """
    url = (os.environ if environ is None else environ).get("DATABASE_URL", "").strip()
    return _server_named_by(url) if url else _own_server(wanted)


def ensure() -> None:
    """Connect once, which starts our own server where that is the one used; raises `MumianError`."""
    import psycopg
    from django.db import Error
    from django.db import connection as proxy

    connection: Any = proxy
    try:
        connection.knock()
        connection.ensure_connection()
        connection.close()
    except (psycopg.Error, Error) as error:
        raise unreachable(error) from error


def leave_to_parent() -> None:
    """In a process just forked: begins with no connection and no share in our own server, as those there are belong
    to the process before it.

    Connections are neither used nor closed, which would end them for their owner too; also not one that stood in another
    context of the same thread, as an event loop makes it.
    """
    from asgiref.local import Local
    from django.db import connections

    from mumian.database.base import DatabaseWrapper, forget_server

    forget_server()
    handler: Any = connections
    wrapper: Any = DatabaseWrapper
    _inherited.append((handler._connections, wrapper._connection_pools))
    handler._connections, wrapper._connection_pools = Local(handler.thread_critical), {}


_inherited: list[object] = []


def unreachable(error: Exception) -> MumianError:
    """What to tell a person whose work met a database that is away or unfit."""
    reason = " ".join(str(error).split()) or type(error).__name__
    if os.environ.get("DATABASE_URL"):
        cure = (
            "请检查 DATABASE_URL 以及数据库服务器是否在运行,然后重试;已确认的数据不会丢失 · "
            "Check DATABASE_URL and that the server is running, then try again; nothing confirmed is lost"
        )
    else:
        log = data_folder() / "postgres" / "server.log"
        cure = (
            f"请查看 {log} 后重新启动;已确认的数据不会丢失 · "
            f"Look into {log} and start again; nothing confirmed is lost"
        )
    return MumianError("数据库 · database", reason=reason, cure=cure)


def _own_server(name: str) -> DatabaseConfig:
    folder = data_folder() / "postgres"
    return _configuration(name, {"EMBEDDED": {"folder": str(folder), "database": name}, "USER": "postgres"})


def _server_named_by(url: str) -> DatabaseConfig:
    parts = _parts(url)
    given = {key: str(parts.pop(name, "") or "") for key, name in _PLACES.items()}
    if not given["NAME"]:
        raise _unusable("未指明数据库名 · it names no database")
    return _configuration(given.pop("NAME"), dict(given), options=parts)


_PLACES = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}


def _parts(url: str) -> dict[str, Any]:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    scheme = url.partition("://")[0] if "://" in url else ""
    if scheme not in {"postgresql", "postgres"}:
        raise _unusable(f"以 {scheme or '?'}:// 开头,本程序只用 PostgreSQL · only PostgreSQL is spoken here")
    try:
        return dict(conninfo_to_dict(url))
    except psycopg.Error as error:
        raise _unusable(" ".join(str(error).split())) from error


def _unusable(reason: str) -> MumianError:
    return MumianError("DATABASE_URL", reason=reason, cure=f"应写作 · Write it as {EXAMPLE}")


def _configuration(
    name: str, place: Mapping[str, Any], *, options: Mapping[str, Any] | None = None
) -> DatabaseConfig:
    return {
        "ENGINE": "mumian.database",
        "NAME": name,
        **place,
        "OPTIONS": {
            "application_name": "mumian",
            "connect_timeout": 5,
            **(options or {}),
            "pool": dict(POOL),
        },
        "CONN_HEALTH_CHECKS": True,
    }
