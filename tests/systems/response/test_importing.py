"""Units, responders and shifts from tables: good rows go in, each bad one is named; out again, they are the same."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from mumian.people.importing import Imported
from mumian.people.models import Organisation, Post
from mumian.rows import Rejection, TableError
from mumian.systems.response.importing import (
    export,
    import_responders,
    import_shifts,
    import_units,
    without_responders,
)
from mumian.systems.response.models import EmergencyUnit, Responder, Shift
from tests.web import city as small

pytestmark = pytest.mark.django_db

UNITS = f"""code,name,place,lon,lat,premises,kinds,equipment
u1,石溪小学护校队,{small.GRID},113.2510,23.1010,school,,first-aid
u2,石溪商场消防站,{small.NEXT_GRID},113.2530,23.1010,mall,4;5,fire；defibrillator
u3,无处可寻,440199,113.2530,23.1010,mall,,
u4,没有坐标,{small.GRID},,23.1010,mall,,
u5,离谱,{small.GRID},113.2530,231.010,mall,,
u6,未知类别,{small.GRID},113.2530,23.1010,mall,99,
u1,再来一次,{small.GRID},113.2510,23.1010,school,,
"""
PEOPLE = """unit_code,name,phone,username,skills
u1,张三,13800000001,zhang,first-aid
u1,李四,13800000002,,
u9,王五,13800000003,,
u1,张三,13800000001,,
u1,无电话,,,
"""
SHIFTS = """unit_code,phone,begins,ends
u1,13800000001,2026-11-27 08:00,2026-11-27 16:00
u1,13800000002,2026-11-27 08:00,2026-11-27 16:00
u1,13800000001,2026-11-27 15:00,2026-11-27 20:00
u1,13800000009,2026-11-27 08:00,2026-11-27 16:00
u2,13800000001,2026-11-27 08:00,2026-11-27 16:00
u1,13800000001,2026-11-28 16:00,2026-11-28 08:00
u1,13800000001,明天,2026-11-28 08:00
u1,13800000001,2026-11-27T16:00+08:00,2026-11-27 20:00
"""
PLACES = {small.GRID, small.NEXT_GRID}


class Inbox:
    """Tables in files, and what was turned away of them: line and column."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rejected: list[Rejection] = []

    def file(self, text: str) -> Path:
        path = self.folder / "table.csv"
        path.write_text(text, encoding="utf-8")
        return path

    def units(self, text: str = UNITS) -> Imported:
        def place_of(code: str) -> str | None:
            return code if code in PLACES else None

        return import_units(self.file(text), place_of=place_of, reject=self.rejected.append)

    def people(self, text: str = PEOPLE) -> Imported:
        return import_responders(self.file(text), reject=self.rejected.append)

    def shifts(self, text: str = SHIFTS) -> Imported:
        return import_shifts(self.file(text), reject=self.rejected.append)

    def named(self) -> list[tuple[int, str]]:
        named = [(each.line, each.column) for each in self.rejected]
        assert all(each.reason["zh"] and each.cure["en"] for each in self.rejected)
        self.rejected.clear()
        return named


@pytest.fixture
def inbox(city: small.City, tmp_path: Path) -> Inbox:
    return Inbox(tmp_path)


def test_good_units_go_in_and_each_bad_row_is_named(inbox: Inbox) -> None:
    assert inbox.units() == Imported(2, 0, 0, 5)
    assert inbox.named() == [(4, "place"), (5, "lon"), (6, "lat"), (7, "kinds"), (8, "code")]
    mall = EmergencyUnit.objects.get(organisation__code="u2")
    assert (mall.kinds, mall.equipment) == (["04", "05"], ["fire", "defibrillator"])
    assert mall.organisation.lineage == [mall.pk]


def test_the_same_again_changes_nothing_and_a_change_is_one(inbox: Inbox) -> None:
    inbox.units()
    assert inbox.units() == Imported(0, 0, 2, 5)
    assert inbox.units(UNITS.replace("first-aid", "first-aid,fire".replace(",", ";"))) == Imported(0, 1, 1, 5)
    assert EmergencyUnit.objects.get(organisation__code="u1").equipment == ["first-aid", "fire"]


