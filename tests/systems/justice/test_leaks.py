"""Nothing leaks: by whatever address, search, file or notice, nobody learns of what was not handed over or is sealed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import get_resolver, resolve
from django.utils import timezone

from mumian.engine import live
from mumian.engine.looking import look
from mumian.engine.models import Attachment, Matter
from mumian.engine.numbers import number_of
from mumian.engine.visible import visible
from mumian.engine.world import city as installed
from mumian.notices import hooks, pushing
from mumian.notices.models import Delivery, Hook, Subscription, Way
from mumian.people.actor import ANYONE, Actor
from mumian.people.models import Token
from mumian.record.models import Entry
from mumian.systems.justice.defence.models import Order
from mumian.systems.justice.packages.models import Parcel
from tests.systems.justice.story import CASE, NAME, WORDS, Story
from tests.web.city import City

# --- every address there is -------------------------------------------------------------------------

FILLED: dict[str, str] = {
    "str:secret": "A" * 20, "slug:action": "seal", "str:other": "{number}", "str:number": "{number}", "number": "{number}",
    "uuid:key": "{pk}", "uuid:pk": "{pk}", "matter": "{pk}", "sha256:sha256": "{sha256}", "slug:digest": "{digest}",
    "slug:what": "request", "slug:state": "accepted", "slug:sort": "requester", "slug:form": "pdf", "suffix": "json",
    "int:version": "1", "int:nth": "1", "int:paper": "1", "int:key": "1", "int:pk": "1", "int:post": "1", "int:body": "1",
    "int:session": "1", "int:size": "192", "slug:code": "440103", "str:code": "04.01", "slug:catalogue": "offences",
    "slug:name": "right", "str:name": "right", "slug:kind": "loan", "slug:procedure": "investigation", "name": "right",
    "action": "seal", "code": "440103", "token": "{number}", "str:token": "x", "str:uidb64": "x", "path:rest": "x",
}  # fmt: skip
"""What stands in an address for each of its parts: of a matter, those of one that is hidden."""
OF_A_MATTER = ("{number}", "{pk}", "{sha256}", "{digest}")
NOT_ASKED = {
    "live": "a stream that only says that something changed; see the test of it below",
    "language": "changes a cookie",
}
ASKED_WITH = (
    "board?text={number}", "board?text={name}", "board?state=sealed",
    "track?number={number}", "around?settled=1", "justice?after=2020-01-01T00:00:00+08:00~00000000-0000-0000-0000-000000000000",
    "justice/defence/new?about={pk}", "justice/verify?code={number}", "open311/v2/requests.json?service_request_id={number}",
    "api/v1/matters?number={number}", "api/v1/matters?state=sealed", "api/v1/matters?procedure=investigation",
    "api/v1/matters?closed=true&limit=100", "report/suggest?text={name}",
)  # fmt: skip
"""Searches, besides the addresses themselves."""
LISTS = (
    "", "board", "command", "around", "justice", "justice/handovers", "justice/defence", "field/bundle.json",
    "api/v1/matters", "open311/v2/requests.json", "mediation/desk", "response", *ASKED_WITH,
)  # fmt: skip
"""Where matters are listed, searched or counted for somebody."""
DESKS = ("board", "justice", "justice/handovers", "justice/defence", "api/v1/matters", "field/bundle.json")
INVOLVED = (
    "police", "procuratorate", "court", "centre", "aid", "counsel", "case-supervisor", "administrator", "other-police",
    "other-counsel", "dispatcher",
)  # fmt: skip
"""Those whose desks are looked at while the case goes on."""
FEW = ("police", "case-supervisor", "administrator", "")
"""Those whose whole picture is held against what it was, and who ask by turns where matters have no place."""
TURNS = 7
"""Each address of a matter is asked for by every seventh, each time of another matter."""


def addresses() -> Iterator[tuple[str, list[str]]]:
    """Every address of the program, with the parts that are to be filled in."""

    def walk(resolver: Any, before: str) -> Iterator[str]:
        for pattern in resolver.url_patterns:
            here = before + str(pattern.pattern)
            yield from walk(pattern, here) if hasattr(pattern, "url_patterns") else [here]

    for address in dict.fromkeys(walk(get_resolver(), "")):
        plain = re.sub(r"\(\?:[^)]*\)\?", "", address)
        plain = (
            re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", plain).replace("^", "").replace("$", "").replace("\\.", ".")
        )
        yield plain, re.findall(r"<([^>]+)>", plain)


def filled(address: str, **hidden: str) -> str:
    for part in re.findall(r"<([^>]+)>", address):
        address = address.replace(f"<{part}>", FILLED[part])
    return "/" + address.format(**hidden)


def test_of_every_address_it_is_known_how_it_is_asked_for():
    unknown = [
        f"{address}: <{part}>" for address, parts in addresses() for part in parts if part not in FILLED
    ]
    assert not unknown, f"say in FILLED what stands there, so that these are tried for leaks too: {unknown}"
    there = {address for address, _parts in addresses()}
    assert NOT_ASKED.keys() <= there
    for each in LISTS:
        resolve("/" + each.partition("?")[0])


# --- who asks ---------------------------------------------------------------------------------------


@dataclass
class Asker:
    """Somebody at every door: the browser, and programs with a token of theirs."""

    name: str
    story: Story

    def __post_init__(self) -> None:
        people, posts = self.story.whole.city.people, self.story.whole.city.posts
        self.browser = Client(headers={"Accept-Language": "en"}, raise_request_exception=False)
        self.actor: Actor = ANYONE
        self.program = self.browser
        if self.name:
            self.browser.force_login(people[self.name])
        if self.name in posts:
            self.actor = posts[self.name].as_actor()
            token = Token.issue(posts[self.name], self.name)
            self.program = Client(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False)

    def get(self, url: str) -> HttpResponseBase:
        return (self.program if url.startswith(("/api/", "/open311/")) else self.browser).get(url)

    def post(self, url: str) -> HttpResponseBase:
        if url.startswith("/api/"):
            return self.program.post(url, {"data": {}}, content_type="application/json")
        return self.browser.post(url, {"text": "?"})


def said(response: HttpResponseBase) -> str:
    """All of an answer: where it leads, what it is called, what is in it."""
    body = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]
    heads = "\n".join(f"{name}: {value}" for name, value in response.items())
    return f"{response.status_code}\n{heads}\n{body.decode(errors='replace')}"


def plain(text: str, *words: str) -> str:
    """An answer without what differs each time anyway, and without the words it was asked with."""
    for word in words:
        text = text.replace(word, "?")
    text = re.sub(r'(csrfmiddlewaretoken" value=")[^"]*|("X-CSRFToken": ")[^"]*', "", text)
    text = re.sub(r"(?i)\b[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\b", "", text)
    return re.sub(
        r"\d{1,2}:\d\d(:\d\d(\.\d+)?)?|Content-Length: \d+|(ETag|Last-Modified|Vary|Set-Cookie): .*", "", text
    )


def hidden_from(asker: Asker) -> list[Matter]:
    return [each for each in asker.story.there if not asker.story.may_see(asker.name, each)]


def told_too_much(asker: Asker, text: str) -> list[str]:
    """What of the case stands in an answer that this one may not know."""
    story = asker.story
    marks = [each.number for each in hidden_from(asker)]
    marks += [word for word in WORDS if not story.may_read(asker.name, word)]
    if not any(story.may_see(asker.name, each) for each in story.there):
        marks += [NAME, CASE, *Order.objects.values_list("code", flat=True)]
    return [mark for mark in marks if mark in text]


def look_through(asker: Asker, urls: list[str]) -> tuple[list[str], set[str]]:
    """What leaks by these addresses, and which of the words were read."""
    leaks, read = list[str](), set[str]()
    for url in urls:
        text = said(asker.get(url))
        asked = url.partition("?")[2]
        leaks += [
            f"{asker.name or 'anybody'} {url}: {mark}"
            for mark in told_too_much(asker, text)
            if mark not in asked
        ]
        read |= {word for word in WORDS if word in text}
    return leaks, read


TWICE = ("investigation", "handover", "defence-mandate", "first-trial")
"""Of which the record is read too; what stands in it is that of the entries."""


def doors_of(matter: Matter) -> list[str]:
    """Where somebody who may see a matter reads it."""
    number = matter.number
    found = [
        f"/matters/{number}",
        f"/matters/{number}/record",
        f"/api/v1/matters/{matter.pk}",
        f"/api/v1/matters/{matter.pk}/entries",
    ]
    own = {
        "handover": f"/justice/handovers/{number}", "handover-received": f"/justice/handovers/{number}",
        "defence-mandate": f"/justice/defence/{number}", "file-reading": f"/justice/reading/{number}",
        "investigation-order": f"/justice/orders/{number}",
    }  # fmt: skip
    if page := own.get(matter.procedure):
        found.append(page)
    if matter.procedure.startswith("handover"):
        found += [f"{page}/v1/1", f"{page}/v1.zip", f"{page}/v1/accepted.json"]
    if matter.procedure == "defence-mandate":
        found.append(f"{page}/video")
    if matter.procedure == "file-reading":
        found.append(f"{page}/{Parcel.objects.get(purpose='prosecution').digest}/1")
    return found


# --- the tests --------------------------------------------------------------------------------------


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, settings: Any) -> dict[str, list[str]]:
    """What goes out by itself: messages to devices, and hints that something changed."""
    out: dict[str, list[str]] = {"push": [], "live": []}

    def send(address: str, keys: Any, body: bytes) -> Any:
        out["push"].append(f"{address} {body.decode()}")
        return SimpleNamespace(status=201, taken=True, text="")

    monkeypatch.setattr(pushing, "send", send)
    monkeypatch.setattr(live, "transaction", SimpleNamespace(on_commit=lambda do: do()))
    monkeypatch.setattr(live._teller, "add", lambda where: out["live"].append(repr(where)))
    return out


@pytest.fixture
def story(city: City, told: dict[str, list[str]], settings: Any) -> Story:
    story = Story.begun(city)
    for person in city.people.values():
        Subscription.objects.create(
            person=person.pk,
            way=Way.PUSH,
            address=f"https://push/{person.username}",
            keys={},
            confirmed_at="2026-01-01T00:00Z",
        )
    settings.PRIVATE_RECEIVERS = True
    hooks.add("all", "http://127.0.0.1:9/")
    mail.outbox.clear()
    return story


def test_nothing_is_seen_before_it_is_handed_over(story: Story, told: dict[str, list[str]]) -> None:
    askers = [Asker(name, story) for name in story.everybody]
    read: dict[str, set[str]] = {asker.name: set() for asker in askers}
    leaks = list[str]()
    for step in story.steps():
        there = story.there = story.all()
        for asker in askers:
            sees = {each.pk for each in there if story.may_see(asker.name, each)}
            assert set(visible(asker.actor).filter(pk__in=[each.pk for each in there]).values_list("pk", flat=True)) == sees, (
                step, asker.name,
            )  # fmt: skip
            if asker.name not in INVOLVED or step not in ("sent", "tried"):
                continue
            urls = [f"/{each}" for each in DESKS]
            seen = [
                each
                for each in there
                if each.pk in sees and (step == "tried" or each.procedure.startswith("handover"))
            ]
            urls += [url for each in seen for url in doors_of(each)]
            found, words = look_through(asker, urls)
            leaks += [f"{step}: {each}" for each in found]
            read[asker.name] |= words
    assert not leaks, "\n".join(leaks)
    for word in WORDS:  # or else it would prove nothing that others do not read it
        assert {name for name in read if word in read[name]}, word
    assert not _sent_out(story, told)


def _sent_out(story: Story, told: dict[str, list[str]]) -> list[str]:
    """What letters, messages, hooks and hints say that they should not."""
    numbers = {each.number: each for each in story.all()}
    out = [(each.to[0].split("@")[0], f"{each.subject}\n{each.body}") for each in mail.outbox]
    out += [(each.split(" ")[0].rsplit("/", 1)[1], each) for each in told["push"]]
    assert out
    wrong = [f"{who}: {number}" for who, text in out for number, matter in numbers.items()
             if number in text and not story.may_see(who, matter)]  # fmt: skip
    wrong += [f"{who}: {word}" for who, text in out for word in (NAME, CASE, *WORDS) if word in text]
    wrong += [f"hook: {each.event}" for each in Delivery.objects.all()]
    marks = (NAME, *numbers, *(key for each in numbers.values() for key in (str(each.pk), each.pk.hex)))
    return wrong + [f"live: {each}" for each in told["live"] if any(mark in each for mark in marks)]


def test_a_sealed_record_is_gone_for_all_but_its_keepers(story: Story, told: dict[str, list[str]]) -> None:
    askers, day = [Asker(name, story) for name in story.everybody], timezone.localdate()
    before = {asker.name: _pictures(asker) for asker in askers if asker.name in FEW}
    for _ in story.steps():
        pass
    queued = [
        (each.subject, each.seq)
        for each in Entry.objects.filter(subject__in=[each.pk for each in story.all()])
    ]
    sha256 = "0" * 64
    story.carried_out()
    story.sealed()
    there = story.there = story.all()
    assert {each.state for each in there} == {"sealed"}
    mail.outbox.clear()
    told["push"].clear()
    _tell_late(story)
    leaks = list[str]()
    fictitious = {
        "number": number_of(2**34, installed().key),
        "pk": str(uuid4()),
        "digest": "0" * 64,
        "sha256": sha256,
        "name": "nobody",
    }
    every = list(addresses())
    for nth, asker in enumerate(askers):
        sees = {each.pk for each in there if story.may_see(asker.name, each)}
        assert (
            set(visible(asker.actor).filter(pk__in=[each.pk for each in there]).values_list("pk", flat=True))
            == sees
        )
        assert {each.pk for each in there[nth % 5 :: 5] if look(asker.actor, each.pk)} <= sees
        for turn, (address, parts) in enumerate(every):
            if address in NOT_ASKED:
                continue
            kinds = [FILLED[part] for part in parts]
            if not any(kind in OF_A_MATTER for kind in kinds):
                if asker.name == FEW[turn % len(FEW)]:
                    leaks += look_through(asker, [filled(address)])[0]
                continue
            if (nth + turn) % TURNS:
                continue
            hidden = [each for each in there if each.pk not in sees]
            each = hidden[(nth + turn) % len(hidden)]
            leaks += _differs(asker, address, _of(each), fictitious)
        if asker.name in FEW and timezone.localdate() == day:  # pages say which day it is
            now = _pictures(asker)
            leaks += [f"{asker.name or 'anybody'} {url}: not what it was before the case" for url in now
                      if now[url] != before[asker.name][url]]  # fmt: skip
        leaks += look_through(
            asker, [url for each in there if each.pk in sees for url in doors_of(each)[:1]]
        )[0]
        for turn, search in enumerate(ASKED_WITH):
            if sees or "{" not in search or (nth + turn) % 3:
                continue
            leaks += _differs(asker, search, _of(there[nth % len(there)]), fictitious)
    assert not leaks, "\n".join(leaks)
    assert hooks.events(queued) == []
    assert Hook.objects.exists()
    assert not _sent_late(told)


def _pictures(asker: Asker) -> dict[str, str]:
    return {url: plain(said(asker.get(f"/{url}"))) for url in LISTS if "{" not in url}


def _of(matter: Matter) -> dict[str, str]:
    return {
        "number": matter.number, "pk": str(matter.pk), "digest": Parcel.objects.get(purpose="prosecution").digest, "name": NAME,
        "sha256": Attachment.objects.values_list("sha256", flat=True).first() or "0" * 64,
    }  # fmt: skip


def _differs(asker: Asker, address: str, hidden: dict[str, str], fictitious: dict[str, str]) -> list[str]:
    """Whether what is hidden is answered in another way than what does not exist."""
    found = []
    for ask in (asker.get, asker.post) if "{" not in address else (asker.get,):
        real, none = filled(address, **hidden), filled(address, **fictitious)
        answer = ask(real)
        one = plain(said(answer), *hidden.values())
        if answer.status_code in (404, 405) and not told_too_much(asker, one):
            continue
        other = plain(said(ask(none)), *fictitious.values())
        if one != other:
            found.append(
                f"{asker.name or 'anybody'} {ask.__name__} {address}: {hidden['number']} is not answered like nothing"
            )
    return found


def _tell_late(story: Story) -> None:
    """Letters that were queued before the records were sealed, and go out after it."""
    from mumian.notices.sending import to_person, to_subscription

    of = {each.pk: [1] for each in story.all()}
    for person in story.whole.city.people.values():
        to_person(person.pk, of)
    for key in Subscription.objects.values_list("pk", flat=True):
        to_subscription(key, of)


def _sent_late(told: dict[str, list[str]]) -> list[str]:
    keepers = [f"{each.to[0]}" for each in mail.outbox if "keeper" not in each.to[0]]
    return keepers + [each for each in told["push"] if "keeper" not in each]
