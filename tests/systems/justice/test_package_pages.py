"""Hand-overs in the browser's eyes: what each agency's page, file and export give, and what they never give."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from mumian.engine.models import Matter
from mumian.notices.hooks import events
from mumian.notices.telling import told
from mumian.people.models import Person
from mumian.record.models import Entry
from mumian.systems.justice.packages import arriving, bag, keys, sending, store
from mumian.systems.justice.packages.models import Arrival, Paper, Parcel
from tests.conftest import QueryBudget
from tests.systems.justice.agencies import CASE, PAPERS, Agencies

SECRET = "从未移送的线索"


def number(matter: Any) -> str:
    return Matter.objects.get(pk=matter).number


def test_a_file_goes_over_by_the_pages(here: Agencies, visit: Any) -> None:
    police, prosecutor = visit("investigator"), visit("prosecutor")
    begun = police.post(
        "/justice/handovers/new",
        {"receiver": here.units["procuratorate"].pk, "case": CASE, "purpose": "prosecution"},
    )
    url = begun["Location"]
    content = PAPERS[0][1]
    said = {"title": "起诉意见书", "kind": "opinion", "media": "text/plain", "size": len(content)}
    announced = police.post(f"{url}/papers", said).json()
    for offset in (0, 10):
        piece = content[offset : 10 if offset == 0 else None]
        answer = police.put(
            f"{announced['url']}?offset={offset}&sha256={hashlib.sha256(piece).hexdigest()}", piece
        )
        assert answer.status_code == 200
    assert police.get(announced["url"]).json() == {"offset": len(content), "size": len(content)}
    assert police.put(f"{announced['url']}?offset=3", b"x").status_code == 409
    form = {
        "file": SimpleUploadedFile("讯问笔录.txt", PAPERS[1][1], "text/plain"),
        "kind": "statement",
        "volume": 1,
    }
    assert police.post(f"{url}/papers", form).status_code == 302
    assert (
        police.post(
            f"{url}/change/exhibit", {"title": "手机", "amount": "1 部", "kept": "物证室"}
        ).status_code
        == 302
    )
    assert police.post(f"{url}/do/send").status_code == 302
    assert "讯问笔录" in police.get(url).content.decode()

    row = Matter.objects.get(procedure="handover-received")
    there = f"/justice/handovers/{row.number}"
    desk = prosecutor.get("/justice/handovers").content.decode()
    assert CASE in desk
    assert there in desk
    cover = prosecutor.get(there).content.decode()
    assert "讯问笔录" not in cover  # before it is opened only the cover is seen
    assert prosecutor.get(f"{there}/v1/1").status_code == 404
    assert prosecutor.get(f"{there}/v1.zip").status_code == 404
    assert prosecutor.post(f"{there}/do/open").status_code == 302
    assert "讯问笔录" in prosecutor.get(there).content.decode()
    given = prosecutor.get(f"{there}/v1/1")
    assert b"".join(given) == content
    assert given["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in given["Content-Security-Policy"]
    back = prosecutor.post(f"{there}/do/return", {"why-2": "missing-page", "words-2": "缺第 3 页"})
    assert back.status_code == 302
    assert "缺第 3 页" in police.get(url).content.decode()
    receipt = police.get(f"{url}/v1/returned.json").json()
    assert receipt["receipt"]["documents"][0]["number"] == 2
    assert receipt["signature"]["agency"] == "procuratorate"


def test_the_export_is_the_package_and_comes_in_by_the_page(here: Agencies, visit: Any) -> None:
    parcel = sending.send(here.seen("investigator", here.prepared()), by_file=True)
    answer = visit("investigator").get(f"/justice/handovers/{number(parcel.sent)}/v1.zip")
    assert answer.streaming
    content = b"".join(answer)
    package = bag.opened(io.BytesIO(content), keys.find, now=parcel.made_at)
    assert package.manifest.digest == parcel.digest
    Parcel.objects.all().delete()
    altered = content.replace(b"admits", b"denies")
    prosecutor = visit("prosecutor")

    def brought(text: bytes) -> str:
        """The page after a file was brought as a whole and the queue has got to it."""
        answer = prosecutor.post("/justice/handovers/take-in", {"file": SimpleUploadedFile("p.zip", text)})
        assert (
            "being checked"
            in prosecutor.get(answer["Location"], headers={"Accept-Language": "en"}).content.decode()
        )
        arriving.check(Arrival.objects.latest("pk").pk)
        return str(answer["Location"])

    wrong = prosecutor.get(brought(altered)).content.decode()
    assert "01/00002.txt" in wrong
    assert "<small>" in wrong.split('class="wrongs"')[1]  # with what to do
    assert Arrival.objects.get().state == "faulty"
    brought(b"no zip")
    there = prosecutor.get(brought(content))["Location"]
    assert there == f"/justice/handovers/{Matter.objects.get(procedure='handover-received').number}"
    assert not [each for each in store.coming().iterdir() if each.name.startswith("arrival")]
    assert Matter.objects.filter(procedure="handover-received").count() == 1


def test_a_whole_package_comes_in_piece_by_piece_and_is_checked_by_a_job(here: Agencies, visit: Any) -> None:
    parcel = sending.send(here.seen("investigator", here.prepared()), by_file=True)
    content = b"".join(bag.written(sending.package_of(parcel), sending.where))
    Parcel.objects.all().delete()
    prosecutor, sha256 = visit("prosecutor"), hashlib.sha256(content).hexdigest()
    said = {"title": "案卷包", "size": len(content), "sha256": sha256}
    begun = prosecutor.post("/justice/handovers/take-in", said).json()
    assert prosecutor.put(f"{begun['url']}?offset=0", content[:700]).json()["offset"] == 700
    assert prosecutor.put(f"{begun['url']}?offset=0", content).status_code == 409
    again = prosecutor.post("/justice/handovers/take-in", said).json()  # the browser was closed meanwhile
    assert (again["url"], again["offset"]) == (begun["url"], 700)
    for other in ("judge", "investigator", "other-prosecutor"):
        assert visit(other).get(begun["page"]).status_code == 404, other
        assert visit(other).put(f"{begun['url']}?offset=700", content[700:]).status_code == 404, other
    assert prosecutor.put(f"{begun['url']}?offset=700", content[700:]).json()["offset"] == len(content)
    assert not Matter.objects.filter(procedure="handover-received").exists()  # the request checks nothing
    job = ProcrastinateJob.objects.get(task_name=arriving.CHECK)
    assert prosecutor.get(begun["page"], headers={"Accept": "application/json"}).json()["state"] == "checking"
    arriving.check(job.args["arrival"])
    arriving.check(job.args["arrival"])  # again is once
    assert Matter.objects.get(procedure="handover-received").unit_id == here.units["procuratorate"].pk
    assert prosecutor.get(begun["page"], headers={"Accept": "application/json"}).json()["state"] == "taken"
    arriving.announce(here.actor("prosecutor"), title="没有传完", size=9)
    arriving.forget(before=timedelta(0))
    assert not Arrival.objects.exists()


def test_what_is_not_handed_over_is_nowhere_to_be_found(here: Agencies, visit: Any) -> None:
    matter = here.prepared()
    here.put("investigator", matter, SECRET, b"secret of the police")
    sent = here.sent()
    assert sent.sent is not None
    assert sent.received is not None
    paths = [
        "",
        "/v1/1",
        "/v1.zip",
        "/v1/opened.json",
        f"/papers/{Paper.objects.filter(matter=matter)[0].pk}",
    ]
    numbers = [number(matter), number(sent.sent)]
    for name in (
        "prosecutor",
        "judge",
        "warden",
        "other-investigator",
        "other-prosecutor",
        "supervisor",
        "resident",
    ):
        client: Client = visit(name)
        for each in numbers:
            for path in paths:
                answer = client.get(f"/justice/handovers/{each}{path}")
                assert answer.status_code in (403, 404), (name, path)
            for action in ("send", "open", "accept", "return", "export"):
                assert client.post(f"/justice/handovers/{each}/do/{action}").status_code in (403, 404), name
            assert client.get(f"/matters/{each}").status_code == 404, name
            assert client.get(f"/matters/{each}/record").status_code == 404, name
        assert client.get(f"/api/v1/matters/{matter}").status_code == 404, name
        assert client.get(f"/api/v1/matters/{matter}/entries").status_code == 404, name
        for path in (
            "/justice/handovers",
            "/board",
            f"/board?q={SECRET}",
            "/api/v1/matters?procedure=handover",
        ):
            text = client.get(path).content.decode()
            assert SECRET not in text, (name, path)
            assert numbers[0] not in text, (name, path)
    assert Client().get(f"/justice/handovers/{numbers[0]}").status_code == 302  # to sign in
    Person.objects.update(email="somebody@example.org")
    parties = ["police", "procuratorate", "court", "execution"]
    said = told([{"matter": sent.received.hex, "seq": 1, "parties": parties}])
    assert {each.person for each in said} == {here.actor("prosecutor").person}
    subjects = [matter, sent.sent, sent.received]
    entries = [(each.subject, each.seq) for each in Entry.objects.filter(subject__in=subjects)]
    assert events(entries) == []  # nor is another program told
    assert SECRET not in str(list(Entry.objects.values_list("body", flat=True)))


def test_keys_are_published_and_no_private_one_is(here: Agencies, client: Client) -> None:
    said = client.get("/justice/keys?format=json").json()["keys"]
    assert {each["agency"] for each in said} == set(here.units)
    page = client.get("/justice/keys").content.decode()
    assert all(each["public"] in page for each in said)
    assert "PRIVATE" not in page + json.dumps(said)


def test_pages_of_hand_overs_ask_little(here: Agencies, visit: Any, query_budget: QueryBudget) -> None:
    opened, going = here.opened(), here.prepared()
    prosecutor, police = visit("prosecutor"), visit("investigator")
    prosecutor.get("/justice/handovers")
    with query_budget("justice_handovers"):
        prosecutor.get("/justice/handovers")
    with query_budget("justice_handover_received"):
        prosecutor.get(f"/justice/handovers/{number(opened.received)}")
    with query_budget("justice_handover_prepared"):
        police.get(f"/justice/handovers/{number(going)}")
    with query_budget("justice_document"):
        prosecutor.get(f"/justice/handovers/{number(opened.received)}/v1/1")


@pytest.mark.parametrize("role", ["dispatcher", "resident"])
def test_others_have_no_desk_of_hand_overs(here: Agencies, visit: Any, role: str) -> None:
    assert visit(role).get("/justice/handovers").status_code == 403
