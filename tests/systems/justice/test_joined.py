"""A file belongs to a stage of a case: what it was sent for is done once it is accepted, and not before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from mumian.engine import world
from mumian.engine.models import Clock, Matter
from mumian.people.models import Organisation
from mumian.record.models import Entry
from mumian.systems.justice.packages import sending
from mumian.systems.justice.packages.models import Parcel, Receipt
from mumian.systems.justice.packages.sending import NotDone
from tests.engine.city import at
from tests.systems.justice import whole as agencies
from tests.systems.justice.whole import Whole, stage
from tests.web import city as small
from tests.web.city import City

FACTS = "有监控录像、证人证言"


@pytest.fixture
def whole(city: City) -> Whole:
    return agencies.found(city)


def due(matter: Matter, clock: str) -> str:
    found = Clock.objects.get(matter=matter, name=clock).due_at
    assert found is not None
    return found.astimezone(at("2026-01-01 00:00").tzinfo).strftime("%Y-%m-%d %H:%M")


def stopped(matter: Matter, clock: str) -> datetime | None:
    return Clock.objects.get(matter=matter, name=clock).stopped_at


def requested(whole: Whole, **more: Any) -> tuple[Matter, Matter]:
    """One in detention for whom arrest is requested, and the file for that, yet to be sent."""
    case = whole.detained(on="2026-03-02 10:00", **more)
    to = whole.to("procuratorate")
    whole.begin("police", "request-arrest", case, on="2026-03-04 10:00", to=to, facts=FACTS)
    file = whole.file(case, "request-arrest")
    assert file is not None
    return case, file


def states(*matters: Matter) -> list[str]:
    for matter in matters:
        matter.refresh_from_db()
    return [matter.state for matter in matters]


def test_what_is_requested_is_filled_in_and_nothing_has_changed_before_it_is_accepted(whole: Whole) -> None:
    case, file = requested(whole, filed_as="越公刑〔2026〕318号")
    assert states(case, file) == ["held", "prepared"]
    said = {name: file.data[name] for name in ("purpose", "receiver", "case", "about", "act")}
    assert said == {
        "purpose": "arrest", "receiver": whole.to("procuratorate"), "case": "越公刑〔2026〕318号",
        "about": case.pk.hex, "act": "request-arrest",
    }  # fmt: skip
    assert "facts" not in case.data
    whole.send("police", file, on="2026-03-04 16:00")
    sending.open_it(whole.come(file), now=whole.now)
    assert states(case, file) == ["held", "opened"]
    assert stopped(case, "request") is None  # its own term runs on
    assert not Matter.objects.filter(procedure="arrest-review").exists()


def test_the_next_stage_begins_with_the_acceptance_and_its_term_counts_from_receipt(whole: Whole) -> None:
    case, file = requested(whole)
    whole.send("police", file, on="2026-03-04 16:00")
    whole.accept(file, on="2026-03-06 09:00")
    assert states(case, file) == ["requested", "accepted"]
    review = stage(case, "arrest-review")
    assert (review.data["facts"], review.data["case"]) == (FACTS, case.pk.hex)
    assert review.data["filed_as"] == file.data["case"] == case.number
    assert due(review, "decide") == "2026-03-11 23:59"  # seven days from 4 March, however long it was checked
    assert stopped(case, "request") == at("2026-03-04 16:00")
    assert not case.late
    last = Entry.objects.filter(subject=case.pk).order_by("-seq")[0]
    assert (last.action, last.body["via"]) == ("request-arrest", "system")


def test_a_file_sent_back_leaves_the_stage_and_its_term_as_they_are(whole: Whole) -> None:
    case, file = requested(whole)
    ends = due(case, "request")
    whole.send("police", file, on="2026-03-04 16:00")
    seen = whole.come(file)
    sending.open_it(seen, now=whole.now)
    sending.send_back(whole.come(file), [], "缺拘留证", now=at("2026-03-05 09:00"))
    assert states(case, file) == ["held", "returned"]
    assert (due(case, "request"), stopped(case, "request")) == (ends, None)
    whole.send("police", file, on="2026-03-05 15:00")
    whole.accept(file, on="2026-03-05 17:00")
    assert (
        due(stage(case, "arrest-review"), "decide") == "2026-03-12 23:59"
    )  # of the version that was accepted
    assert states(case) == ["requested"]


def test_release_waits_for_no_file_and_the_file_cannot_be_accepted_for_what_is_over(whole: Whole) -> None:
    case, file = requested(whole)
    whole.send("police", file, on="2026-03-04 16:00")
    sending.open_it(whole.come(file), now=whole.now)
    whole.do("police", "drop", case, on="2026-03-05 09:00", reason="不构成犯罪")
    assert states(case) == ["dropped"]
    with pytest.raises(NotDone) as refused:
        sending.accept(whole.come(file), now=whole.now)
    [reason] = refused.value.reasons
    assert reason.code == "moved-on"
    assert "send it back" in reason.en
    assert "撤销" not in reason.zh  # how the sender's case stands is not told
    assert states(file) == ["opened"]
    assert not Receipt.objects.filter(state="accepted").exists()
    sending.send_back(whole.come(file), [], "案件已变化", now=whole.now)
    assert states(file) == ["returned"]


def test_by_hand_is_only_for_those_who_are_not_on_the_network_and_the_reason_is_on_the_record(
    whole: Whole,
) -> None:
    case = whole.detained(on="2026-03-02 10:00")
    said = {"facts": FACTS, "by_hand": "对方未联网，纸质卷宗当面移交"}
    why = whole.refusal(
        "police", "request-arrest", case, on="2026-03-04 10:00", to=whole.to("procuratorate"), **said
    )
    assert "hand it over through the program" in why
    far = Organisation.objects.create(code="far", name="外地检察院", kind="procuratorate", place="440106")
    world.changed()
    whole.do("police", "request-arrest", case, to=[far.pk], **said)
    assert states(case) == ["requested"]
    assert stage(case, "arrest-review").unit_id == far.pk
    assert not Matter.objects.filter(procedure="handover").exists()
    [entry] = Entry.objects.filter(subject=case.pk, action="request-arrest")
    assert "by_hand" in entry.body["personal"]
    assert case.data["by_hand"] == said["by_hand"]


def test_nothing_is_sent_to_where_nobody_would_receive_it(whole: Whole) -> None:
    case = whole.detained(on="2026-03-02 10:00")
    far = Organisation.objects.create(code="far", name="外地检察院", kind="justice", place="440106")
    world.changed()
    whole.begin("police", "request-arrest", case, to=[far.pk], facts=FACTS)
    file = whole.file(case, "request-arrest")
    assert file is not None
    with pytest.raises(NotDone, match="save it as a file"):
        whole.send("police", file)
    assert whole.send("police", file, by_file=True).received is None
    assert states(case, file) == ["held", "sent"]


def test_two_acts_of_one_stage_keep_their_own_answers(whole: Whole) -> None:
    case = arrested(whole)
    whole.begin("police", "transfer", case, on="2026-03-20 10:00", to=whole.to("procuratorate"), facts="移送")
    whole.do("police", "ask-longer", case, step="first", to=whole.to("procuratorate-above"), reason="复杂")
    file = whole.file(case, "transfer")
    assert file is not None
    whole.send("police", file)
    whole.accept(file)
    review = stage(case, "prosecution-review")
    assert (review.unit_id, review.data["facts"]) == (whole.units["procuratorate"], "移送")


def arrested(whole: Whole) -> Matter:
    case = whole.detained(on="2026-03-02 10:00")
    whole.do("police", "request-arrest", case, to=whole.to("procuratorate"), facts="有")
    whole.do("procuratorate", "approve", stage(case, "arrest-review"), reason="有")
    return whole.do("police", "execute-arrest", case, arrested_at="2026-03-02T10:00+08:00")


def test_what_was_sent_back_comes_again_with_a_file_to_whoever_sent_it_back(whole: Whole) -> None:
    case = arrested(whole)
    whole.do("police", "transfer", case, on="2026-03-20 10:00", to=whole.to("procuratorate"), facts="移送")
    review = stage(case, "prosecution-review")
    whole.begin("procuratorate", "return", review, on="2026-04-01 10:00", wanted="查赃物去向")
    assert states(review) == ["reviewing"]
    back = whole.file(review, "return")
    assert back is not None
    assert (back.data["purpose"], back.data["receiver"]) == ("investigation", whole.to("police"))
    whole.send("procuratorate", back)
    whole.accept(back)
    assert states(review) == ["returned"]
    work = stage(case, "further-investigation")
    whole.begin("police", "submit", work, on="2026-04-20 10:00", found="已查清")
    again = whole.file(work, "submit")
    assert again is not None
    assert (again.data["purpose"], again.data["receiver"]) == ("prosecution", whole.to("procuratorate"))
    whole.send("police", again)
    whole.accept(again)
    assert states(review, work) == ["reviewing", "done"]
    assert review.data["found"] == "已查清"


def test_an_appeal_counts_at_once_and_the_court_above_has_it_from_the_day_the_file_came(whole: Whole) -> None:
    case = arrested(whole)
    whole.do("police", "transfer", case, on="2026-03-20 10:00", to=whole.to("procuratorate"), facts="移送")
    review = stage(case, "prosecution-review")
    whole.do("procuratorate", "prosecute", review, on="2026-04-01 10:00", to=whole.to("court"), facts="盗窃")
    trial = stage(case, "first-trial")
    verdict = {"decision": "judgment", "verdict": "convicted", "served_at": "2026-04-20T10:00+08:00"}
    whole.do("court", "announce", trial, on="2026-04-20 11:00", **verdict)
    above = whole.to("court-above")
    whole.do("court", "appeal", trial, on="2026-04-30 10:00", appellant="defendant", to=above, reason="过重")
    assert states(trial) == ["appealed"]
    assert stopped(trial, "appeal") == at("2026-04-30 10:00")
    assert due(trial, "send-up") == "2026-05-03 23:59"  # in custody: the holiday moves nothing
    whole.begin("court", "send-up", trial, on="2026-05-02 10:00")
    file = whole.file(trial, "send-up")
    assert file is not None
    assert (file.data["purpose"], file.data["receiver"]) == ("appeal", above)
    whole.send("court", file)
    whole.accept(file, on="2026-05-03 10:00")
    second = stage(case, "second-instance")
    assert (second.data["reason"], due(second, "trial")) == ("过重", "2026-07-02 23:59")
    whole.do("court-above", "remit", second, on="2026-05-20 10:00", reason="事实不清")
    assert states(second) == ["remitted"]
    whole.do("court-above", "send-down", second)
    assert stage(case, "first-trial").unit_id == whole.units["court"]
    assert stage(case, "first-trial").pk != trial.pk


def test_a_receipt_that_comes_as_a_file_does_it_too(whole: Whole) -> None:
    case, file = requested(whole)
    parcel = whole.send("police", file, on="2026-03-04 16:00", by_file=True)
    kept, content = Parcel.objects.get(pk=parcel.pk), sending_file(parcel)
    parcel.delete()  # the receiver's own city, which knows nothing of the sender's
    who = whole.city.posts["procuratorate"].as_actor()
    came = sending.take_in(content, who, now=whole.now)
    assert came.received is not None
    sending.open_it(whole.seen("procuratorate", came.received), now=whole.now)
    sending.accept(whole.seen("procuratorate", came.received), now=whole.now)
    receipt = sending.receipt_file(Receipt.objects.get(state="accepted"))
    came.delete()
    kept.save(force_insert=True)
    sending.take_receipt(whole.seen("police", file.pk), receipt, now=at("2026-03-05 09:00"))
    assert states(case, file) == ["requested", "accepted"]
    assert stopped(case, "request") == at("2026-03-05 09:00")


def sending_file(parcel: Parcel) -> Any:
    import io

    from mumian.systems.justice.packages import bag

    return io.BytesIO(b"".join(bag.written(sending.package_of(parcel), sending.where)))


# --- pages ------------------------------------------------------------------------------------------


def test_the_act_leads_to_its_file_and_each_shows_the_other(whole: Whole, visit: Any) -> None:
    case = whole.detained(name="张小偷")
    police, prosecutor = visit("police"), visit("procuratorate")
    here = f"/matters/{case.number}"
    form = {"to": str(whole.units["procuratorate"]), "facts": FACTS}
    answer = police.post(f"{here}/do/request-arrest", form)
    file = whole.file(case, "request-arrest")
    assert file is not None
    there = f"/justice/handovers/{file.number}"
    assert police.get(answer["Location"])["Location"] == there
    assert police.get(f"{here}/do/request-arrest")["Location"] == f"/matters/{file.number}"
    assert (
        police.post(f"{here}/do/request-arrest", form)["Location"] == f"/matters/{file.number}"
    )  # not a second one
    assert Matter.objects.filter(procedure="handover").count() == 1
    shown = police.get(there).content.decode()
    assert here in shown
    assert "提请批准逮捕" in shown
    assert f"/matters/{file.number}" in police.get(here).content.decode()
    whole.send("police", file)
    received = whole.come(file).matter
    cover = prosecutor.get(f"/justice/handovers/{received.number}").content.decode()
    assert FACTS not in cover
    assert here not in cover
    whole.accept(file)
    review = stage(case, "arrest-review")
    assert (
        f"/matters/{review.number}"
        in prosecutor.get(f"/justice/handovers/{received.number}").content.decode()
    )
    page = prosecutor.get(f"/matters/{review.number}").content.decode()
    assert f"/matters/{received.number}" in page
    assert f"/matters/{file.number}" not in page  # the sender's own
    assert here not in page


def test_only_those_who_can_receive_a_file_are_to_be_chosen_the_nearest_first(
    whole: Whole, visit: Any
) -> None:
    case = whole.detained(name="张小偷")
    Organisation.objects.create(code="far", name="河源检察院", kind="justice", place="440106")
    Organisation.objects.create(code="waters", name="水利局", kind="water", place="440103")
    Organisation.objects.filter(code="procuratorate").update(place=small.GRID[:9])
    world.changed()
    page = (
        visit("police").get(f"/matters/{case.number}/do/request-arrest").content.decode().split("<form ")[-1]
    )
    names = [*(Organisation.objects.get(code=code).name for code in whole.units), "河源检察院", "水利局"]
    there = sorted((name for name in names if name in page), key=page.index)
    assert there == ["越秀区人民检察院", "木棉市人民检察院", "河源检察院"]
    assert "未接入本系统" in page
    why = whole.refusal("police", "request-arrest", case, to=whole.to("court"), facts=FACTS)
    assert "nobody in that unit handles this" in why
    with pytest.raises(NotDone, match="Nobody there handles this"):
        sending.prepare(
            whole.city.posts["police"].as_actor(), receiver=whole.units["court"], case="1", purpose="arrest"
        )


def test_other_papers_of_a_stage_go_over_beside_it(whole: Whole, visit: Any) -> None:
    case, police = whole.detained(name="张小偷", filed_as="越公刑〔2026〕318号"), visit("police")
    there = f"/justice/handovers/new?about={case.number}"
    assert there in police.get(f"/matters/{case.number}").content.decode()
    assert 'value="越公刑〔2026〕318号"' in police.get(there).content.decode()
    said = {"receiver": whole.units["court"], "case": "越公刑〔2026〕318号", "purpose": "other"}
    assert police.post(there, said).status_code == 302
    file = Matter.objects.get(procedure="handover")
    assert (file.parent, file.data["about"]) == (case.pk, case.pk.hex)
    whole.send("police", file)
    whole.accept(file)
    assert states(case) == ["held"]  # it was sent for nothing that would follow
    assert visit("other-police").get(there).status_code == 200
    assert "张小偷" not in visit("other-police").get(there).content.decode()
