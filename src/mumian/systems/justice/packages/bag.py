"""A package as one file: a folder as RFC 8493 (BagIt) has it, in a zip; written and read as a stream.

Every file beside the documents follows from the manifest, so a byte changed in any of them is found and its file
named. Reading trusts no name, no size and no sum in the zip: only what the signed manifest leads to is taken out.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

from mumian.systems.justice.packages import manifest as manifests
from mumian.systems.justice.packages import signing, store
from mumian.systems.justice.packages.faults import Fault, Faulty, Sort
from mumian.systems.justice.packages.manifest import Document, Manifest
from mumian.systems.justice.packages.signing import Key, Signature

MANIFEST = "package.json"
TAGS = "tagmanifest-sha256.txt"
LONGEST_SIGNATURE = 4096
FAULTS = (
    BadZipFile,
    LargeZipFile,
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    zlib.error,
)
"""What reading a broken zip raises."""


@dataclass(frozen=True, slots=True)
class Package:
    """A manifest and the sender's signature over it."""

    manifest: Manifest
    signature: Signature

    @property
    def name(self) -> str:
        """The folder in the zip, and the beginning of the file's name."""
        return f"{self.manifest.package}-v{self.manifest.version}"


def written(package: Package, where: Callable[[Document], Path]) -> Iterator[bytes]:
    """The zip, piece by piece; documents are stored as they are. The same package gives the same bytes."""
    out, root = _Pipe(), package.name
    with ZipFile(out, "w") as bag:
        for name, content in tag_files(package).items():
            bag.writestr(_info(f"{root}/{name}"), content)
            yield out.taken()
        for document in package.manifest.documents:
            info = _info(f"{root}/data/{document.path}")
            info.file_size = document.size
            with bag.open(info, "w") as target:
                for piece in store.pieces(where(document)):
                    target.write(piece)
                    yield out.taken()
    yield out.taken()


def tag_files(package: Package) -> dict[str, bytes]:
    """The files of the bag beside its documents, by name."""
    manifest = package.manifest
    count, size = len(manifest.documents), manifest.size
    day = manifest.made[:10]
    info = [
        ("Source-Organization", manifest.sender), ("Bagging-Date", day), ("Payload-Oxum", f"{size}.{count}"),
        ("External-Identifier", f"{manifest.package}-v{manifest.version}"),
    ]  # fmt: skip
    files = {
        "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": "".join(f"{name}: {_one_line(text)}\n" for name, text in info).encode(),
        "manifest-sha256.txt": "".join(
            f"{each.sha256}  data/{each.path}\n" for each in manifest.documents
        ).encode(),
        MANIFEST: manifest.written(),
        signing.NAME: package.signature.written(),
    }
    tags = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    return {**files, TAGS: tags.encode()}


def opened(file: Path | IO[bytes], find: Callable[[str], Key | None], *, now: datetime) -> Package:
    """Whose package a zip is, once manifest, signature and all that follows from them hold. Raises `Faulty`."""
    with _zip(file) as bag:
        return _opened(bag, find, now)[0]


def taken(
    file: Path | IO[bytes],
    find: Callable[[str], Key | None],
    *,
    now: datetime,
    receiver: str = "",
    passed: Callable[[Document], None] = lambda document: None,
) -> Package:
    """Takes a package out of a zip, its documents into the store. Raises `Faulty` with all that is wrong.

    No more is read of any document than the manifest says. A document once stored stays, whatever becomes of the
    package: it lies under its hash and nothing names it. `passed` is told of each document that was looked at.
    """
    with _zip(file) as bag:
        package, root = _opened(bag, find, now)
        if receiver and package.manifest.receiver != receiver:
            raise Faulty([Fault(Sort.NOT_FOR_US, MANIFEST, package.manifest.receiver)])
        faults = []
        for document in package.manifest.documents:
            if fault := _take_out(bag, root, document):
                faults.append(fault)
            passed(document)
    if faults:
        raise Faulty(faults)
    return package


# --- reading ----------------------------------------------------------------------------------------


def _zip(file: Path | IO[bytes]) -> ZipFile:
    try:
        return ZipFile(file)
    except FAULTS as error:
        raise Faulty([Fault(Sort.NO_PACKAGE, getattr(file, "name", "zip"), str(error)[:120])]) from None


def _opened(bag: ZipFile, find: Callable[[str], Key | None], now: datetime) -> tuple[Package, str]:
    names = bag.namelist()
    first = next((name for name in names if name.endswith(f"/{MANIFEST}")), None)
    if first is None or first.count("/") != 1:
        raise Faulty([Fault(Sort.NO_PACKAGE, MANIFEST)])
    root = first.partition("/")[0]
    text = _content(bag, root, MANIFEST, manifests.LARGEST_MANIFEST)
    signed = _content(bag, root, signing.NAME, LONGEST_SIGNATURE)
    said = _tags(_content(bag, root, TAGS, LONGEST_SIGNATURE))
    try:
        package = Package(manifests.read(text), signing.read(signed))
        if wrong := signing.check(package.manifest, package.signature, find, now=now):
            raise Faulty([wrong])
    except Faulty:  # which of the two it was, if one was altered, is told by their hashes
        files = ((MANIFEST, text), (signing.NAME, signed))
        other = [name for name, content in files if said.get(name) != hashlib.sha256(content).hexdigest()]
        if other:
            raise Faulty([Fault(Sort.ALTERED, name) for name in other]) from None
        raise
    faults = []
    expected = tag_files(package)
    for name, content in expected.items():
        if _content(bag, root, name, len(content)) != content:
            faults.append(Fault(Sort.ALTERED, name))
    faults += _names(names, root, package, expected)
    if faults:
        raise Faulty(faults)
    return package, root


def _tags(text: bytes) -> dict[str, str]:
    """Hashes by name, as far as they can be read."""
    lines = (line.split("  ", 1) for line in text.decode(errors="replace").splitlines())
    return {parts[1]: parts[0] for parts in lines if len(parts) == 2}


def _names(names: list[str], root: str, package: Package, expected: dict[str, bytes]) -> list[Fault]:
    """What is there too much, or twice. What is missing is found when it is read."""
    wanted = {f"{root}/{name}" for name in expected}
    wanted |= {f"{root}/data/{each.path}" for each in package.manifest.documents}
    faults = [
        Fault(Sort.EXTRA, name[:200]) for name in names if name not in wanted and not name.endswith("/")
    ]
    if root != package.name:
        faults.append(Fault(Sort.EXTRA, root[:200]))
    seen = set[str]()
    faults += [Fault(Sort.EXTRA, name[:200]) for name in names if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
    return faults


def _content(bag: ZipFile, root: str, name: str, most: int) -> bytes:
    """A small file whole, of which no more than `most` bytes are read."""
    try:
        info = bag.getinfo(f"{root}/{name}")
    except KeyError:
        raise Faulty([Fault(Sort.MISSING, name)]) from None
    try:
        with _entry(bag, info) as opened:
            content = opened.read(most + 1)
    except FAULTS:
        raise Faulty([Fault(Sort.ALTERED, name)]) from None
    if len(content) > most:
        raise Faulty([Fault(Sort.ALTERED, name)])
    return content


def _take_out(bag: ZipFile, root: str, document: Document) -> Fault | None:
    try:
        info = bag.getinfo(f"{root}/data/{document.path}")
    except KeyError:
        return Fault(Sort.MISSING, document.path, document.title)
    try:
        with _entry(bag, info) as opened:
            sha256, size = store.take(_pieces(opened), most=document.size)
    except store.Longer:
        return Fault(Sort.SIZE, document.path, document.title)
    except FAULTS:
        return Fault(Sort.ALTERED, document.path, document.title)
    if size != document.size:
        return Fault(Sort.SIZE, document.path, document.title)
    return None if sha256 == document.sha256 else Fault(Sort.ALTERED, document.path, document.title)


def _entry(bag: ZipFile, info: ZipInfo) -> IO[bytes]:
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED) or info.flag_bits & 1:
        raise BadZipFile(info.filename)
    return bag.open(info)


def _pieces(opened: IO[bytes]) -> Iterator[bytes]:
    while piece := opened.read(store.CHUNK):
        yield piece


# --- writing ----------------------------------------------------------------------------------------


class _Pipe:
    """What a zip is written into, and taken out of as it grows. It cannot seek."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def write(self, piece: bytes, /) -> int:
        self._waiting.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits elsewhere."""

    def close(self) -> None:
        """Nothing is to be closed."""

    def taken(self) -> bytes:
        whole = b"".join(self._waiting)
        self._waiting.clear()
        return whole


def _info(name: str) -> ZipInfo:
    info = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    info.compress_type, info.create_system, info.external_attr = ZIP_STORED, 3, 0o600 << 16
    return info


def _one_line(text: str) -> str:
    return " ".join(text.split())
