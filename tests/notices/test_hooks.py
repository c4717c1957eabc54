"""Other systems are told of each entry once, in order, signed, with what anyone may know."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from mumian.engine.definition import read
from mumian.engine.models import Installation
from mumian.engine.perform import Act, perform
from mumian.engine.publishing import publish
from mumian.errors import MumianError
from mumian.notices import hooks, jobs
from mumian.notices.models import Delivery, Hook
from mumian.people.actor import ANYONE
from mumian.people.models import Post, Role
from mumian.record.models import Entry
from tests.notices.conftest import work
from tests.web import city as small
from tests.web.city import City
from tests.web.test_tracking import CONFIDENTIAL


@pytest.fixture
def hook(city: City, receiver: Any, changed_world: None) -> Hook:
    return hooks.add("mirror", f"{receiver.url}/events")


def sent(receiver: Any) -> list[Any]:
    return [json.loads(each.body) for each in receiver.got]


def test_the_example_of_standard_webhooks_is_signed_as_it_is_printed() -> None:
    headers = hooks.signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        1614265330,
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_each_entry_is_told_once_in_order_as_a_signed_event(city: City, hook: Hook, receiver: Any) -> None:
    done = small.closed(city)
    assert work() == []
    events = [event for event in sent(receiver) if event["subject"] == done.number]
    assert [event["type"].rpartition(".")[2] for event in events] == [
        "report",
        "assign",
        "start",
        "finish",
        "accept",
    ]
    assert [event["id"] for event in events] == [f"{done.matter}:{seq}" for seq in range(1, 6)]
    assert [event["data"]["state"] for event in events] == [
        "reported",
        "assigned",
        "working",
        "checking",
        "closed",
    ]
    last = events[-1]
    assert (last["specversion"], last["subject"], last["datacontenttype"]) == (
        "1.0",
        done.number,
        "application/json",
    )
    assert (last["source"], last["data"]["outcome"]) == ("https://city.example/", "fixed")
    assert last["time"].endswith("Z")
    (got,) = [each for each in receiver.got if each.headers["webhook-id"] == last["id"]]
    assert got.headers["content-type"].startswith("application/cloudevents+json")
    said = f"{last['id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    key = base64.b64decode(hook.secret.removeprefix("whsec_"))
    signed = base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()
    assert got.headers["webhook-signature"] == f"v1,{signed}"


def test_an_event_holds_nothing_anybody_wrote_and_nobody(city: City, hook: Hook, receiver: Any) -> None:
    matter = small.reported(city, contact="13800001111").matter
    small.act(city, "dispatcher", "reject", matter, reason="不在本街道")
    work()
    told = "".join(each.body.decode() for each in receiver.got)
    for word in ("下水道", "13800001111", "不在本街道", str(city.people["dispatcher"].pk), "113.25"):
        assert word not in told


def test_of_confidential_matters_nothing_is_told(city: City, hook: Hook, receiver: Any) -> None:
    publish(read(CONFIDENTIAL))
    perform([Act("tell", ANYONE, {"what": "有人偷排"}, opens="tip")])
    assert work() == []
    assert receiver.got == []


def test_only_what_was_asked_for_is_told(city: City, receiver: Any, changed_world: None) -> None:
    hooks.add("a", f"{receiver.url}/actions", actions=["assign"])
    hooks.add("b", f"{receiver.url}/place", place="440103002")
    hooks.add("c", f"{receiver.url}/grid", place=small.GRID, procedure="grid-event")
    hooks.add("d", f"{receiver.url}/patrols", procedure="patrol")
    small.assigned(city)
    work()
    paths = [each.path for each in receiver.got]
    assert (paths.count("/actions"), paths.count("/grid"), len(paths)) == (1, 2, 3)


def test_a_batch_is_told_matter_by_matter_in_order(city: City, hook: Hook, receiver: Any) -> None:
    matters = [small.reported(city).matter for _ in range(3)]
    data = {"category": small.DRAINS, "unit": city.water.pk}
    perform(
        [
            act
            for matter in matters
            for act in (
                Act("assign", city.actor("dispatcher"), data, matter),
                Act("start", city.actor("officer"), {}, matter),
            )
        ]
    )
    work()
    for matter in matters:
        own = [event["id"] for event in sent(receiver) if event["id"].startswith(str(matter))]
        assert own == [f"{matter}:{seq}" for seq in (1, 2, 3)]


def test_an_event_not_taken_is_tried_again_before_those_after_it(
    city: City, hook: Hook, receiver: Any
) -> None:
    done = small.assigned(city)
    receiver.answers = [500, 200]
    publishing = [job for job in ProcrastinateJob.objects.all() if job.task_name == "notices.publish"]
    for job in publishing:
        jobs.publish(**job.args)
    locks = {
        (job.task_name, job.lock) for job in ProcrastinateJob.objects.filter(task_name="notices.deliver")
    }
    assert locks == {("notices.deliver", f"hook {hook.pk} {done.matter}")}
    failed = work(tries=2)
    assert [each.split(":")[0] for each in failed] == ["notices.deliver"]
    assert Delivery.objects.filter(state="done").count() == 2


def test_after_so_many_tries_it_is_given_up_and_said(
    city: City, hook: Hook, receiver: Any, visit: Any
) -> None:
    small.reported(city)
    receiver.answers = [503] * hooks.TRIES
    failed = work(tries=hooks.TRIES)
    assert len(failed) == hooks.TRIES - 1
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.tries, delivery.said) == ("given-up", hooks.TRIES, "503")
    page = visit(_administrator(city)).get("/notices/hooks").content.decode()
    assert "已放弃 1 条" in page
    assert "503" in page


def test_one_that_is_gone_is_sent_nothing_more(city: City, hook: Hook, receiver: Any) -> None:
    receiver.answers = [410]
    done = small.reported(city)
    assert work() == []
    assert Hook.objects.get().gone
    small.act(city, "dispatcher", "reject", done.matter, reason="重复")
    assert work() == []
    assert len(receiver.got) == 1


def test_publishing_again_sends_nothing_twice(city: City, hook: Hook, receiver: Any) -> None:
    done = small.reported(city)
    for _ in range(2):
        hooks.publish([(done.matter, 1)])
    work()
    assert len(receiver.got) == 1


def test_without_any_hook_an_act_costs_nothing_more_and_with_one_a_single_statement(
    city: City, receiver: Any, changed_world: None, looked_around: None
) -> None:
    def cost() -> int:
        matter = small.reported(city).matter
        with CaptureQueriesContext(connection) as found:
            small.act(city, "dispatcher", "send-up", matter, reason="请区里协调")
        return len(found)

    cost()
    before = cost()
    added = hooks.add("mirror", receiver.url)
    cost()
    assert cost() == before + 1
    hooks.remove(added)
    assert not Installation.objects.get().listened
    cost()
    assert cost() == before


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://10.0.0.5/",
        "https://169.254.169.254/",
        "ftp://x/",
        "nonsense",
        "",
        "https://nowhere.invalid/",
    ],
)
def test_an_address_that_cannot_be_right_is_refused(city: City, settings: Any, url: str) -> None:
    settings.PRIVATE_RECEIVERS = False
    with pytest.raises(MumianError):
        hooks.add("x", url)
    assert not Hook.objects.exists()


def test_adding_and_removing_is_on_the_record(city: City, hook: Hook) -> None:
    hooks.remove(hook, by=city.actor("supervisor"))
    entries = list(Entry.objects.filter(subject=hooks.SUBJECT).order_by("seq"))
    assert [entry.action for entry in entries] == ["add-hook", "remove-hook"]
    assert entries[1].person == city.people["supervisor"].pk


# --- the page ---------------------------------------------------------------------------------------


def _administrator(city: City) -> str:
    role = Role.objects.filter(administers=True).first() or Role.objects.create(
        slug="chief", title="管理员", title_en="Administrator", scope="all", administers=True
    )
    Post.objects.create(person=city.people["stranger"], role=role, organisation=city.water, place="4401")
    Post.objects.filter(person=city.people["stranger"]).exclude(role=role).delete()
    return "stranger"


def test_an_administrator_adds_tries_and_removes_one(
    city: City, receiver: Any, visit: Any, changed_world: None
) -> None:
    chief = visit(_administrator(city))
    page = chief.post(
        "/notices/hooks", {"do": "add", "title": "市平台", "url": f"{receiver.url}/in"}
    ).content.decode()
    hook = Hook.objects.get()
    assert hook.secret in page
    assert hook.secret not in chief.get("/notices/hooks").content.decode()
    chief.post("/notices/hooks", {"do": "test", "hook": hook.pk})
    assert json.loads(receiver.got[0].body)["type"] == "mumian.test"
    chief.post("/notices/hooks", {"do": "remove", "hook": hook.pk})
    assert not Hook.objects.exists()


def test_what_is_wrong_with_it_is_said_and_nothing_written_is_lost(
    city: City, visit: Any, settings: Any
) -> None:
    settings.PRIVATE_RECEIVERS = False
    answer = visit(_administrator(city)).post(
        "/notices/hooks", {"do": "add", "title": "市平台", "url": "https://10.0.0.1/in", "place": "4401"}
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "内部网络" in page
    assert all(word in page for word in ("市平台", "https://10.0.0.1/in", "4401"))


@pytest.mark.parametrize("who", ["dispatcher", "resident"])
def test_others_do_not_find_the_page(city: City, visit: Any, who: str) -> None:
    assert visit(who).get("/notices/hooks").status_code == 404
    assert visit(who).post("/notices/hooks", {"do": "add", "url": "https://example.com"}).status_code == 404
    assert visit().get("/notices/hooks").status_code == 302
