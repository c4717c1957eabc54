"""Administrators and the city: units, people, posts, tokens, the calendar, the catalogue, who answers for what."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from mumian.engine.models import CalendarDay, Kind
from mumian.engine.world import city as installed
from mumian.intake.models import Responsibility
from mumian.people.models import Organisation, Person, Post, Token
from mumian.record.models import Entry
from mumian.web.admin.city import RESPONSIBILITY
from mumian.web.admin.history import PEOPLE, subject_of
from tests.web import city as small
from tests.web.city import TOWN

pytestmark = pytest.mark.usefixtures("changed_world")


def table(text: str) -> Any:
    file = io.BytesIO(text.encode())
    file.name = "table.csv"
    return file


def last(subject: Any) -> Entry:
    return Entry.objects.filter(subject=subject).latest("seq")


# --- units ---


def test_a_unit_is_added_below_another_and_on_the_record(city: Any, visit: Any) -> None:
    client = visit("administrator")
    given = {"code": "water-2", "name": "水务二所", "parent": "water", "place": "石溪街道", "active": "yes"}
    assert client.post("/admin/units/new", given).status_code == 302
    unit = Organisation.objects.get(code="water-2")
    assert (unit.lineage, unit.place) == ([unit.pk, city.water.pk], TOWN)
    assert unit.pk in installed().units
    assert last(subject_of("unit", unit.pk)).action == "add"
    assert "水务二所" in client.get("/admin/units?text=水务二").content.decode()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"code": "streets"}, "Another unit has this code"),
        ({"parent": "nothing"}, "No unit has this code"),
        ({"parent": "water"}, "cannot stand below itself"),
        ({"place": "平安社区"}, "It may be"),
        ({"place": "不存在"}, "no such place"),
    ],
)
def test_what_does_not_fit_a_unit_is_said_and_kept(city: Any, visit: Any, wrong: Any, told: str) -> None:
    given = {"code": "water", "name": "改名", "active": "yes", **wrong}
    page = visit("administrator", language="en").post(f"/admin/units/{city.water.pk}", given)
    assert page.status_code == 422
    assert told in page.content.decode()
    assert "改名" in page.content.decode()
    assert Organisation.objects.get(pk=city.water.pk).name == "石溪水务所"


def test_units_are_imported_with_a_report_of_what_did_not_go_in(visit: Any) -> None:
    page = visit("administrator", language="en").post(
        "/admin/units/import", {"file": table("code,name,place\nfire-1,消防一队,440103001\n,无代码,\n")}
    )
    assert "Line 3" in page.content.decode()
    assert Organisation.objects.filter(code="fire-1").exists()
    assert last(PEOPLE).body["rejected"] == 1


# --- persons, posts, tokens ---


def test_somebody_invited_chooses_a_password_by_a_link_that_works_once(visit: Any) -> None:
    client = visit("administrator", language="en")
    given = {"username": "newcomer", "name": "新人", "phone": "13800000000", "is_active": "yes"}
    assert client.post("/admin/people/new", given).status_code == 302
    person = Person.objects.get(username="newcomer")
    assert not person.has_usable_password()
    page = client.post(f"/admin/people/{person.pk}/invite").content.decode()
    link = page.partition('translate="no">http://testserver')[2].partition("</code>")[0]
    assert "Shown only now" in page
    assert "http://testserver/welcome" not in client.get(f"/admin/people/{person.pk}").content.decode()
    guest = visit()
    form = guest.get(link, follow=True)
    answer = guest.post(
        form.request["PATH_INFO"], {"new_password1": "a longer word", "new_password2": "a longer word"}
    )
    assert answer.status_code == 302
    person.refresh_from_db()
    assert person.check_password("a longer word")
    assert "no longer works" in visit(language="en").get(link, follow=True).content.decode()
    entries = Entry.objects.filter(subject=person.pk).order_by("seq")
    assert [each.action for each in entries] == ["add", "invite", "password"]
    assert not any("13800000000" in str(each.body) for each in entries)


def test_a_post_is_given_and_ended_but_never_deleted(city: Any, visit: Any) -> None:
    client = visit("administrator")
    person = city.people["resident"]
    given = {"role": "officer", "organisation": "water", "place": "", "begins": "", "ends": ""}
    assert client.post(f"/admin/people/{person.pk}/posts", given).status_code == 302
    post = Post.objects.get(person=person)
    assert post.place == TOWN
    assert client.post(f"/admin/posts/{post.pk}/end").status_code == 302
    post.refresh_from_db()
    assert post.ends == timezone.localdate() - timedelta(days=1)
    assert [each.action for each in Entry.objects.filter(subject=subject_of("post", post.pk)).order_by("seq")] == [
        "add", "end",
    ]  # fmt: skip
    assert visit("resident").get("/admin").status_code == 403


def test_a_post_without_a_unit_that_exists_is_refused(city: Any, visit: Any) -> None:
    person = city.people["resident"]
    page = visit("administrator", language="en").post(
        f"/admin/people/{person.pk}/posts", {"role": "officer", "organisation": "nothing"}
    )
    assert page.status_code == 422
    assert "no such unit" in page.content.decode()


def test_a_token_is_shown_once_and_can_be_taken_back(city: Any, visit: Any) -> None:
    client = visit("administrator")
    post = city.posts["officer"]
    page = client.post(f"/admin/posts/{post.pk}/tokens", {"title": "对接程序"}).content.decode()
    secret = "mm_" + page.partition("mm_")[2].partition("<")[0]
    token = Token.objects.get(title="对接程序")
    assert bytes(token.hash) == Token.digest(secret)
    assert secret not in client.get(f"/admin/people/{post.person_id}").content.decode()
    assert secret not in str(list(Entry.objects.values_list("body", flat=True)))
    client.post(f"/admin/tokens/{token.pk}/revoke")
    assert not Token.objects.exists()


def test_people_are_found_by_name_with_their_posts(visit: Any) -> None:
    page = visit("administrator", language="en").get("/admin/people?text=何志").content.decode()
    assert "何志强" in page
    assert "Shixi Water" in page
    assert "刘欣月" not in page


# --- calendar ---


def test_a_day_is_set_apart_and_due_times_follow(visit: Any) -> None:
    client = visit("administrator")
    day = date(2026, 12, 30)
    given = {"day": "2026-12-30", "working": "no", "name": "演练日 / Drill day"}
    assert client.post("/admin/calendar?year=2026", given).status_code == 302
    assert not installed().world.calendar.is_working(day)
    kept = CalendarDay.objects.get(day=day)
    assert (
        "Drill day" in visit("administrator", language="en").get("/admin/calendar?year=2026").content.decode()
    )
    client.post("/admin/calendar?year=2026", {"remove": kept.pk})
    assert installed().world.calendar.is_working(day)


# --- catalogue ---


def test_a_kind_is_changed_with_its_limits_and_words(visit: Any) -> None:
    client = visit("administrator")
    given = {
        "title": "排水与内涝", "title_en": "Drainage", "unit_kind": "water", "unit_at": "town", "zh": "堵塞，内涝",
        "en": "drain, flood", "in_grid": "no", "hazard": "no", "active": "yes", "limit_resolve": "4 working days",
        "limit_respond": "",
    }  # fmt: skip
    assert client.post("/admin/catalogue/grid/03.04", given).status_code == 302
    kind = Kind.objects.get(catalogue="grid", code="03.04")
    assert kind.limits == {"resolve": "4 working days"}
    assert kind.keywords == {"zh": ["堵塞", "内涝"], "en": ["drain", "flood"]}
    assert installed().world.limit_of("grid", "03.04", "resolve") == "4 working days"
    assert "4 个工作日" in client.get("/admin/catalogue?name=grid").content.decode()


def test_a_limit_may_be_written_in_chinese(visit: Any) -> None:
    client = visit("administrator")
    assert 'value="3 个工作日"' in client.get("/admin/catalogue/grid/03.04").content.decode()
    given = {"title": "排水", "in_grid": "no", "hazard": "no", "active": "yes", "limit_resolve": "6个工作日"}
    client.post("/admin/catalogue/grid/03.04", given)
    assert Kind.objects.get(catalogue="grid", code="03.04").limits == {"resolve": "6 working days"}


def test_a_limit_that_is_none_is_refused_in_words(visit: Any) -> None:
    page = visit("administrator", language="en").post(
        "/admin/catalogue/grid/03.04", {"title": "排水", "limit_resolve": "soon"}
    )
    assert page.status_code == 422
    assert "such as 4 working hours" in page.content.decode()


# --- who answers for what ---


def test_a_line_is_added_changed_and_taken_out(city: Any, visit: Any) -> None:
    client = visit("administrator")
    given = {"kind": "03.04", "place": TOWN, "unit": "water", "basis": "三定方案"}
    assert client.post("/admin/responsibilities/new", given).status_code == 302
    line = Responsibility.objects.get()
    assert (line.unit_id, line.basis) == (city.water.pk, "三定方案")
    client.post(f"/admin/responsibilities/{line.pk}", {**given, "unit": "streets"})
    line.refresh_from_db()
    assert line.unit_id == city.streets.pk
    assert "石溪执法队" in client.get("/admin/responsibilities?kind=03").content.decode()
    client.post(f"/admin/responsibilities/{line.pk}/remove")
    assert not Responsibility.objects.exists()
    actions = Entry.objects.filter(subject=RESPONSIBILITY).order_by("seq").values_list("action", flat=True)
    assert list(actions) == ["add", "change", "remove"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"kind": "99"}, "No catalogue has this kind"),
        ({"unit": "nobody"}, "no such unit"),
        ({}, "answers already"),
    ],
)
def test_a_line_that_contradicts_is_refused(city: Any, visit: Any, wrong: Any, told: str) -> None:
    Responsibility.objects.create(kind="03.04", place=TOWN, unit=city.streets)
    given = {"kind": "03.04", "place": TOWN, "unit": "water", **wrong}
    page = visit("administrator", language="en").post("/admin/responsibilities/new", given)
    assert page.status_code == 422
    assert told in page.content.decode()


def test_the_table_is_imported_with_a_report(visit: Any) -> None:
    rows = "kind,place,organisation_code,basis\n03.04,440103001,water,三定\n99,,water,\n,,nobody,\n03,,streets,\n"
    client = visit("administrator", language="en")
    page = client.post("/admin/responsibilities/import", {"file": table(rows)}).content.decode()
    assert Responsibility.objects.count() == 2
    assert "no catalogue has this kind" in page
    assert "there is no such unit" in page
    again = client.post("/admin/responsibilities/import", {"file": table(rows)}).content.decode()
    assert Responsibility.objects.count() == 2
    assert "As they were" in again


# --- who may do what ---


def test_rights_are_explained_in_general_and_on_a_matter(city: Any, visit: Any) -> None:
    client = visit("administrator", language="en")
    found = client.get("/admin/rights?text=何志").content.decode()
    post = city.posts["officer"]
    assert f"?post={post.pk}" in found
    general = client.get(f"/admin/rights?post={post.pk}").content.decode()
    assert "assigned to Shixi Water" in general
    assert "Only: Dispatcher" in general
    assert "of the unit that has it" in general
    number = small.assigned(city).number
    told = client.get(f"/admin/rights?post={post.pk}&number={number}").content.decode()
    assert "As: Handler" in told
    assert "possible only when it is" in told
    stranger = city.posts["stranger"]
    told = client.get(f"/admin/rights?post={stranger.pk}&number={number}").content.decode()
    assert "The post sees:" in told
    assert "line 4" in told or "line 5" in told


def test_a_number_there_is_not_is_said(city: Any, visit: Any) -> None:
    page = visit("administrator", language="en").get(
        f"/admin/rights?post={city.posts['officer'].pk}&number=0000-0000"
    )
    assert "No matter has this number" in page.content.decode()
