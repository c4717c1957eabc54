"""Answers one study: `python -m mumian.systems.response.studies 17`. What it takes ends with it."""

import os
import sys
import threading
import time


def main() -> None:
    os.nice(10)  # whoever calls for help goes first
    threading.Thread(target=_end_with, args=[os.getppid()], daemon=True).start()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mumian.settings")
    import django

    django.setup()
    from mumian.systems.response.studies.asking import answer

    answer(int(sys.argv[1]))


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


if __name__ == "__main__":
    main()
