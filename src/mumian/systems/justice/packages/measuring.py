"""How fast the documents of a package are held against its manifest, beside `sha256sum` on the same files."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from mumian.bench.result import Figure, best
from mumian.systems.justice.packages import checking
from mumian.systems.justice.packages.manifest import Document, Kind, Manifest, in_order

AIM = 0.5


def measure_checking(
    folder: Path | None = None, *, documents: int = 2_000, size: int = 256 * 1024, times: int = 3
) -> list[Figure]:
    """Bytes checked a second, and the share of what `sha256sum` does. Both read from the same warm cache."""
    with tempfile.TemporaryDirectory(prefix="mumian-package-", dir=folder) as room:
        files = [Path(room) / f"{number:05d}" for number in range(1, documents + 1)]
        for file in files:
            file.write_bytes(os.urandom(size))
        names = "\n".join(map(str, files)).encode()
        said = subprocess.run(["xargs", "sha256sum"], input=names, capture_output=True, check=True).stdout
        hashes = [line.split()[0].decode() for line in said.splitlines()]
        manifest = _manifest(hashes, size)

        def theirs() -> None:
            subprocess.run(["xargs", "sha256sum"], input=names, stdout=subprocess.DEVNULL, check=True)

        def ours() -> None:
            assert checking.check(manifest, lambda each: files[each.number - 1]) == []

        them, we = best(times, lambda: _seconds(theirs)), best(times, lambda: _seconds(ours))
        files[-1].write_bytes(b"\0" + files[-1].read_bytes()[1:])
        found = checking.check(manifest, lambda each: files[each.number - 1])
    megabytes = documents * size / 1e6
    ratio = them / we
    return [
        Figure(
            "justice_package", megabytes / we, "MB/s", megabytes / them, "sha256sum on the same files", ratio,
            f"≥ {AIM} × sha256sum", ratio >= AIM and len(found) == 1,
        )
    ]  # fmt: skip


def _manifest(hashes: list[str], size: int) -> Manifest:
    documents = [
        Document(number, 1, f"{number}", Kind.OTHER, "text/plain", size, sha256, 1, 1)
        for number, sha256 in enumerate(hashes, start=1)
    ]
    return Manifest(
        "0" * 32, 1, "", "bench", "trial", "a", "b", "2026-01-01T00:00:00.000000Z", in_order(documents)
    )


def _seconds(do: Callable[[], None]) -> float:
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun
