"""The pages of guidance: found, answered, changed, carried on; nothing is lost, nothing is kept on the server."""

from __future__ import annotations

import io
import re
import zipfile
from html import unescape
from typing import Any

import pytest
from django.test import Client

from mumian.engine.models import Matter
from mumian.web.opening import MOST, offer
from tests.conftest import QueryBudget
from tests.web.city import TOWN, City
from tests.web.conftest import Visit

pytestmark = pytest.mark.django_db

ANSWERS = {
    "ended": "agreed",
    "start": {"year": "2021", "month": "7", "day": "1"},
    "end": {"year": "2023", "month": "6", "day": "30"},
    "wage": "6000-8000",
    "what": "公司说业务调整，让我走。",
    "other": "石溪电子厂",
    "place": "石溪街道",
}


def answer(visitor: Client, kind: str, name: str, given: Any) -> Any:
    sent = given if isinstance(given, dict) else {"answer": given}
    return visitor.post(f"/guidance/{kind}/ask/{name}", sent)


def answered(visitor: Client, kind: str = "severance", answers: Any = ANSWERS) -> str:
    for name, given in answers.items():
        assert answer(visitor, kind, name, given).status_code == 302
    page = visitor.get(f"/guidance/{kind}/result")
    assert page.status_code == 200
    return page.content.decode()


def test_a_kind_is_found_by_words(visit: Visit, query_budget: QueryBudget) -> None:
    visitor = visit()
    with query_budget("guidance"):
        every = visitor.get("/guidance").content.decode()
    assert every.count("/guidance/") >= 25
    assert "租房纠纷" in visitor.get("/guidance?q=押金").content.decode()
    assert "租房纠纷" in visitor.get("/guidance?q=房东不退我的押金").content.decode()
    assert "租房纠纷" not in visitor.get("/guidance?q=加班").content.decode()
    assert "没有找到" in visitor.get("/guidance?q=%3Cb%3E").content.decode()


def test_questions_lead_to_a_result_with_its_lines(visit: Visit, query_budget: QueryBudget) -> None:
    visitor = visit()
    answered(visitor)
    with query_budget("guidance result"):
        page = visitor.get("/guidance/severance/result").content.decode()
    assert "12,000 – 16,000" in page
    assert "《劳动合同法》第47条" in page
    assert "2008-01-01 起施行" in page
    assert "不是决定" in page
    assert "2024年7月1日" in page  # 30 June is a Sunday
    assert "2 个月（2021-07-01 至 2023-06-30）× 6,000 元" in page
    assert "示例，尚待核对" in page
    english = visitor.get("/guidance/severance/result", headers={"Accept-Language": "en"}).content.decode()
    assert "2 months (2021-07-01 to 2023-06-30) × 8,000 yuan" in english


def test_one_question_leads_to_the_next_and_back(visit: Visit) -> None:
    visitor = visit()
    after = answer(visitor, "severance", "ended", "dismissed")
    assert after.headers["Location"].endswith("/ask/reason")
    after = answer(visitor, "severance", "reason", "fault")
    assert after.headers["Location"].endswith("/ask/proved")
    page = visitor.get("/guidance/severance/ask/proved").content.decode()
    assert "/guidance/severance/ask/reason" in page
    after = answer(visitor, "severance", "ended", "own")  # changed: what hung on it is no longer asked
    assert after.headers["Location"].endswith("/ask/start")
    assert visitor.get("/guidance/severance/ask/reason").status_code == 302
    assert visitor.get("/guidance/severance/result").status_code == 302


def test_a_wrong_answer_is_shown_again_with_why(visit: Visit) -> None:
    visitor = visit()
    answer(visitor, "severance", "ended", "agreed")
    page = answer(visitor, "severance", "start", {"year": "2021", "month": "2", "day": "30"})
    assert page.status_code == 422
    assert "这个月没有这一天" in page.content.decode()
    assert 'value="2021"' in page.content.decode()
    answer(visitor, "severance", "start", {"year": "2021"})
    page = answer(visitor, "severance", "what", "长" * 301)
    assert page.status_code == 422
    assert "长" * 301 in page.content.decode()


