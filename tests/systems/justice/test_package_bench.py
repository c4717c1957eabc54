"""The measurement runs, and what it measured was right; how fast is for `mumian bench` to say."""

from __future__ import annotations

from pathlib import Path

from mumian.systems.justice.packages.measuring import measure_checking


def test_checking_a_package_is_measured_beside_sha256sum(tmp_path: Path) -> None:
    [figure] = measure_checking(tmp_path, documents=20, size=100_000, times=1)
    assert figure.name == "justice_package"
    assert figure.value > 0
    assert figure.ratio
    assert figure.against
