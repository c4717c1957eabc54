"""Whether files are what a manifest says: hashed in threads, which share the cores because hashing waits for no one."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mumian import papers
from mumian.systems.justice.packages.faults import Fault, Sort
from mumian.systems.justice.packages.manifest import Document, Manifest

PDF = "application/pdf"


def check(manifest: Manifest, where: Callable[[Document], Path]) -> list[Fault]:
    """What of the documents is missing, longer, shorter or altered, in their order. Holds no file in memory."""
    documents = manifest.documents
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as threads:
        found = threads.map(_fault, documents, map(where, documents), chunksize=1)
        return [fault for fault in found if fault]


def check_pages(manifest: Manifest, where: Callable[[Document], Path]) -> Iterator[Fault]:
    """Which of the PDF documents have not the pages that are said."""
    documents = [each for each in manifest.documents if each.media == PDF]
    for each, pages in zip(documents, papers.pages([where(each) for each in documents]), strict=True):
        if pages is None:
            yield Fault(Sort.UNREADABLE, each.path, each.title)
        elif pages != each.pages:
            yield Fault(Sort.PAGES, each.path, f"{each.title}: {pages} ≠ {each.pages}")


def hash_of(file: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with file.open("rb", buffering=0) as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _fault(document: Document, file: Path) -> Fault | None:
    try:
        if file.stat().st_size != document.size:
            return Fault(Sort.SIZE, document.path, document.title)
        same = hash_of(file) == document.sha256
    except FileNotFoundError:
        return Fault(Sort.MISSING, document.path, document.title)
    except OSError as error:
        return Fault(Sort.UNREADABLE, document.path, error.strerror or "")
    return None if same else Fault(Sort.ALTERED, document.path, document.title)
