"""Measures everything in the database that `DATABASE_URL` names, and prints the figures as JSON."""

import argparse
import json
import os
import sys
from collections.abc import Callable

from mumian.bench.result import Figure


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
    """All figures, or those of one path; `quick` shows that it runs and says little."""
    from mumian.bench.acting import measure_act
    from mumian.bench.ground import prepare
    from mumian.bench.importing import measure_import
    from mumian.bench.locating import measure_locate
    from mumian.bench.serving import measure_board, measure_server

    ground = prepare("small" if quick else "city")
    paths: dict[str, Callable[[], list[Figure]]] = {
        "import": lambda: [measure_import(ground, 500 if quick else 20_000)],
        "act": lambda: [measure_act(ground, 200 if quick else 10_000)],
        "locate": lambda: [measure_locate(ground, 10_000 if quick else 2_000_000)],
        "http_report": lambda: measure_server(ground, 0.5 if quick else 6.0),
        "board": lambda: [measure_board(ground, 1000 if quick else 10_000, 2000 if quick else 1_000_000)],
    }
    figures: list[Figure] = []
    for name, path in paths.items():
        if not only or name in only.split(","):
            sys.stderr.write(f"measuring {name}\n")
            for figure in path():
                sys.stderr.write(
                    f"  {figure.name}: {figure.value:,.0f} {figure.unit}, ratio {figure.ratio or 0:.2f}\n"
                )
                figures.append(figure)
    return figures


if __name__ == "__main__":
    main()