def test_nothing_is_kept_but_a_signed_cookie_of_the_kinds_own_pages(
    visit: Visit, query_budget: QueryBudget
) -> None:
    visitor = visit()
    with query_budget("guidance answer"):
        response = answer(visitor, "severance", "ended", "agreed")
    cookie = response.cookies["guidance-severance"]
    assert cookie["path"] == "/guidance/severance"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["max-age"]
    forged = visit()
    forged.cookies["guidance-severance"] = cookie.value[:-4] + "AAAA"
    assert forged.get("/guidance/severance/ask/reason").status_code == 302
    assert "重新开始" not in forged.get("/guidance/severance").content.decode()
    forgotten = visitor.post("/guidance/severance/anew")
    assert forgotten.cookies["guidance-severance"].value == ""


@pytest.mark.parametrize("name", ["severance", "divorce", "lift", "medical"])
def test_not_sure_everywhere_still_leads_to_a_result(visit: Visit, name: str) -> None:
    visitor = visit()
    step = visitor.get(f"/guidance/{name}").content.decode()
    where = re.search(rf"/guidance/{name}/ask/\w+", step)
    assert where
    url = where[0]
    while url.rpartition("/")[2] != "result":
        assert visitor.get(url).status_code == 200
        url = visitor.post(url, {"unsure": "1"}).headers["Location"]
    page = visitor.get(url)
    assert page.status_code == 200
    assert "法律怎么说" in page.content.decode()


def test_a_figure_that_is_missing_can_be_stated(visit: Visit) -> None:
    visitor = visit()
    page = answered(visitor, answers={**ANSWERS, "end": {"year": "2030", "month": "6", "day": "30"}})
    both = {"figure-average-wage": "15,000", "figure-minimum-wage": "2500"}
    for name in both:  # asked for at once, with who publishes them
        assert f'name="{name}"' in page
    assert "2030年6月30日" in page
    assert "人力资源和社会保障厅公布" in page
    wrong = visitor.post("/guidance/severance/figure", both | {"figure-average-wage": "many"})
    assert wrong.status_code == 422
    assert "请填大于零的数" in wrong.content.decode()
    assert 'value="many"' in wrong.content.decode()
    assert 'value="2500"' in wrong.content.decode()
    visitor.post("/guidance/severance/figure", {"figure-nothing": "5"})
    visitor.post("/guidance/severance/figure", both)
    page = visitor.get("/guidance/severance/result").content.decode()
    assert "54,000 – 72,000" in page
    assert "您填写的数" in page


TRAFFIC = {
    "accident": {"year": "2025", "month": "3", "day": "1"}, "outcome": "disabled", "grade": "10", "age": "30",
    "share": "1", "dependant_years": "0", "supporters": "1", "medical": "0", "lost": "0", "care": "0", "goods": "0",
}  # fmt: skip


def through(visitor: Client, kind: str, known: dict[str, Any]) -> str:
    """Answers what is known of a kind and is not sure of the rest; the result."""
    url = re.search(rf"/guidance/{kind}/ask/\w+", visitor.get(f"/guidance/{kind}").content.decode())
    assert url
    at = url[0]
    while not at.endswith("/result"):
        given = known.get(at.rpartition("/")[2])
        sent = {"unsure": "1"} if given is None else given if isinstance(given, dict) else {"answer": given}
        answer = visitor.post(at, sent)
        assert answer.status_code == 302, (at, answer.content.decode())
        at = answer.headers["Location"]
    return visitor.get(at).content.decode()


