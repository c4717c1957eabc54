"""The process that makes papers: `typeset <folder>`, `seal <what>`, `check`; PDF in and out by the standard streams."""

import json
import sys
from pathlib import Path

from mumian.papers.asking import UNREADABLE


def main() -> int:
    match sys.argv[1:]:
        case ["typeset", folder]:
            from mumian.papers.setting import compiled

            sys.stdout.buffer.write(compiled(Path(folder)))
        case ["seal", asked]:
            from mumian.papers.sealing import Unreadable, sealed

            try:
                sys.stdout.buffer.write(sealed(sys.stdin.buffer.read(), **json.loads(asked)))
            except Unreadable:
                return UNREADABLE
        case ["check"]:
            from mumian.papers.sealing import Unreadable, found

            try:
                sys.stdout.write(json.dumps(found(sys.stdin.buffer.read())))
            except Unreadable:
                return UNREADABLE
        case _:
            sys.stderr.write("typeset <folder> | seal <what> | check\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
