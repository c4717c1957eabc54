"""The roster in and out as tables: good rows go in, each bad one is named, and what goes out comes in again."""

from io import StringIO
from pathlib import Path

import pytest

from mumian.people.models import Post
from mumian.rows import Rejection
from mumian.systems.mediation.importing import export, import_bodies, import_mediators, import_ties
from mumian.systems.mediation.models import Body, Mediator, Tie
from tests.web import city as small

pytestmark = pytest.mark.django_db

BODIES = f"""机构编码,机构名称,类型,调解领域,地点编码,经度,纬度,电话,收费
B1,石溪人民调解委员会,committee,06 02,{small.TOWN},113.25,23.10,020-1,
B2,医疗纠纷调解委员会,industry,08,4401,,,020-2,每件 100 元
B3,没有地方,committee,,9999,,,,
B4,没有这类,committee,99,{small.TOWN},,,,
B5,坐标错,committee,,{small.TOWN},abc,23,,
"""
MEDIATORS = f"""调解员编号,姓名,账号,机构编码,类型,领域,语言,地点编码,服务范围,容量,从业年份
M1,王调解,,B1,full-time,06,zh yue,{small.COMMUNITY},,8,2010
M2,李医生,yi,B2,invited,08,zh,{small.TOWN},4401,5,
M3,无处可归,,B9,,,,{small.TOWN},,,
M4,,,B1,,,,{small.TOWN},,,
M5,数不对,,B1,,,,{small.TOWN},,很多,
M6,类型不对,,B1,judge,,,{small.TOWN},,,
"""
TIES = "调解员编号,关系,姓名\nM1,relation,孙房东\nM1,relation,孙房东\nM9,client,某公司\nM1,friend,某人\n"


def place_of(text: str) -> str | None:
    return text if text in (small.TOWN, small.COMMUNITY, "4401") else None


def taken(tmp_path: Path, text: str, run, **more):
    file = tmp_path / "table.csv"
    file.write_text(text, encoding="utf-8")
    rejected: list[Rejection] = []
    return run(file, reject=rejected.append, **more), rejected


def test_organisations_mediators_and_ties_come_in_and_go_out_again(city: small.City, tmp_path: Path) -> None:
    done, rejected = taken(tmp_path, BODIES, import_bodies, place_of=place_of)
    assert (done.added, done.rejected) == (2, 3)
    assert [(each.line, each.column) for each in rejected] == [(4, "地点编码"), (5, "调解领域"), (6, "经度")]
    assert Body.objects.get(organisation__code="B1").fields == ["06", "02"]

    done, rejected = taken(tmp_path, MEDIATORS, import_mediators, place_of=place_of)
    assert (done.added, done.rejected) == (2, 4)
    assert [each.line for each in rejected] == [4, 5, 6, 7]
    first = Mediator.objects.get(code="M1")
    assert (first.reach, first.capacity, first.languages) == (small.TOWN, 8, ["zh", "yue"])
    assert Post.objects.filter(person=first.person, role="mediator").count() == 1

    done, rejected = taken(tmp_path, TIES, import_ties)
    assert (done.added, done.unchanged, done.rejected) == (1, 1, 2)

    kept = {what: StringIO() for what in ("bodies", "mediators", "ties")}
    assert [export(what, file) for what, file in kept.items()] == [2, 2, 1]
    Tie.objects.all().delete()
    again = {
        "bodies": (import_bodies, {"place_of": place_of}),
        "mediators": (import_mediators, {"place_of": place_of}),
        "ties": (import_ties, {}),
    }
    for what, (run, more) in again.items():
        _done, rejected = taken(tmp_path, kept[what].getvalue(), run, **more)
        assert rejected == []
    assert (Body.objects.count(), Mediator.objects.count(), Tie.objects.count()) == (2, 2, 1)
    assert Post.objects.filter(role="mediator").count() == 2


def test_two_mediators_do_not_share_an_account(city: small.City, tmp_path: Path) -> None:
    taken(tmp_path, BODIES, import_bodies, place_of=place_of)
    taken(tmp_path, MEDIATORS, import_mediators, place_of=place_of)
    more = f"调解员编号,姓名,账号,机构编码,地点编码\nM7,冒名,yi,B1,{small.TOWN}\n"
    done, [rejection] = taken(tmp_path, more, import_mediators, place_of=place_of)
    assert done.rejected == 1
    assert rejection.column == "账号"