def test_disability_and_death_on_the_road_are_reckoned_with_the_figures_of_place_and_year(
    visit: Visit,
) -> None:
    visitor = visit()
    page = through(visitor, "traffic", TRAFFIC)
    assert 'name="figure-disposable-income"' in page
    assert "disability-share" not in page  # customary shares are there, and said to be unchecked
    visitor.post("/guidance/traffic/figure", {"figure-disposable-income": "60000"})
    page = visitor.get("/guidance/traffic/result").content.decode()
    assert "120,000" in page  # 60,000 × 20 years × 10 %
    assert "通行系数，待核对" in page
    assert "尚待核对" in page
    died = through(visit(), "traffic", TRAFFIC | {"outcome": "died"})
    for name in ("disposable-income", "funeral-wage"):
        assert f'name="figure-{name}"' in died


def test_a_calculator_by_itself_asks_for_the_figures_it_lacks(visit: Visit) -> None:
    visitor = visit()
    at = "/guidance/calculators/personal-injury"
    fields = {
        "on_year": "2026",
        "on_month": "1",
        "on_day": "5",
        "age": "61",
        "outcome": "died",
        "share": "100",
    }
    page = visitor.post(at, fields).content.decode()
    assert 'name="figure-funeral-wage"' in page
    assert 'form="inputs"' in page
    figures = {"figure-funeral-wage": "0", "figure-disposable-income": "50000"}
    assert "请填大于零的数" in visitor.post(at, fields | figures).content.decode()
    page = visitor.post(at, fields | figures | {"figure-funeral-wage": "9000"}).content.decode()
    assert "950,000" in page  # 50,000 × 19 years
    assert "54,000" in page  # 9,000 × 6 months


def test_letters_are_filled_in(visit: Visit) -> None:
    visitor = visit()
    answered(visitor)
    text = visitor.get("/guidance/severance/letters/labour-application/txt")
    assert text["Content-Disposition"].endswith('"severance-labour-application.txt"')
    assert "经济补偿：12,000 – 16,000 元" in text.content.decode()
    assert "公司说业务调整" in text.content.decode()
    assert "被申请人：石溪电子厂（单位名称）" in text.content.decode()
    odt = visitor.get("/guidance/severance/letters/demand/odt").content
    with zipfile.ZipFile(io.BytesIO(odt)) as bundle:
        assert bundle.namelist()[0] == "mimetype"
        assert "催告函" in bundle.read("content.xml").decode()
    assert "催告函" in visitor.get("/guidance/severance/letters/demand/print").content.decode()
    assert visitor.get("/guidance/severance/letters/suit/txt").status_code == 404
    assert visit().get("/guidance/severance/letters/demand/txt").status_code == 302


def carried(visitor: Client, procedure: str = "") -> Any:
    """The answers sent on by the result's button, or to the form of another procedure."""
    button = re.search(r'action="([^"]+)">.*name="values" value="([^"]+)"', answered(visitor))
    assert button
    return visitor.post(f"/open/{procedure}" if procedure else button[1], {"values": button[2]})


def fields_of(page: str) -> dict[str, str]:
    """What a form holds already, as a browser would send it."""
    form = page[page.index("<form method") : page.rindex("</form>")]
    inputs = re.findall(r"<input[^>]*>", form)
    found = {}
    for each in inputs:
        said = dict(re.findall(r'(name|value|type)="([^"]*)"', each))
        if "name" in said and (said.get("type") not in ("radio", "checkbox") or " checked" in each):
            found[said["name"]] = unescape(said.get("value", ""))
    found |= {
        name: unescape(text) for name, text in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>([^<]*)<', form)
    }
    return found


