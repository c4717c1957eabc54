"""Administrators and procedures: seen, copied, edited, refused, mended, published; and who may come in at all."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mumian.engine.models import Matter, ProcedureVersion
from mumian.engine.publishing import subject_of
from mumian.engine.world import city as installed
from mumian.record.models import Entry
from tests.web import city as small

pytestmark = pytest.mark.usefixtures("changed_world")
EDIT, PUBLISH = "/admin/procedures/grid-event/edit", "/admin/procedures/grid-event/publish"


def text() -> str:
    version = installed().current["grid-event"]
    return ProcedureVersion.objects.get(name="grid-event", version=version).text


def mended() -> str:
    return text().replace("within: 10 days", "within: 30 days")


def digest(page: Any) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]*)"', page.content.decode())
    assert found
    return found[1]


PAGES = [
    "/admin", "/admin/procedures", "/admin/procedures/grid-event", EDIT, "/admin/units", "/admin/units/new",
    "/admin/units/import", "/admin/people", "/admin/people/new", "/admin/people/import", "/admin/calendar",
    "/admin/catalogue", "/admin/catalogue/grid/03.04", "/admin/responsibilities", "/admin/responsibilities/new",
    "/admin/responsibilities/import", "/admin/rights",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_only_administrators_come_in(visit: Any, path: str) -> None:
    assert visit("administrator").get(path).status_code == 200
    assert visit("dispatcher").get(path).status_code == 403
    assert visit("resident").get(path).status_code == 403
    answer = visit().get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in")


def test_the_way_in_is_shown_to_administrators_alone(visit: Any) -> None:
    assert 'href="/admin"' in visit("administrator").get("/admin").content.decode()
    assert 'href="/admin"' not in visit("dispatcher").get("/procedures").content.decode()


def test_a_procedure_is_shown_drawn_with_its_versions_and_what_the_prover_says(visit: Any) -> None:
    page = visit("administrator", language="en").get("/admin/procedures/grid-event").content.decode()
    assert '<svg class="diagram"' in page
    assert "From the beginning to To be assigned: Report." in page
    assert "No fault" in page
    assert "Version 1" in page
    assert page.count(">runs</span>") == len(installed().procedure("grid-event").definition.scenarios)


def test_anyone_sees_the_drawing(visit: Any) -> None:
    assert '<svg class="diagram"' in visit().get("/procedures/grid-event").content.decode()


def test_a_faulty_copy_is_kept_and_each_fault_told_by_line_with_its_cure(visit: Any) -> None:
    client = visit("administrator", language="en")
    broken = text().replace("to: checking, by: handler", "to: cheking, by: handler", 1)
    page = client.post(EDIT, {"text": broken, "digest": ""})
    assert page.status_code == 422
    told = page.content.decode()
    line = next(n for n, each in enumerate(broken.splitlines(), 1) if "cheking" in each)
    assert 'there is no state <code translate="no">cheking</code>' in told
    assert f'data-line="{line}"' in told
    assert 'add it to <code translate="no">states:</code>' in told
    assert f'action="{PUBLISH}"' not in told
    assert "cheking" in client.get(EDIT).content.decode()
    assert client.post(PUBLISH, {"digest": digest(page)}).status_code == 422
    assert ProcedureVersion.objects.filter(name="grid-event", status="published").count() == 1


def test_what_is_no_yaml_is_kept_too(visit: Any) -> None:
    client = visit("administrator")
    assert client.post(EDIT, {"text": "procedure: [", "digest": ""}).status_code == 422
    assert "procedure: [" in client.get(EDIT).content.decode()


def test_a_copy_that_calls_itself_otherwise_is_refused(visit: Any) -> None:
    other = text().replace("procedure: grid-event", "procedure: grid-evnt", 1)
    page = visit("administrator", language="en").post(EDIT, {"text": other, "digest": ""})
    assert 'calls itself <code translate="no">grid-evnt</code>' in page.content.decode()


def test_what_changes_is_told_and_marked_in_the_drawing(visit: Any) -> None:
    page = visit("administrator", language="en").post(EDIT, {"text": mended(), "digest": ""})
    told = page.content.decode()
    assert page.status_code == 200
    assert "It is not solved, reopen (reopen)" in told
    assert "△ It is not" in told


def test_what_was_proved_is_published_and_old_matters_keep_their_version(city: Any, visit: Any) -> None:
    old = small.reported(city)
    client = visit("administrator")
    page = client.post(EDIT, {"text": mended(), "digest": ""})
    answer = client.post(PUBLISH, {"digest": digest(page)})
    assert answer.status_code == 302
    new = small.reported(city)
    assert Matter.objects.get(pk=old.matter).version == 1
    assert Matter.objects.get(pk=new.matter).version == 2
    entry = Entry.objects.filter(subject=subject_of("grid-event")).latest("seq")
    assert (entry.action, entry.person) == ("publish", city.people["administrator"].pk)
    assert not ProcedureVersion.objects.filter(status="draft").exists()
    assert "周明" in client.get("/admin/procedures/grid-event").content.decode()


def test_only_the_text_that_was_proved_is_published(visit: Any) -> None:
    client = visit("administrator")
    page = client.post(EDIT, {"text": mended(), "digest": ""})
    client.post(EDIT, {"text": text(), "digest": digest(page)})
    assert client.post(PUBLISH, {"digest": digest(page)}).status_code == 422


def test_two_who_edit_at_once_do_not_overwrite_each_other_unasked(visit: Any) -> None:
    first, second = visit("administrator", language="en"), visit("administrator", language="en")
    first.post(EDIT, {"text": mended(), "digest": ""})
    page = second.post(EDIT, {"text": text() + "# mine", "digest": ""})
    told = page.content.decode()
    assert "Meanwhile" in told
    assert "# mine" in told
    assert ProcedureVersion.objects.get(status="draft").text == mended()
    second.post(EDIT, {"text": text() + "# mine", "digest": digest(page), "over": "1"})
    assert "# mine" in ProcedureVersion.objects.get(status="draft").text


def test_a_copy_can_be_dropped(visit: Any) -> None:
    client = visit("administrator")
    client.post(EDIT, {"text": mended(), "digest": ""})
    assert client.post(EDIT, {"text": "", "drop": "1"}).status_code == 302
    assert not ProcedureVersion.objects.filter(status="draft").exists()


def test_pages_ask_the_same_however_much_there_is(visit: Any, query_budget: Any) -> None:
    client = visit("administrator")
    for path in ("/admin", "/admin/procedures", "/admin/procedures/grid-event", EDIT, "/admin/units",
                 "/admin/people", "/admin/catalogue", "/admin/responsibilities", "/admin/calendar"):  # fmt: skip
        client.get(path)
        with query_budget(f"web: GET {path}"):
            client.get(path)
