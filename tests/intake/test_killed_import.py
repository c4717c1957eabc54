"""An import killed at any moment goes on at the next start: every row is in exactly once."""

import csv
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
from django.db import connection

from mumian.engine.installing import install
from mumian.engine.models import Matter
from mumian.engine.world import city
from mumian.intake.acting import Acting
from mumian.intake.mapping import load_mapping
from mumian.record.verifying import verify_all

ROWS = 1500
KILLS = 4
MAPPING = """
mapping = "killed"
procedure = "grid-event"
source = "killed"
key = ["id"]
zone = "Asia/Shanghai"
what = "text"
[place]
within = "449801"
names = ["town"]
create = true
[unit]
name = "unit"
create = true
[kind]
catalogue = "grid"
code = "kind"
[times]
reported = "at"
closed = "closed"
[end]
closed = {scenario = "fixed", outcome = "fixed"}
"""
RUN = """
import sys
from pathlib import Path
import django
django.setup()
from mumian.intake.importing import run_import
from mumian.intake.mapping import load_mapping
run_import(Path(sys.argv[1]), load_mapping(sys.argv[2]), batch=50,
           progress=lambda line, last: print(line, flush=True))
"""


def start(file: Path, mapping: Path) -> "subprocess.Popen[str]":
    info = connection.connection.info
    password = f":{quote(info.password, safe='')}" if info.password else ""
    url = (
        f"postgresql://{quote(info.user)}{password}@/{info.dbname}"
        f"?host={quote(info.host, safe='')}&port={info.port}"
    )
    environ = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "mumian.settings"}
    command = [sys.executable, "-c", RUN, str(file), str(mapping)]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)


@pytest.mark.django_db(transaction=True)
def test_a_killed_import_goes_on_and_every_row_is_in_exactly_once(tmp_path: Path) -> None:
    install()
    connection.ensure_connection()
    mapping, file = tmp_path / "killed.toml", tmp_path / "rows.csv"
    mapping.write_text(MAPPING, encoding="utf-8")
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "text", "town", "kind", "unit", "at", "closed"])
        for number in range(ROWS):
            town = f"{'甲乙丙丁'[number % 4]}街道"
            kind = "99.99" if number % 100 == 7 else "01.01"  # one in a hundred is bad
            writer.writerow(
                [number, f"第 {number} 件", town, kind, "市政所", "2025-03-03 09:00", "2025-03-04 10:00"]
            )
    chance = random.Random(20250303)
    for _ in range(KILLS):
        process = start(file, mapping)
        assert process.stdout is not None
        first = process.stdout.readline()  # the first batch of this start is in
        if first:
            time.sleep(chance.uniform(0.0, 0.25))
        helpers = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not psutil.wait_procs(helpers, timeout=30)[1], "helpers outlived the import"
    assert Matter.objects.count() < ROWS, "it was never killed in the middle"

    last = start(file, mapping)
    last.communicate()

    assert last.returncode == 0
    acting = Acting(load_mapping(mapping), city())
    good = {acting.matter_of(str(number)) for number in range(ROWS) if number % 100 != 7}
    assert set(Matter.objects.values_list("pk", flat=True)) == good
    assert not Matter.objects.exclude(state="closed").exists()
    assert not Matter.objects.exclude(seq=5).exists()
    assert list(verify_all()) == []
    with (tmp_path / "rows.rows.csv").open(encoding="utf-8-sig", newline="") as report:
        lines = [int(line["line"]) for line in csv.DictReader(report)]
    assert lines == [number + 2 for number in range(ROWS) if number % 100 == 7]
