"""The process that makes papers; PDF in and out by the standard streams. What it can be asked is matched below."""

import json
import sys
from pathlib import Path

from mumian.papers.asking import UNREADABLE
from mumian.papers.reading import Unreadable


def answered(asked: list[str], given: bytes) -> bytes | None:
    """What is made of what is given; nothing where it knows no such question. Raises `Unreadable`."""
    match asked:
        case ["typeset", folder]:
            from mumian.papers.setting import compiled

            return compiled(Path(folder))
        case ["seal", how]:
            from mumian.papers.sealing import sealed

            return sealed(given, **json.loads(how))
        case ["check"]:
            from mumian.papers.sealing import found

            return json.dumps(found(given)).encode()
        case ["pages"]:
            from mumian.papers.marking import pages

            return json.dumps([pages(Path(each)) for each in json.loads(given)]).encode()
        case ["mark", folder, file]:
            from mumian.papers.marking import marked
            from mumian.papers.setting import compiled

            return marked(Path(file), compiled(Path(folder)))
    return None


def main() -> int:
    try:
        answer = answered(sys.argv[1:], b"" if sys.stdin.isatty() else sys.stdin.buffer.read())
    except Unreadable:
        return UNREADABLE
    if answer is None:
        sys.stderr.write("typeset <folder> | seal <what> | check | pages | mark <folder> <file>\n")
        return 2
    sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
