"""Studies in a real browser: asked, answered by a process of their own, shown by themselves; by keyboard; for everyone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from mumian.systems.response.models import Responder, Study
from mumian.systems.response.rosters import add
from mumian.systems.response.studies import asking
from tests.systems.response import emergency
from tests.systems.response.emergency import Emergency

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def here(_site: Any) -> Emergency:
    """The site with two units, of which the school is on duty from now on for some hours."""
    there = emergency.found(_site.city, {"school": 40, "mall": 190})
    own = Responder.objects.get(unit=there.units["school"])
    begins = timezone.now().replace(minute=0, second=0, microsecond=0)
    add(own, begins, begins + timedelta(hours=8), there.actor("school"))
    return there


def answer_all() -> None:
    """What the queue would do."""
    for study in Study.objects.filter(ended_at=None).order_by("pk"):
        assert asking.answer_apart(study.pk)


def test_what_was_asked_is_answered_by_another_process_and_appears_by_itself(
    site: Any, here: Emergency, page: Page
) -> None:
    site.sign_in(page, "duty")
    page.goto(f"{site.url}/response/coverage?pace=walk&minutes=1")
    expect(page.get_by_role("heading", level=1)).to_have_text("正在计算")
    answer_all()
    expect(page.locator(".huge-figure b")).to_have_text("50%")  # without anybody doing anything
    expect(page.locator("[data-study-map][data-drawn]")).to_be_visible()

    now = page.locator(".ribbon [aria-current]")
    now.focus()
    before = int(page.evaluate("[...document.querySelectorAll('.ribbon a')].indexOf(document.activeElement)"))
    key, step = ("ArrowLeft", -1) if before % 24 == 23 else ("ArrowRight", 1)
    page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.wait_for_url("**hour=" + str(before + step) + "**")

    page.get_by_role("link", name="在哪里增设最有效").click()
    page.get_by_label("数量").fill("1")
    page.get_by_role("button", name="开始选址").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("正在计算")
    answer_all()
    expect(page.get_by_text("已证明最优")).to_be_visible()
    expect(page.locator("[data-study-map][data-drawn]")).to_be_visible()

    page.get_by_role("link", name="用它推演").click()
    page.get_by_label("每周警情数").fill("300")
    page.get_by_role("button", name="开始推演").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("正在计算")
    answer_all()
    expect(page.locator("[data-bars][data-drawn] svg")).to_be_visible()
    expect(page.get_by_text("变好了，且超出随机波动")).to_be_visible()


PAGES = ["coverage?pace=walk&minutes=1", "siting", "siting/{siting}", "simulation", "simulation/{simulation}"]


@pytest.mark.parametrize("address", PAGES)
def test_studies_are_for_everyone(
    site: Any, here: Emergency, reader: Page, for_everyone: Any, address: str
) -> None:
    site.sign_in(reader, "duty")
    newest = {kind.value: Study.objects.filter(kind=kind).order_by("-pk").first() for kind in Study.Kind}
    keys = {kind: study.pk for kind, study in newest.items() if study}
    reader.goto(f"{site.url}/response/" + address.format(**keys))
    for_everyone(
        reader,
        once=True,
        words={
            "CSV", "MCLP", "LSCP", "BACOP", "MEXCLP", "median", "center", "mumian", "response", "export", "shifts",
            "import", "place", "unit_code", "begins", "ends", *here.units,
        },
    )  # fmt: skip
