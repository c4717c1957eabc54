"""What every command shares: the console, a started Django, and how an error is told."""

from __future__ import annotations

import os
from functools import cache

from rich.console import Console
from rich.text import Text

from mumian.errors import MumianError

console = Console()
complaints = Console(stderr=True)
MIGRATING = 0x6D756D69
"""The number of the database's lock for one who changes tables: `mumi` in ASCII."""


@cache
def ready() -> None:
    """Set Django up, once, in the language of the terminal; for a command that needs the program's rooms."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mumian.settings")
    import django
    from django.utils import translation

    django.setup()
    translation.activate(language())


def prepare() -> None:
    """Make the database ready for a command that works on the city: migrated, with what the systems bring."""
    ready()
    from mumian import database

    database.ensure()
    _migrate()
    from mumian.engine.installing import install

    install()


def _migrate() -> None:
    """Bring the tables up to date; of several commands started at once, one does it and the others wait."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    def is_due() -> bool:
        plan = MigrationExecutor(connection)
        return bool(plan.migration_plan(plan.loader.graph.leaf_nodes()))

    if not is_due():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
        try:
            if is_due():
                call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])


def language() -> str:
    """The language of the terminal: Chinese unless its locale names another."""
    spoken = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "en" if spoken.startswith("en") else "zh-hans"


def show_error(error: MumianError) -> None:
    """Tell thing, reason and cure, without a trace."""
    complaints.print(Text.assemble((f"✗ {error.thing}", "bold red")))
    complaints.print(Text(f"  {error.reason}"))
    complaints.print(Text.assemble(("  → ", "bold green"), str(error.cure)))
