"""Versions of procedures: published whole or not, never changed, and matters moved from one to the next."""

import hashlib

import pytest

from mumian.engine import publishing, world
from mumian.engine.definition import BrokenDefinition, again, read
from mumian.engine.models import Matter, ProcedureVersion
from mumian.engine.perform import Act, Done, Refused, perform
from mumian.engine.publishing import keep_contents, move_matters, publish, publish_shipped, subject_of
from mumian.errors import MumianError
from mumian.record.models import Entry
from tests.engine.city import ADMINISTRATOR, MONDAY, OFFICER, RESIDENT, SMALL, WATER, changed

pytestmark = pytest.mark.usefixtures("city")

RENAMED = changed(
    ("  open:   {title: {zh: 在办, en: Open}}", "  waiting: {title: {zh: 待办, en: Waiting}}"),
    ("to: open, by", "to: waiting, by"),
    ("from: open, to: closed", "from: waiting, to: closed"),
    ("from: open, until", "from: waiting, until"),
    ("keep:", "migrate: {open: waiting}\nkeep:"),
)
UNMAPPED = changed(("migrate: {open: waiting}\n", ""), text=RENAMED)


def ask() -> Done:
    act = Act("ask", RESIDENT, {"what": "树", "unit": WATER}, opens="small")
    (result,) = perform([act], now=MONDAY, quiet=True)
    assert isinstance(result, Done)
    return result


def finish(matter) -> Done | Refused:
    (result,) = perform([Act("do", OFFICER, {}, matter)], now=MONDAY, quiet=True)
    return result


def versions() -> list[tuple[int, str]]:
    return list(
        ProcedureVersion.objects.filter(name="small").order_by("version").values_list("version", "text")
    )


def test_the_same_text_published_twice_is_one_version():
    assert publish(read(SMALL)).version == publish(read(SMALL)).version == 1
    assert versions() == [(1, SMALL)]


def test_another_text_is_another_version_and_the_first_stays_as_it_was():
    publish(read(SMALL))
    first = ProcedureVersion.objects.values().get(name="small")
    assert publish(read(RENAMED)).version == 2
    assert versions() == [(1, SMALL), (2, RENAMED)]
    assert ProcedureVersion.objects.values().get(name="small", version=1) == first
    assert publish(read(SMALL)).version == 3  # going back is a version too


def test_what_was_published_by_whom_is_on_the_record():
    publish(read(SMALL), actor=ADMINISTRATOR)
    publish(read(RENAMED))
    first, second = Entry.objects.filter(subject=subject_of("small")).order_by("seq")
    assert (first.action, first.person, first.post) == ("publish", ADMINISTRATOR.person, ADMINISTRATOR.post)
    assert first.body == {"version": 1, "sha256": hashlib.sha256(SMALL.encode()).hexdigest()}
    assert (second.body["version"], second.person) == (2, None)


def test_a_broken_definition_is_refused_with_every_problem_and_nothing_is_stored():
    broken = read(changed(("by: doer", "by: nobody"), ("until: closed", "until: shut")))
    with pytest.raises(BrokenDefinition) as error:
        publish(broken)
    assert len(error.value.problems) == 2
    assert versions() == []
    assert not Entry.objects.filter(subject=subject_of("small")).exists()


def test_a_role_there_are_no_posts_for_is_a_problem():
    with pytest.raises(BrokenDefinition, match="`astronaut`"):
        publish(read(changed(("post: officer", "post: astronaut"))))


def test_what_is_not_published_cannot_be_asked_for():
    with pytest.raises(MumianError, match="procedure small: it is not published here"):
        world.city().procedure("small")


def test_new_matters_open_in_the_new_version_and_old_ones_keep_theirs():
    publish(read(SMALL))
    old = ask()
    publish(read(RENAMED))
    new = ask()
    assert (old.state, new.state) == ("open", "waiting")
    assert [Matter.objects.get(pk=done.matter).version for done in (old, new)] == [1, 2]
    assert isinstance(finish(old.matter), Done)
    assert isinstance(finish(new.matter), Done)


def test_open_matters_are_moved_by_entries_of_their_own_and_closed_ones_are_not():
    publish(read(SMALL))
    open_, closed = ask(), ask()
    finish(closed.matter)
    publish(read(RENAMED))
    (result,) = move_matters("small", 2)
    assert isinstance(result, Done)
    assert (result.matter, result.state, result.seq) == (open_.matter, "waiting", 2)
    assert Matter.objects.get(pk=open_.matter).version == 2
    assert Matter.objects.get(pk=closed.matter).version == 1
    assert Entry.objects.get(subject=open_.matter, seq=2).body == {
        "from": 1,
        "version": 2,
        "state": "waiting",
    }
    assert list(move_matters("small", 2)) == []
    assert isinstance(finish(open_.matter), Done)


def test_matters_that_cannot_be_moved_say_why_and_stay():
    publish(read(SMALL))
    matter = ask().matter
    publish(read(UNMAPPED))
    (result,) = move_matters("small", 2)
    assert isinstance(result, Refused)
    assert "say under `migrate:` where it goes" in result.reasons[0].en
    assert Matter.objects.get(pk=matter).version == 1
    assert isinstance(finish(matter), Done)


STATE = "  open:   {title: {zh: 在办, en: Open}}"
DO = "  do:  {title"
TURNING = changed(
    (STATE, f"  other: {{title: {{zh: 他, en: Other}}}}\n{STATE}"),
    (DO, f"  back: {{title: {{zh: 回, en: Back}}, from: other, to: open, by: doer}}\n{DO}"),
    (DO, f"  turn: {{title: {{zh: 转, en: Turn}}, from: open, to: other, by: doer}}\n{DO}"),
)


def test_matters_that_cannot_be_moved_do_not_keep_back_those_after_them(monkeypatch):
    monkeypatch.setattr(publishing, "MOVED_AT_ONCE", 1)
    publish(read(TURNING))
    first, *_ = sorted(ask().matter for _ in range(3))
    perform([Act("turn", OFFICER, {}, first)], now=MONDAY, quiet=True)
    publish(read(SMALL))  # which knows no state `other`
    results = list(move_matters("small", 2))
    assert [type(result) for result in results] == [Refused, Done, Done]


def test_what_a_city_has_published_itself_is_not_replaced_by_what_is_shipped():
    shipped = ProcedureVersion.objects.get(name="joint-task")
    assert shipped.shipped
    own = changed(("zh: 协办任务", "zh: 本市协办任务"), text=shipped.text)
    publish(read(own))
    publish_shipped()
    assert list(
        ProcedureVersion.objects.filter(name="joint-task").order_by("version").values_list("text", flat=True)
    ) == [
        shipped.text,
        own,
    ]


def test_a_definition_is_kept_so_that_it_is_read_again_as_it_was():
    kept = dict(ProcedureVersion.objects.values_list("digest", "content"))
    for source in publishing.shipped():
        assert again(kept[hashlib.sha256(source.text.encode()).hexdigest()]) == source.procedure


def test_what_was_published_before_definitions_were_kept_so_is_brought_up():
    row = ProcedureVersion.objects.filter(name="joint-task")
    kept = row.get().content
    row.update(content="")
    world.changed()
    assert world.city().procedure("joint-task").definition == again(kept)
    keep_contents()
    assert row.get().content == kept
