"""A theft with plea under the fast track in real browsers, from detention to execution, by five roles; pages for everyone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from mumian.engine import jobs
from mumian.engine.models import Clock, Matter
from tests.systems.justice import whole as agencies
from tests.systems.justice.whole import Whole, rights, stage

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def whole(_site: Any) -> Whole:
    """The site with its agencies."""
    return agencies.found(_site.city)


def local(days: float = 0) -> str:
    """A time as a browser's field has it."""
    return timezone.localtime(timezone.now() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M")


class Officer:
    """One who works on the case in a browser of his or her own."""

    def __init__(self, site: Any, open_page: Any, who: str) -> None:
        self.site, self.page = site, site.sign_in(open_page(locale="en-GB"), who)

    def does(self, matter: Matter, action: str, *, said: str = "Done:", **answers: str) -> None:
        """Opens the matter, chooses the action it offers, answers what is asked and sends it."""
        page = self.page
        page.goto(f"{self.site.url}/matters/{matter.number}")
        page.locator(f".next a[href$='/do/{action}']").click()
        page.locator("main form details").evaluate_all("all => all.forEach(each => { each.open = true })")
        for name, answer in answers.items():
            field = page.locator(f"main form [name={name}]").first
            if field.get_attribute("type") in ("radio", "checkbox"):
                page.locator(f"main form [name={name}][value='{answer}']").check()
            elif field.evaluate("each => each.tagName") == "SELECT":
                field.select_option(answer)
            else:
                field.fill(answer)
        page.locator("main form .acts button").first.click()
        expect(page.get_by_text(said)).to_be_visible()

    def hands(self, whole: Whole, matter: Matter, action: str, **answers: str) -> Matter:
        """Does what needs a file, which leads to it; the file is sent and accepted."""
        self.does(matter, action, said="Begun.", **answers)
        file = whole.file(matter, action)
        assert file is not None
        assert self.page.url.endswith(file.number)
        return file

    def sends(self, content: bytes) -> None:
        """Puts a document into the file before one, signs and sends it."""
        page = self.page
        page.set_input_files("#file", {"name": "卷宗.txt", "mimeType": "text/plain", "buffer": content})
        page.get_by_role("button", name="Put in").click()
        expect(page.get_by_role("button", name="Sign and send")).to_be_enabled()
        page.get_by_role("button", name="Sign and send").click()
        expect(page.get_by_text("Signed and delivered.")).to_be_visible()

    def accepts(self, whole: Whole, file: Matter) -> None:
        """Opens what has come and accepts it."""
        page = self.page
        page.goto(f"{self.site.url}/justice/handovers")
        page.get_by_role("link", name=str(file.data["case"])).first.click()
        page.get_by_role("button", name="Open it").click()
        page.get_by_role("button", name="Accept").click()
        expect(page.get_by_text("Accepted. The sender has a receipt.")).to_be_visible()


def arrives(whole: Whole, who: str, file: Matter) -> None:
    """A file goes its way without being watched."""
    whole.now = timezone.now()
    whole.send(who, file)
    whole.accept(file)


def test_a_theft_with_plea_goes_from_detention_to_execution_by_five_roles(
    site: Any, whole: Whole, open_page: Any
) -> None:
    police, prosecutor, judge, warden, supervisor = (
        Officer(site, open_page, who)
        for who in ("police", "procuratorate", "court", "prison", "case-supervisor")
    )
    case = whole.detained(on=local(-4).replace("T", " "), name="张小偷")
    police.page.goto(f"{site.url}/justice")
    expect(police.page.get_by_text("张小偷").first).to_be_visible()
    unit = {name: str(key) for name, key in whole.units.items()}
    police.does(rights(case)["family"], "give", done_at=local(-3.9), how="电话通知其妻")
    arrives(
        whole,
        "police",
        police.hands(whole, case, "request-arrest", to=unit["procuratorate"], facts="有监控录像"),
    )
    prosecutor.does(stage(case, "arrest-review"), "approve", reason="有社会危险性")
    police.does(case, "execute-arrest", arrested_at=local())
    file = police.hands(whole, case, "transfer", to=unit["procuratorate"], facts="事实清楚")
    police.sends(b"opinion")
    prosecutor.accepts(whole, file)
    prosecutor.page.locator(".of-stage a").click()  # which began with it
    expect(prosecutor.page.locator(".files-of")).to_contain_text("from Police")
    review = stage(case, "prosecution-review")
    prosecutor.does(review, "plea", counsel_present="yes", present="值班律师李某", proposal="拘役四个月")
    prosecutor.does(review, "go-fast", over_one_year="no")
    arrives(
        whole,
        "procuratorate",
        prosecutor.hands(whole, review, "prosecute", to=unit["court"], facts="盗窃手机"),
    )
    trial = stage(case, "first-trial")
    judge.does(trial, "choose-track", track="fast", over_one_year="no")
    verdict = {"decision": "judgment", "verdict": "convicted", "sentence_months": "4", "served_at": local()}
    judge.does(trial, "announce", **verdict)
    over = Clock.objects.get(matter=trial, name="appeal").due_at
    assert over is not None
    jobs.ring_all(over + timedelta(minutes=1))
    arrives(whole, "court", judge.hands(whole, trial, "hand-over", to=unit["prison"]))
    execution = stage(case, "execution")
    warden.does(execution, "deliver", manner="detention-house")
    warden.does(execution, "finish")
    supervisor.page.goto(f"{site.url}/matters/{execution.number}")
    for title in (
        "Criminal investigation",
        "Review of arrest",
        "Review for prosecution",
        "Trial at first instance",
    ):
        expect(supervisor.page.locator(".case-of").get_by_text(title)).to_be_visible()
    warden.page.goto(f"{site.url}/matters/{execution.number}")
    expect(warden.page.locator(".case-of")).not_to_contain_text("Trial at first instance")


def test_a_complex_case_is_extended_sent_back_twice_and_appealed(
    site: Any, whole: Whole, open_page: Any
) -> None:
    case = whole.detained(on=local(-50).replace("T", " "), name="王复杂")
    whole.do("police", "request-arrest", case, to=whole.to("procuratorate"), facts="有")
    whole.do("procuratorate", "approve", stage(case, "arrest-review"), reason="有")
    whole.do(
        "police", "execute-arrest", case, on=local(-48).replace("T", " "), arrested_at=f"{local(-48)}+08:00"
    )
    unit = {name: str(key) for name, key in whole.units.items()}
    police, above = Officer(site, open_page, "police"), Officer(site, open_page, "procuratorate-above")
    before = Clock.objects.get(matter=case, name="custody").due_at
    police.does(case, "ask-longer", step="first", to=unit["procuratorate-above"], reason="案情复杂")
    above.does(stage(case, "custody-extension"), "grant", reason="同意延长一个月")
    after = Clock.objects.get(matter=case, name="custody").due_at
    assert before is not None
    assert after is not None
    assert 28 <= (after - before).days <= 31
    whole.now = timezone.now()
    whole.do("police", "transfer", case, to=whole.to("procuratorate"), facts="事实清楚")
    prosecutor, review = Officer(site, open_page, "procuratorate"), stage(case, "prosecution-review")
    arrives(whole, "procuratorate", prosecutor.hands(whole, review, "return", wanted="查明赃物去向"))
    work = stage(case, "further-investigation")
    arrives(whole, "police", police.hands(whole, work, "submit", found="已查清，附估价"))
    whole.do("procuratorate", "return", review, wanted="补充辨认笔录")
    whole.do("police", "submit", stage(case, "further-investigation"), found="已补充")
    page = prosecutor.page
    page.goto(f"{site.url}/matters/{review.number}/do/return")  # the page itself no longer offers it
    for said in ("2 times at most", "刑事诉讼法 175", "do not prosecute"):
        expect(page.get_by_text(said).first).to_be_visible()
    expect(page.locator(".next a[href$='/do/return']")).to_have_count(0)
    expect(page.locator(".files-of li")).to_have_count(6)  # each way of the file, as this agency has it
    whole.do("procuratorate", "prosecute", review, to=whole.to("court"), facts="抢劫")
    trial = stage(case, "first-trial")
    verdict: dict[str, Any] = {
        "decision": "judgment",
        "verdict": "convicted",
        "sentence_months": 60,
        "served_at": f"{local()}+08:00",
    }
    whole.do("court", "announce", trial, **verdict)
    judge, high = Officer(site, open_page, "court"), Officer(site, open_page, "court-above")
    judge.does(trial, "appeal", appellant="defendant", to=unit["court-above"], reason="量刑过重")
    arrives(whole, "court", judge.hands(whole, trial, "send-up"))
    second = stage(case, "second-instance")
    whole.do("court-above", "give-file", second)
    whole.do("court-above", "file-back", second)
    high.does(second, "uphold", reason="事实清楚，量刑适当")
    arrives(whole, "court-above", high.hands(whole, second, "hand-over", to=unit["prison"]))
    assert (stage(case, "execution").state, stage(case, "second-instance").outcome) == ("received", "handed")
    assert not any(stage(case, name).late for name in ("investigation", "prosecution-review", "first-trial"))


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_the_pages_of_justice_are_for_everyone(
    site: Any, whole: Whole, open_page: Any, for_everyone: Any, locale: str
) -> None:
    case = whole.detained(on=local(-9).replace("T", " "), name="李某", minor=True)
    jobs.ring_all(timezone.now())
    whole.now = timezone.now()
    whole.do("police", "notify-aid", rights(case)["legal-aid"], to=whole.to("aid"))
    aid = stage(case, "legal-aid")
    for who, where in (
        ("case-supervisor", "/justice"),
        ("police", "/justice"),
        ("police", f"/matters/{case.number}"),
        ("aid", f"/matters/{aid.number}"),
    ):
        page = site.sign_in(open_page(locale=locale), who)
        page.goto(site.url + where)
        for_everyone(page)
