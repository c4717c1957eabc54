"""Keys and packages by the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mumian.errors import MumianError
from mumian.systems.justice import commands
from mumian.systems.justice.packages import bag, keys, sending
from mumian.systems.justice.packages.faults import Faulty
from mumian.systems.justice.packages.models import AgencyKey, Parcel
from tests.systems.justice.agencies import Agencies


@pytest.fixture
def run(here: Agencies, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("mumian.systems.justice.packages.commands.prepare", lambda: None)

    def asked(*words: str) -> str:
        result = CliRunner().invoke(commands.app, [*words])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output

    return asked


def test_keys_are_made_listed_trusted_and_ended(run: Any, here: Agencies) -> None:
    said = run("key", "make", "police")
    made = AgencyKey.objects.filter(organisation=here.units["police"]).latest("begins")
    assert made.key in said
    assert made.key in run("key", "list")
    run("key", "end", made.key)
    with pytest.raises(MumianError):
        run("key", "end", made.key)
    run("key", "trust", "prison", "ab" * 32)
    for wrong in ("xyz", "ab" * 31):
        with pytest.raises(MumianError):
            run("key", "trust", "prison", wrong)
    with pytest.raises(MumianError):
        run("key", "make", "nobody")


def test_a_package_is_checked_and_taken_in(run: Any, here: Agencies, tmp_path: Path) -> None:
    parcel = sending.send(here.seen("investigator", here.prepared()), by_file=True)
    file = tmp_path / "package.zip"
    file.write_bytes(b"".join(bag.written(sending.package_of(parcel), sending.where)))
    Parcel.objects.all().delete()
    assert parcel.digest in run("check", str(file))
    assert not Parcel.objects.exists()
    assert parcel.digest in run("take-in", str(file), "--agency", "procuratorate")
    assert Parcel.objects.get().received is not None
    file.write_bytes(file.read_bytes().replace(b"admits", b"denies"))
    with pytest.raises(Faulty):
        run("take-in", str(file), "--agency", "procuratorate")
    assert keys.find("0" * 32) is None
