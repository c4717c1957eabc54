"""Those who take part are told by e-mail or on a device what was done, how it stands and what they can do now."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from mumian.engine.models import Matter
from mumian.engine.perform import Act, Done, perform
from mumian.notices import subscribing
from mumian.notices.models import Subscription
from mumian.people.actor import Actor
from tests.notices.conftest import link, work
from tests.notices.test_pushing import Device
from tests.web import city as small
from tests.web.city import DRAINS, City

LANGUAGES = ["zh-CN", "en"]
WORDS = "下水道堵塞"


def url_in(text: object) -> str:
    """The path of the first link to the city in a letter."""
    found = re.search(r"https://city\.example(/\S+)", str(text))
    assert found, text
    return found[1]


def subscribed(client: Any, home: str, address: str = "auntie@example.com") -> None:
    """Asks for notices by e-mail, and agrees as the owner of the address does."""
    client.post(f"{home}/tell", {"way": "mail", "address": address})
    assert work() == []
    path = url_in(mail.outbox.pop().body)
    client.get(path)
    assert not Subscription.objects.filter(address=address, confirmed_at__isnull=False).exists()
    client.post(path)


def on_device(client: Any, home: str, endpoint: str) -> Device:
    device = Device()
    answer = client.post(
        f"{home}/tell",
        {"way": "push", "endpoint": endpoint, **device.keys},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 200, answer.content
    return device


def assign(city: City, matter: Any) -> None:
    small.act(city, "dispatcher", "assign", matter, category=DRAINS, unit=city.water.pk)


# --- by e-mail --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_holder_of_a_link_is_told_by_mail_once_the_owner_of_the_address_agreed(
    city: City, visit: Any, language: str
) -> None:
    done = small.reported(city)
    anybody, home = visit(language=language), link(done)
    subscribed(anybody, home)
    assign(city, done.matter)
    assert work() == []
    (letter,) = mail.outbox
    assert letter.to == ["auntie@example.com"]
    words = ["待受理", "派遣", "最迟"] if language == "zh-CN" else ["Assigned", "Assign", "at the latest"]
    assert done.number in letter.subject
    assert all(word in letter.body for word in words), letter.body
    assert f"https://city.example{home}" in letter.body
    assert WORDS not in f"{letter.body} {letter.subject}"


def test_what_one_can_do_now_stands_in_the_letter(city: City, visit: Any) -> None:
    done = small.assigned(city)
    subscribed(visit(language="en"), link(done))
    small.act(city, "officer", "start", done.matter)
    small.act(city, "officer", "finish", done.matter, result="已疏通")
    work()
    assert "Object, it is not solved" in mail.outbox[-1].body
    small.act(city, "worker", "accept", done.matter)
    work()
    last = mail.outbox[-1].body
    assert "Confirm it is settled; It is not solved, reopen; Leave a mark" in last
    assert "Closed: Fixed" in last


def test_nobody_is_told_at_an_address_whose_owner_did_not_agree(city: City, visit: Any) -> None:
    done = small.reported(city)
    visit().post(f"{link(done)}/tell", {"way": "mail", "address": "other@example.com"})
    work()
    assert len(mail.outbox) == 1
    assert WORDS not in mail.outbox[0].body
    assert link(done) not in mail.outbox[0].body
    visit().post(f"{link(done)}/tell", {"way": "mail", "address": "other@example.com"})
    assign(city, done.matter)
    work()
    assert len(mail.outbox) == 1, "neither asked twice nor told"
    subscribing.tidy(timezone.now() + timedelta(days=4))
    assert not Subscription.objects.exists()


def test_each_letter_ends_them_by_one_press_also_of_a_mail_program(city: City, visit: Any) -> None:
    done = small.reported(city)
    subscribed(visit(), link(done))
    assign(city, done.matter)
    work()
    letter = mail.outbox.pop()
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = url_in(letter.extra_headers["List-Unsubscribe"].strip("<>"))
    assert visit().get(path).status_code == 200
    assert Subscription.objects.exists(), "looking at the link ends nothing"
    from django.test import Client

    assert Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Subscription.objects.exists()
    small.act(city, "officer", "start", done.matter)
    small.act(city, "officer", "finish", done.matter, result="已疏通")
    work()
    assert not [letter for letter in mail.outbox if letter.to == ["auntie@example.com"]]
    assert visit().post(path).status_code == 200, "pressing twice is no harm"


@pytest.mark.parametrize("page", ["agree", "end"])
def test_a_made_up_link_opens_nothing(city: City, visit: Any, page: str) -> None:
    assert visit().post(f"/notices/{page}/s0123:abc").status_code == 404
    assert visit().get(f"/notices/{page}/s0123:abc").status_code == 404


def test_a_wrong_secret_gets_no_notices(city: City, visit: Any) -> None:
    done = small.reported(city)
    wrong = f"/track/{done.number}/{'0' * 20}/tell"
    assert visit().post(wrong, {"way": "mail", "address": "a@example.com"}).status_code == 404
    assert not Subscription.objects.exists()


@pytest.mark.parametrize("address", ["", "nobody", "a@b\nBcc: c@example.com", "x" * 300 + "@example.com"])
def test_what_is_no_address_is_said(city: City, visit: Any, address: str) -> None:
    home = link(small.reported(city))
    answer = visit().post(f"{home}/tell", {"way": "mail", "address": address}, follow=True)
    assert "不是有效的邮箱" in answer.content.decode()
    assert not Subscription.objects.exists()


def test_one_link_has_so_many_and_no_more(city: City, visit: Any) -> None:
    home = link(small.reported(city))
    for number in range(subscribing.MOST + 2):
        visit().post(f"{home}/tell", {"way": "mail", "address": f"a{number}@example.com"})
    assert Subscription.objects.count() == subscribing.MOST


def test_asking_is_rate_limited(city: City, visit: Any, settings: Any) -> None:
    home = link(small.reported(city))
    settings.PUBLIC_RATE = "2/hour"
    statuses = [
        visit().post(f"{home}/tell", {"way": "mail", "address": f"a{n}@example.com"}).status_code
        for n in range(3)
    ]
    assert statuses == [302, 302, 429]


def test_addresses_go_when_the_matter_is_no_longer_kept(city: City, visit: Any) -> None:
    done = small.closed(city)
    subscribed(visit(), link(done))
    subscribing.tidy(timezone.now() + timedelta(days=365 * 4))
    assert Subscription.objects.count() == 1
    subscribing.tidy(timezone.now() + timedelta(days=365 * 5 + 40))
    assert not Subscription.objects.exists()


def test_an_address_is_nowhere_but_in_its_own_table(city: City, visit: Any) -> None:
    from django.db import connection

    done = small.reported(city)
    visit().post(f"{link(done)}/tell", {"way": "mail", "address": "hidden@example.com"})
    with connection.cursor() as cursor:
        for table in ("record_entry", "procrastinate_jobs", "record_personal", "engine_matter"):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%hidden@%'")
            assert cursor.fetchone() == (0,), table


def test_those_whose_report_was_merged_are_told_what_becomes_of_the_other(city: City, visit: Any) -> None:
    original, same = small.reported(city), small.reported(city)
    subscribed(visit(), link(same), "second@example.com")
    small.act(city, "dispatcher", "merge", same.matter, original=original.matter.hex)
    work()
    mail.outbox.clear()
    assign(city, original.matter)
    work()
    (letter,) = [each for each in mail.outbox if each.to == ["second@example.com"]]
    assert original.number in letter.subject
    assert f"/track?number={original.number}" in letter.body
    assert link(original) not in letter.body


# --- those in office --------------------------------------------------------------------------------


def test_things_done_at_once_are_one_letter(city: City) -> None:
    city.people["officer"].email = "officer@example.com"
    city.people["officer"].save()
    matters = [small.reported(city).matter for _ in range(3)]
    data = {"category": DRAINS, "unit": city.water.pk}
    perform([Act("assign", city.actor("dispatcher"), data, matter) for matter in matters])
    work()
    (letter,) = mail.outbox
    assert letter.to == ["officer@example.com"]
    assert "3 件" in letter.subject
    for matter in matters:
        assert Matter.objects.get(pk=matter).number in letter.body


def test_one_who_did_it_is_not_told_of_it(city: City) -> None:
    worker = city.people["worker"]
    worker.email = "worker@example.com"
    worker.save()
    told: list[int] = []
    for where in (small.GRID, small.GRID):
        act = Act("report", Actor(person=worker.pk), {"what": "积水", "where": where}, opens="grid-event")
        [done] = perform([act])
        assert isinstance(done, Done)
        if told:
            assign(city, done.matter)
        else:
            small.act(city, "worker", "settle", done.matter, category=DRAINS, result="已清扫")
        work()
        told.append(len(mail.outbox))
    assert told == [0, 1]


def test_a_person_may_say_that_no_letters_come(city: City, visit: Any) -> None:
    officer = city.people["officer"]
    officer.email = "officer@example.com"
    officer.save()
    small.assigned(city)
    work()
    path = url_in(mail.outbox.pop().extra_headers["List-Unsubscribe"].strip("<>"))
    visit().post(path)
    small.assigned(city)
    work()
    assert mail.outbox == []
    page = visit("officer").get("/notices").content.decode()
    assert "不通过邮件通知您" in page
    assert "officer@example.com" in page
    visit("officer").post("/notices", {"mail": "on"})
    small.assigned(city)
    work()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_notices_says_of_what_one_is_told(city: City, visit: Any, language: str) -> None:
    page = visit("officer", language=language).get("/notices").content.decode()
    assert ("网格事件" if language == "zh-CN" else "Grid event") in page
    assert ("经办人" if language == "zh-CN" else "Handler") in page
    assert visit().get("/notices").status_code == 302


# --- on a device ------------------------------------------------------------------------------------


def test_a_device_is_told_in_words_only_it_can_read(city: City, visit: Any, receiver: Any) -> None:
    done = small.reported(city)
    home = link(done)
    device = on_device(visit(language="en"), home, f"{receiver.url}/push/abc")
    assign(city, done.matter)
    assert work() == []
    (got,) = receiver.got
    said = device.open(got.body)
    assert said["title"] == f"{done.number} · Assigned"
    assert said["url"] == f"https://city.example{home}"
    assert said["tag"] == done.number
    assert "Blocked drain" in said["body"] or said["body"]
    assert WORDS not in str(said)


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_wants_no_more_is_forgotten(city: City, visit: Any, receiver: Any, status: int) -> None:
    done = small.reported(city)
    on_device(visit(), link(done), f"{receiver.url}/push/abc")
    receiver.answers = [status]
    assign(city, done.matter)
    assert work() == []
    assert not Subscription.objects.exists()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_push_service_in_trouble_is_tried_again(city: City, visit: Any, receiver: Any, status: int) -> None:
    done = small.reported(city)
    on_device(visit(), link(done), f"{receiver.url}/push/abc")
    receiver.answers = [status]
    assign(city, done.matter)
    assert work(tries=2) == [f"notices.send: {status} "]
    assert len(receiver.got) == 2


def test_a_device_of_one_in_office_is_told_too(city: City, visit: Any, receiver: Any) -> None:
    device = Device()
    answer = visit("officer").post(
        "/notices", {"way": "push", "endpoint": f"{receiver.url}/1", **device.keys}
    )
    assert answer.status_code == 302
    done = small.assigned(city)
    assert work() == []
    said = device.open(receiver.got[0].body)
    assert said["url"] == f"https://city.example/matters/{done.number}"
    assert "开始办理" in said["body"]


def test_a_device_cannot_be_said_to_lie_in_our_own_network(city: City, visit: Any, settings: Any) -> None:
    settings.PRIVATE_RECEIVERS = False
    home = link(small.reported(city))
    for endpoint in ("https://127.0.0.1/x", "http://localhost/x", "https://10.0.0.1/", "file:///etc/passwd"):
        answer = visit().post(
            f"{home}/tell",
            {"way": "push", "endpoint": endpoint, **Device().keys},
            headers={"Accept": "application/json"},
        )
        assert answer.status_code == 422, endpoint
    assert not Subscription.objects.exists()


def test_a_subscription_is_ended_on_the_page_by_its_own_link_alone(
    city: City, visit: Any, receiver: Any
) -> None:
    mine, other = link(small.reported(city)), link(small.reported(city))
    on_device(visit(), mine, f"{receiver.url}/1")
    key = Subscription.objects.get().pk
    visit().post(f"{other}/tell", {"end": key})
    assert Subscription.objects.exists()
    assert str(key) in visit().get(mine).content.decode()
    visit().post(f"{mine}/tell", {"end": key})
    assert not Subscription.objects.exists()


# --- cost -------------------------------------------------------------------------------------------


def test_finding_who_is_told_costs_the_same_for_many(city: City, visit: Any, query_budget: Any) -> None:
    from mumian.notices.telling import told

    matters = [small.reported(city).matter for _ in range(20)]
    subscribed(visit(), link(small.reported(city)))
    notices = [
        {"matter": each.hex, "seq": 1, "parties": ["reporter", "dispatcher"], "action": "report"}
        for each in matters
    ]
    told(notices)
    with query_budget("notices: who is told of 20 matters"):
        told(notices)
    with query_budget("notices: who is told of 1 matter"):
        told(notices[:1])
