"""Django's PostgreSQL engine, which starts our own server when it is first needed and says why it cannot."""

from __future__ import annotations

import atexit
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from django.db import connections
from django.db.backends.postgresql import base, features

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

    def _own_server(self, *, look_again: bool = False) -> str:
        embedded = self.settings_dict["EMBEDDED"]
        sockets = server.hold(
            Path(embedded["folder"]),
            database=embedded["database"],
            settings=embedded.get("settings"),
            look_again=look_again,
        )
        _close_pools_before_it_stops()
        return str(sockets)


@cache
def _close_pools_before_it_stops() -> None:
    """What is registered last runs first: so the pools do not look for a server that was just stopped."""
    atexit.register(connections.close_all)
    atexit.register(lambda: [connections[name].close_pool() for name in connections])  # type: ignore[attr-defined]