def test_answers_are_carried_into_a_request_that_is_ready_to_send(
    visit: Visit, query_budget: QueryBudget
) -> None:
    visitor = visit("resident")
    assert carried(visitor).headers["Location"] == "/mediation/ask"
    visitor.get("/mediation/ask")
    with query_budget("opening form"):
        form = visitor.get("/mediation/ask").content.decode()
    assert "前面的回答已经填好" in form
    assert not Matter.objects.exists()
    filled = fields_of(form)
    assert "公司说业务调整，让我走。" in filled["what"]
    assert "经济补偿：12,000 – 16,000 元" in filled["facts"]
    done = visitor.post("/mediation/ask", filled)
    assert done.status_code == 302, done.content.decode()
    matter = Matter.objects.get()
    assert (matter.procedure, matter.category, matter.place) == ("people-mediation", "01.01", TOWN)
    assert (matter.data["claim"], matter.data["respondent_name"]) == ("16000.00", "石溪电子厂")
    assert matter.data["requester_name"] == "陈小燕"
    assert done.cookies["opening"].value == ""
    again = visitor.post("/mediation/ask", filled)
    assert again.headers["Location"] == done.headers["Location"]
    assert Matter.objects.count() == 1


def test_what_is_lacking_in_a_request_is_said_and_nothing_lost(visit: Visit) -> None:
    visitor = visit("resident")
    carried(visitor)
    lacking = visitor.post("/mediation/ask", {"key": "k" * 32, "what": "被辞退"})
    assert lacking.status_code == 422
    assert "被辞退" in lacking.content.decode()


def test_who_is_not_known_signs_in_and_finds_the_answers_there(visit: Visit, city: City) -> None:
    visitor = visit()
    carried(visitor)
    assert visitor.get("/mediation/ask").headers["Location"].startswith("/sign-in?next=/mediation/ask")
    visitor.force_login(city.people["resident"])
    assert "公司说业务调整，让我走。" in visitor.get("/mediation/ask").content.decode()


def test_a_procedure_with_a_page_of_its_own_is_opened_there(visit: Visit) -> None:
    assert visit("resident").get("/open/people-mediation").headers["Location"] == "/mediation/ask"


def test_what_does_not_fit_the_form_is_left_out(visit: Visit) -> None:
    visitor = visit()
    carried(visitor, "grid-event")
    form = visitor.get("/open/grid-event").content.decode()
    assert "公司说业务调整，让我走。" in form
    assert "16000" not in form


def test_answers_that_are_too_much_are_cut_short_not_lost(city: City) -> None:
    long = "".join(chr(0x4E00 + number * 7 % 20000) for number in range(4000))
    carrying = offer("people-mediation", {"kind": "01.01", "what": "被辞退", "facts": long})
    assert carrying is not None
    assert len(carrying.values) <= MOST
    assert offer("nothing-like-it", {}) is None


def test_values_that_we_did_not_sign_are_not_believed(visit: Visit) -> None:
    visitor = visit()
    after = visitor.post("/open/grid-event", {"values": "eyJ3aGF0IjoieCJ9:1:forged"})
    assert after.status_code == 302
    assert "opening" not in after.cookies
    assert visitor.get("/open/nothing-like-it").status_code == 404


def test_a_calculator_stands_by_itself(visit: Visit, query_budget: QueryBudget) -> None:
    visitor = visit()
    assert "案件受理费" in visitor.get("/guidance/calculators").content.decode()
    with query_budget("guidance calculator"):
        page = visitor.post(
            "/guidance/calculators/court-fee",
            {"on_year": "2024", "on_month": "1", "on_day": "1", "claim": "10001-200000", "kind": "property"},
        )
    assert "50.03 – 4,300" in page.content.decode()
    lacking = visitor.post("/guidance/calculators/court-fee", {"claim": "x"})
    assert lacking.status_code == 422
    assert visitor.get("/guidance/calculators/nothing").status_code == 404


def test_what_is_not_there_is_not_found(visit: Visit) -> None:
    visitor = visit()
    for where in ("nothing", "severance/ask/nothing", "severance/letters/demand/exe"):
        if where.endswith("exe"):
            answered(visitor)
        assert visitor.get(f"/guidance/{where}").status_code == 404
