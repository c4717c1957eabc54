"""What is asked of the process that makes papers."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mumian.errors import MumianError

SECONDS = 60
"""A paper takes a tenth of a second; after so long something is wrong."""
NONE: Mapping[str, bytes] = MappingProxyType({})


class PaperError(MumianError):
    """A paper that could not be made."""


class Broken(MumianError):
    """What was given as a PDF cannot be read as one."""


@dataclass(frozen=True, slots=True)
class Signature:
    """An electronic signature in a PDF."""

    name: str
    """Whom the certificate names."""
    issuer: str
    at: datetime | None
    """The time it says it was made."""
    intact: bool
    """Whether what it covers is unaltered and signed by the key of the certificate."""
    whole: bool
    """Whether it covers the file to its end: nothing was added after it but further signatures."""
    ours: bool
    """Whether it is the seal of this installation."""


def typeset(template: Path, data: Mapping[str, Any], *, pictures: Mapping[str, bytes] = NONE) -> bytes:
    """A paper as PDF/A-2b, its fonts embedded.

    `template` is written in Typst. It takes `data` by `#let data = json("data.json")` and pictures (JPEG, PNG,
    SVG) by the names given here from `pictures/`; what people wrote are values there and never markup. Beside it
    lies `paper.typ`, the form of all papers. Raises `PaperError`.
    """
    with tempfile.TemporaryDirectory(prefix="mumian-paper-") as folder:
        room = Path(folder)
        shutil.copyfile(template, room / "main.typ")
        shutil.copyfile(HERE / "paper.typ", room / "paper.typ")
        (room / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        (room / "pictures").mkdir()
        for name, picture in pictures.items():
            (room / "pictures" / name).write_bytes(picture)
        return _ask(["typeset", folder], b"", template.name)


HERE = Path(__file__).parent


def seal(pdf: bytes, *, reason: str, owner: str, place: str = "") -> bytes:
    """The PDF with the seal of this installation: PAdES (ETSI EN 319 142-1), baseline B, over the whole file.

    The certificate is that of `MUMIAN_SEAL` (a PKCS #12 file, its password in `MUMIAN_SEAL_PASSWORD`), else one
    the installation has made for itself in the name of `owner`. Raises `PaperError`, or `Broken` for what is no PDF.
    """
    asked = json.dumps({"reason": reason, "owner": owner, "place": place})
    return _ask(["seal", asked], pdf, "PDF")


def signatures(pdf: bytes) -> list[Signature]:
    """The signatures in a PDF, oldest first. Raises `Broken` for what is no PDF."""
    found = json.loads(_ask(["check"], pdf, "PDF"))
    return [
        Signature(**{**each, "at": datetime.fromisoformat(each["at"]) if each["at"] else None})
        for each in found
    ]


def pages(files: Sequence[Path]) -> list[int | None]:
    """How many pages each PDF file has; nothing for one that cannot be read or is locked. Raises `PaperError`."""
    found = list[int | None]()
    for start in range(0, len(files), AT_ONCE):
        asked = json.dumps([str(file) for file in files[start : start + AT_ONCE]]).encode()
        found += json.loads(_ask(["pages"], asked, "PDF"))
    return found


AT_ONCE = 500
"""So many files are looked at by one process, which is to end within `SECONDS`."""


def mark(file: Path, lines: Sequence[str]) -> bytes:
    """A PDF file written anew with the lines drawn pale across every page: who reads it, and when.

    What was there before is not in it a second time. Raises `PaperError`, or `Broken` for what is no PDF.
    """
    with tempfile.TemporaryDirectory(prefix="mumian-paper-") as folder:
        room = Path(folder)
        shutil.copyfile(HERE / "mark.typ", room / "main.typ")
        (room / "data.json").write_text(json.dumps(list(lines), ensure_ascii=False), encoding="utf-8")
        return _ask(["mark", folder, str(file)], b"", file.name)


UNREADABLE = 3
"""The exit code for what is no PDF."""


def _ask(arguments: list[str], given: bytes, what: str) -> bytes:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "mumian.papers", *arguments],
            input=given,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _failed(what, str(error)) from error
    if done.returncode == UNREADABLE:
        raise Broken(
            what,
            reason="这不是可以读取的 PDF 文件 · it is not a PDF that can be read",
            cure="请重新导出为 PDF 后再上传 · Export it as PDF again and send that",
        )
    if done.returncode:
        raise _failed(what, done.stderr.decode(errors="replace").strip()[-2000:])
    return done.stdout


def _failed(what: str, reason: str) -> PaperError:
    return PaperError(
        what,
        reason=f"文书无法生成 · the paper could not be made: {reason}",
        cure="请稍后再试；如仍不行，请告知管理员 · Try again; if it fails again, tell an administrator",
    )
