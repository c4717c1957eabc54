"""The process that makes papers; PDF in and out by the standard streams. What it can be asked is matched below."""

import json
import sys
from pathlib import Path

from mumian.papers.asking import UNREADABLE
from mumian.papers.reading import Unreadable


def main() -> int:
    match sys.argv[1:]:
        case ["typeset", folder]:
            from mumian.papers.setting import compiled

            sys.stdout.buffer.write(compiled(Path(folder)))
        case ["seal", asked]:
            from mumian.papers.sealing import sealed

            try:
                sys.stdout.buffer.write(sealed(sys.stdin.buffer.read(), **json.loads(asked)))
            except Unreadable:
                return UNREADABLE
        case ["check"]:
            from mumian.papers.sealing import found

            try:
                sys.stdout.write(json.dumps(found(sys.stdin.buffer.read())))
            except Unreadable:
                return UNREADABLE
        case ["pages"]:
            from mumian.papers.marking import pages

            sys.stdout.write(json.dumps([pages(Path(each)) for each in json.load(sys.stdin)]))
        case ["mark", folder, file]:
            from mumian.papers.marking import marked
            from mumian.papers.setting import compiled

            try:
                sys.stdout.buffer.write(marked(Path(file), compiled(Path(folder))))
            except Unreadable:
                return UNREADABLE
        case _:
            sys.stderr.write("typeset <folder> | seal <what> | check | pages | mark <folder> <file>\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
