"""Django's PostgreSQL engine, which starts our own server when it is first needed and says why it cannot."""

from __future__ import annotations

import atexit
import select
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from django.db import connections
from django.db.backends.postgresql import base, features
from psycopg_pool import ConnectionPool

from mumian.database import server


class DatabaseFeatures(features.DatabaseFeatures):
    """PostgreSQL 15 is the oldest that the program is tried on."""

    minimum_database_version = (15,)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to the server that the configuration names, or to our own, started on the way."""

    features_class = DatabaseFeatures

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        if "EMBEDDED" in self.settings_dict:
            params["host"] = self._own_server()
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            return super().get_new_connection(conn_params)
        except psycopg.OperationalError:
            self.knock()  # as a pool only says that it waited
            return super().get_new_connection(conn_params)

    def knock(self) -> None:
        """Connect past the pool, which would go on trying for a while and not say why it cannot.

        Our own server is started again where it has died. Raises psycopg's `OperationalError`.
        """
        params = self.get_connection_params()
        try:
            psycopg.connect(**params).close()
        except psycopg.OperationalError:
            if "EMBEDDED" not in self.settings_dict:
                raise
            self._own_server(look_again=True)
            psycopg.connect(**params).close()

    @property
    def pool(self) -> Any:
        """Django's pool, which asks the server whether a connection is alive only where something may be wrong."""
        pool = super().pool
        if pool is not None and pool._check is ConnectionPool.check_connection:
            pool._check = _alive
        return pool

    def _own_server(self, *, look_again: bool = False) -> str:
        embedded = self.settings_dict["EMBEDDED"]
        known = _sockets.get(embedded["folder"])
        if known and not look_again:
            return known
        sockets = server.hold(
            Path(embedded["folder"]),
            database=embedded["database"],
            settings=embedded.get("settings"),
            look_again=look_again,
        )
        _close_pools_before_it_stops()
        _sockets[embedded["folder"]] = str(sockets)
        return str(sockets)


_sockets: dict[str, str] = {}
"""Where the server of each data folder listens that this process holds."""


def forget_server() -> None:
    """The next connection takes a share in our own server anew."""
    _sockets.clear()


def _alive(connection: psycopg.Connection[Any]) -> None:
    """Asks the server only if an idle connection has something to say: when it was closed, it has."""
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if waiting.poll(0):
        ConnectionPool.check_connection(connection)


@cache
def _close_pools_before_it_stops() -> None:
    """What is registered last runs first: so the pools do not look for a server that was just stopped."""
    atexit.register(connections.close_all)
    atexit.register(lambda: [connections[name].close_pool() for name in connections])  # type: ignore[attr-defined]
