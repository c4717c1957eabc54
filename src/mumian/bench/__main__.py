"""Measures everything in the database that `DATABASE_URL` names, and prints the figures as JSON."""

import argparse
import importlib
import importlib.util
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from mumian.bench.result import Figure

if TYPE_CHECKING:
    from mumian.bench.ground import Ground

Paths = Mapping[str, Callable[[], list[Figure]]]


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--quick", action="store_true")
    options.add_argument("--only", default="")
    chosen = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mumian.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from mumian.engine.installing import install

    call_command("migrate", interactive=False, verbosity=0)
    install()
    figures = measure(quick=chosen.quick, only=chosen.only)
    json.dump({figure.name: figure.as_dict() for figure in figures}, sys.stdout, ensure_ascii=False)


def measure(*, quick: bool, only: str = "") -> list[Figure]:
    """All figures, those of the systems last, or those of some paths; `quick` shows that it runs and says little."""
    from mumian.bench.acting import measure_act
    from mumian.bench.ground import prepare
    from mumian.bench.importing import measure_import
    from mumian.bench.locating import measure_locate
    from mumian.bench.serving import measure_board, measure_server

    ground = prepare("small" if quick else "city")
    paths: Paths = {
        "import": lambda: [measure_import(ground, 500 if quick else 20_000)],
        "act": lambda: [measure_act(ground, 200 if quick else 10_000)],
        "locate": lambda: [measure_locate(ground, 10_000 if quick else 2_000_000)],
        "http_report": lambda: measure_server(ground, 0.5 if quick else 6.0),
        "board": lambda: [measure_board(ground, 1000 if quick else 10_000, 2000 if quick else 1_000_000)],
    }
    figures: list[Figure] = []
    for name, path in {**paths, **_of_systems(ground, quick=quick)}.items():
        if not only or name in only.split(","):
            sys.stderr.write(f"measuring {name}\n")
            for figure in path():
                sys.stderr.write(f"  {figure}\n")
                figures.append(figure)
    return figures


def _of_systems(ground: "Ground", *, quick: bool) -> Paths:
    """What systems have measured: the `measurements` of their `bench.py`. Found by name, so that none is imported."""
    from django.conf import settings

    paths: dict[str, Callable[[], list[Figure]]] = {}
    for system in settings.SYSTEMS:
        if importlib.util.find_spec(f"{system}.bench"):
            paths |= importlib.import_module(f"{system}.bench").measurements(ground, quick=quick)
    return paths


if __name__ == "__main__":
    main()