def test_a_column_that_is_not_there_leaves_what_is_known(inbox: Inbox) -> None:
    inbox.units()
    lines = ["code,name,place,lon,lat", f"u2,新名称,{small.NEXT_GRID},113.2530,23.1010"]
    assert inbox.units("\n".join(lines)) == Imported(0, 1, 0, 0)
    mall = EmergencyUnit.objects.get(organisation__code="u2")
    assert (mall.organisation.name, mall.equipment) == ("新名称", ["fire", "defibrillator"])


def test_a_unit_may_be_an_organisation_that_is_there_already_and_keeps_its_name(inbox: Inbox) -> None:
    text = f"code,name,place,lon,lat\nwater,别的名称,{small.GRID},113.2510,23.1010"
    assert inbox.units(text).added == 1
    assert Organisation.objects.get(code="water").name == "石溪水务所"


def test_responders_go_in_with_their_posts_and_each_bad_row_is_named(inbox: Inbox) -> None:
    inbox.units()
    inbox.named()
    assert inbox.people() == Imported(2, 0, 0, 3)
    assert inbox.named() == [(4, "unit_code"), (5, "name"), (6, "phone")]
    post = Post.objects.get(person__username="zhang")
    assert (post.role_id, post.organisation.code) == ("responder", "u1")
    assert inbox.people() == Imported(0, 0, 2, 3)


def test_a_family_shares_a_phone_and_each_of_it_has_shifts_by_name(inbox: Inbox) -> None:
    inbox.units()
    head = "unit_code,name,phone\n"
    assert inbox.people(head + "u1,张三,139\nu1,张三嫂,139\n") == Imported(2, 0, 0, 0)
    assert inbox.people(head + "u1,张三,138\n") == Imported(0, 1, 0, 0)
    assert inbox.people(head + "u1,张三,139\n") == Imported(0, 1, 0, 0)
    inbox.named()
    times = "2026-11-27 08:00,2026-11-27 16:00\n"
    head = "unit_code,name,phone,begins,ends\n"
    rows = f"u1,张三,,{times}u1,张三嫂,139,{times}u1,,139,{times}u1,张四,139,{times}"
    assert inbox.shifts(head + rows) == Imported(2, 0, 0, 2)
    shared, nobody = inbox.rejected
    assert (shared.column, shared.cure["en"]) == ("phone", "Give the name")
    assert (nobody.column, nobody.value) == ("name", "张四")


def test_units_without_responders_are_named(inbox: Inbox) -> None:
    inbox.units()
    inbox.people()
    assert without_responders() == ["u2"]


def test_shifts_that_overlap_or_belong_to_nobody_are_named_and_the_others_go_in(inbox: Inbox) -> None:
    inbox.units()
    inbox.people()
    inbox.named()
    assert inbox.shifts() == Imported(3, 0, 0, 5)
    assert inbox.named() == [(4, "begins"), (5, "phone"), (6, "unit_code"), (7, "ends"), (8, "begins")]
    assert Shift.objects.count() == 3
    assert inbox.shifts() == Imported(0, 0, 3, 5)


def test_what_goes_out_comes_in_again_as_it_was(inbox: Inbox) -> None:
    inbox.units()
    inbox.people()
    inbox.shifts()
    tables = {}
    for what in ("units", "responders", "shifts"):
        held = io.StringIO()
        export(what, held)
        tables[what] = held.getvalue()
    inbox.rejected.clear()
    assert inbox.units(tables["units"]) == Imported(0, 0, 2, 0)
    assert inbox.people(tables["responders"]) == Imported(0, 0, 2, 0)
    assert inbox.shifts(tables["shifts"]) == Imported(0, 0, 3, 0)
    assert Responder.objects.count() == 2


def test_a_file_that_is_no_such_table_is_refused_whole(inbox: Inbox) -> None:
    with pytest.raises(TableError, match="lon"):
        inbox.units("code,name,place\nu1,石溪,440103001001001")
    assert not EmergencyUnit.objects.exists()
