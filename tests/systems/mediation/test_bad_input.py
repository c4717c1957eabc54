"""What cannot be gets a clear word at the place where it was entered, and nothing of it is lost or done."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from mumian.engine.models import Matter
from mumian.systems.mediation.models import Tie, TieSort
from tests.systems.mediation.dispute import REQUEST, Mediating, data, found, state
from tests.web import city as small
from tests.web.conftest import Visit

pytestmark = pytest.mark.django_db

ASKED = {**{name: value for name, value in REQUEST.items() if name != "where"}, "where_code": small.GRID}


@pytest.fixture
def here(city: small.City) -> Mediating:
    return found(city)


def number_of(matter: Any) -> str:
    return Matter.objects.get(pk=matter).number


@pytest.mark.parametrize(
    ("sort", "word"),
    [(TieSort.CLIENT, "曾受一方委托"), (TieSort.RELATION, "亲属"), (TieSort.ROLE, "此前参与过")],
)
def test_a_party_who_is_also_the_mediators_client(
    here: Mediating, visit: Visit, sort: TieSort, word: str
) -> None:
    Tie.objects.create(mediator=here.mediators["second"], sort=sort, name="孙房东")
    matter = here.choosing()
    answer = visit("resident").post(
        f"/mediation/{number_of(matter)}/choose", {"mediator": here.mediators["second"].pk}
    )
    assert answer.status_code >= 400
    assert word in answer.content.decode()
    assert "choice_requester" not in data(matter)
    assert state(matter) == "choosing"


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"claim": "0"}, "1"),
        ({"claim": "-5"}, "1"),
        ({"claim": "五千"}, "五千"),
        ({"what": ""}, "因为什么事"),
    ],
)
def test_a_sum_of_zero_and_a_request_without_words(
    here: Mediating, visit: Visit, wrong: dict[str, str], word: str
) -> None:
    answer = visit("resident").post("/mediation/ask", ASKED | wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert word in page
    assert "我保留了付款记录" in page
    assert "13800000002" in page
    assert not Matter.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"perform_by": "2020-01-01"}, "不能早于今天"),
        ({"perform_by": "2044-02-30"}, "2044-02-30"),
        ({"amount": "-1"}, "0"),
    ],
)
def test_a_day_that_has_passed_and_a_sum_below_zero(
    here: Mediating, visit: Visit, wrong: dict[str, str], word: str
) -> None:
    matter = here.mediating()
    draft = {"clauses": "孙房东退还押金四千元", "amount": "4000", "perform_by": "2044-12-30"} | wrong
    answer = visit("mediator").post(f"/mediation/{number_of(matter)}/do/draft", draft)
    page = answer.content.decode()
    assert answer.status_code >= 400
    assert word in page
    assert "孙房东退还押金四千元" in page
    assert state(matter) == "mediating"


def test_a_signature_that_is_no_file_of_a_kind_that_can_be_kept(here: Mediating, visit: Visit) -> None:
    matter = here.signing()
    sent = SimpleUploadedFile("agreement.pdf", b"just words", "application/pdf")
    answer = visit("resident").post(f"/mediation/{number_of(matter)}/do/sign-requester", {"signature": sent})
    assert answer.status_code == 422
    assert "agreement.pdf" in answer.content.decode()
    assert "signed_requester" not in data(matter)


@pytest.mark.parametrize(
    ("calculator", "inputs", "word"),
    [
        (
            "severance",
            {"start_year": "2023", "start_month": "5", "start_day": "1", "end_year": "2022", "end_month": "1",
             "end_day": "1", "wage": "6000"},
            "早于",
        ),
        ("insured-loss", {"loss": "0", "insured": "80000", "value": "60000"}, "须大于零"),
    ],
)  # fmt: skip
def test_a_date_before_the_contract_and_a_sum_of_zero_in_guidance(
    visit: Visit, calculator: str, inputs: dict[str, str], word: str
) -> None:
    page = visit().post(f"/guidance/calculators/{calculator}", inputs).content.decode()
    assert word in page
    for value in inputs.values():
        assert f'value="{value}"' in page
