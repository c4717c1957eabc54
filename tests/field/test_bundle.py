"""What a phone takes along: all that its owner may see and do, and nothing else."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from django.urls import reverse

from mumian.engine.models import Matter
from mumian.engine.perform import Act, perform
from mumian.engine.world import city as installed
from mumian.people.actor import SYSTEM
from tests.web import city as small
from tests.web.city import GRID, NEXT_SPOT, City

pytestmark = pytest.mark.django_db


def taken(client: Any) -> dict[str, Any]:
    answer = client.get("/field/bundle.json")
    assert answer.status_code == 200
    return json.loads(answer.content)


def test_one_takes_along_the_open_matters_one_sees_and_no_others(city: City, visit: Any) -> None:
    mine, closed = small.checking(city).number, small.closed(city).number
    elsewhere = small.reported(city, spot=NEXT_SPOT).number
    numbers = {matter["number"] for matter in taken(visit("worker"))["matters"]}
    assert mine in numbers
    assert not {closed, elsewhere} & numbers


def test_each_matter_says_what_may_be_done_now_and_after_ones_own_steps(city: City, visit: Any) -> None:
    number = small.assigned(city).number
    [matter] = [each for each in taken(visit("officer"))["matters"] if each["number"] == number]
    assert "start" in matter["may"]["assigned"]
    assert "finish" in matter["may"]["working"]
    assert "accept" not in matter["may"].get("checking", [])
    [seen] = [each for each in taken(visit("worker"))["matters"] if each["number"] == number]
    assert seen["may"] == {"assigned": []}


def test_every_form_that_may_be_needed_is_there_as_the_definition_has_it(city: City, visit: Any) -> None:
    small.checking(city)
    bundle = taken(visit("worker"))
    for matter in bundle["matters"]:
        procedure = bundle["procedures"][matter["procedure"]]
        compiled = installed().procedure(*matter["procedure"].split("/")[:1])
        for actions in matter["may"].values():
            for name in actions:
                asks = [field for field, _ in procedure["actions"][name]["asks"]]
                assert asks == [field for field, _ in compiled.asks[name]]
                for field in asks:
                    assert procedure["form"][field]["type"] == compiled.definition.form[field].type
    assert bundle["opens"][0] == {"procedure": "grid-event/1", "action": "report"}
    assert bundle["kinds"]["grid"][0]["title"]["zh"]


def test_a_patrol_brings_its_checklist(city: City, visit: Any) -> None:
    data = {"name": "巡查", "where": {"place": GRID}, "checklist": "rental-housing"}
    perform([Act("plan", SYSTEM, data, opens="patrol")])
    [patrol] = [each for each in taken(visit("worker"))["matters"] if each["procedure"].startswith("patrol/")]
    assert patrol["yours"]
    assert {"zh", "en"} <= patrol["lists"]["failed"][0].keys()


def test_texts_are_there_in_both_languages(city: City, visit: Any) -> None:
    number = small.checking(city).number
    [matter] = [each for each in taken(visit("worker"))["matters"] if each["number"] == number]
    titles = [event["title"] for event in matter["events"]]
    assert {"zh": "办理完毕", "en": "Finish"} in titles
    assert matter["where"]["en"].endswith("Grid 001")


def test_personal_words_go_only_with_those_who_are_involved(city: City, visit: Any) -> None:
    number = small.assigned(city, contact="13800000000").number
    for who, told in {"officer": True, "supervisor": True, "dispatcher": True}.items():
        [matter] = [each for each in taken(visit(who))["matters"] if each["number"] == number]
        assert ("13800000000" in json.dumps(matter)) is told


def test_what_has_not_changed_is_not_sent_again(city: City, visit: Any) -> None:
    matter = small.checking(city).matter
    worker = visit("worker")
    tag = worker.get("/field/bundle.json")["ETag"]
    assert worker.get("/field/bundle.json", headers={"If-None-Match": tag}).status_code == 304
    small.act(city, "worker", "comment", matter, text="已看过")
    assert worker.get("/field/bundle.json", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("who", [None, "resident"])
def test_without_a_post_there_is_nothing_to_take_along(city: City, visit: Any, who: str | None) -> None:
    assert visit(who).get("/field/bundle.json").status_code == 401


def test_many_matters_take_no_more_queries_than_few(city: City, visit: Any, query_budget: Any) -> None:
    small.checking(city)
    worker = visit("worker")
    worker.get("/field/bundle.json")
    for _ in range(4):
        small.checking(city)
    with query_budget("field: GET /field/bundle.json"):
        worker.get("/field/bundle.json")
    tag = worker.get("/field/bundle.json")["ETag"]
    with query_budget("field: GET /field/bundle.json unchanged"):
        worker.get("/field/bundle.json", headers={"If-None-Match": tag})
    with query_budget("field: GET /field/me.json"):
        worker.get("/field/me.json")


def test_a_full_phone_takes_along_no_more_than_it_can_carry(city: City, visit: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("mumian.field.bundle.MOST", 2)
    for _ in range(3):
        small.checking(city)
    bundle = taken(visit("worker"))
    assert len(bundle["matters"]) == 2
    assert bundle["more"]


def test_the_page_tells_nothing_of_who_asks_so_that_a_phone_may_keep_it(city: City, visit: Any) -> None:
    assert visit("worker").get("/field").content == visit().get("/field").content


def test_the_worker_keeps_all_the_page_is_made_of_and_may_serve_it(city: City, visit: Any) -> None:
    answer = visit().get("/field/worker.js")
    assert answer["Service-Worker-Allowed"] == "/field"
    assert answer["Content-Type"].startswith("text/javascript")
    said = answer.content.decode()
    for name in ("app.js", "screens.js", "sync.js", "store.js", "form.js", "field.css"):
        assert f"/static/field/{name}" in said
    assert "import" not in visit().get("/field/worker.js?plain").content.decode()


def test_it_can_be_installed(city: City, visit: Any) -> None:
    manifest = json.loads(visit().get("/field/manifest.webmanifest").content)
    assert (manifest["start_url"], manifest["display"]) == ("/field", "standalone")
    sizes = {each["sizes"] for each in manifest["icons"]}
    assert {"192x192", "512x512"} <= sizes
    for each in manifest["icons"][:2]:
        answer = visit().get(each["src"])
        assert answer.content.startswith(b"\x89PNG")
    assert visit().get(reverse("field:icon", args=[7])).status_code == 404


def test_the_way_to_it_is_shown_to_those_who_walk_a_grid(city: City, visit: Any) -> None:
    assert 'href="/field"' in visit("worker").get("/board").content.decode()
    assert 'href="/field"' not in visit("dispatcher").get("/board").content.decode()


def test_signing_out_takes_the_note_of_whose_phone_it_is(city: City, visit: Any) -> None:
    worker = visit("worker")
    worker.get("/field/me.json")
    assert worker.cookies["field"].value
    worker.post("/sign-out")
    assert not worker.cookies["field"].value


def test_it_is_sent_small(city: City, visit: Any) -> None:
    for _ in range(20):
        small.checking(city)
    assert Matter.objects.filter(closed_at=None).count() >= 20
    content = visit("worker").get("/field/bundle.json", headers={"Accept-Encoding": "gzip"}).content
    assert len(content) < len(gzip.decompress(content)) / 4
