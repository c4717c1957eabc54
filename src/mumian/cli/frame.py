"""What every command shares: the console, a started Django, and how an error is told."""

from __future__ import annotations

import os
from functools import cache

from rich.console import Console
from rich.text import Text

from mumian.errors import MumianError

console = Console()
complaints = Console(stderr=True)


@cache
def ready() -> None:
    """Set Django up, once, in the language of the terminal; for a command that needs the program's rooms."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mumian.settings")
    import django
    from django.utils import translation

    django.setup()
    translation.activate(language())


def prepare() -> None:
    """Make the database ready: migrated, and with what the systems bring. For commands that work on the city."""
    ready()
    from django.core.management import call_command

    from mumian import database

    database.ensure()
    call_command("migrate", interactive=False, verbosity=0)
    from mumian.engine.installing import install

    install()


def language() -> str:
    """The language of the terminal: Chinese unless its locale names another."""
    spoken = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "en" if spoken.startswith("en") else "zh-hans"


def show_error(error: MumianError) -> None:
    """Tell thing, reason and cure, without a trace."""
    complaints.print(Text.assemble((f"✗ {error.thing}", "bold red")))
    complaints.print(Text(f"  {error.reason}"))
    complaints.print(Text.assemble(("  → ", "bold green"), str(error.cure)))
