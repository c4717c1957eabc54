"""A procedure in a real browser: edited, refused by the prover, mended and published, while an old matter keeps its own."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from mumian.engine import world
from mumian.engine.models import Matter, ProcedureVersion
from tests.web import city as small

pytestmark = pytest.mark.django_db

WORDS = {
    "zh-CN": {
        "copy": "编辑副本", "prove": "检验", "publish": "发布", "fault": "没有状态", "none": "没有问题",
        "version": "第 %d 版", "runs": "都能走通",
    },
    "en-GB": {
        "copy": "Edit a copy", "prove": "Prove", "publish": "Publish", "fault": "there is no state", "none": "No fault",
        "version": "Version %d", "runs": "scenarios run",
    },
}  # fmt: skip


@pytest.mark.parametrize("locale", WORDS)
def test_a_procedure_is_edited_refused_mended_and_published(site: Any, open_page: Any, locale: str) -> None:
    said = WORDS[locale]
    before = ProcedureVersion.objects.filter(name="grid-event").latest("version").version
    old = small.reported(site.city)
    page = site.sign_in(open_page(locale=locale), "administrator")
    page.goto(f"{site.url}/admin/procedures")
    page.locator("a[href$='/admin/procedures/grid-event']").click()
    expect(page.get_by_role("img", name=re.compile("待派遣|To be assigned"))).to_be_visible()
    page.get_by_role("link", name=said["copy"]).click()

    text = page.locator("#text")
    written = text.input_value()
    text.fill(
        written.replace(
            "to: working, by: handler, tone: primary}", "to: wurking, by: handler, tone: primary}", 1
        )
    )
    page.get_by_role("button", name=said["prove"]).click()
    fault = page.locator(".faults li").first
    expect(fault).to_contain_text(said["fault"])
    expect(fault).to_contain_text("wurking")
    expect(page.get_by_role("button", name=said["publish"])).to_have_count(0)
    expect(page.locator(".gutter .faulty").first).to_be_attached()
    fault.get_by_role("link").click()
    chosen = "() => { const t = document.querySelector('#text'); return t.value.slice(t.selectionStart, t.selectionEnd); }"
    assert "wurking" in page.evaluate(chosen)

    page.goto(f"{site.url}/admin/procedures/grid-event/edit")  # nothing is lost by leaving
    expect(text).to_have_value(re.compile("wurking"))
    days = "30 days" if "within: 10 days" in written else "10 days"
    text.fill(re.sub(r"within: \d+ days", f"within: {days}", written))
    page.get_by_role("button", name=said["prove"]).click()
    expect(page.locator("main")).to_contain_text(said["none"])
    expect(page.locator("main")).to_contain_text(said["runs"])
    expect(page.locator(".diagram .changed").first).to_be_attached()
    page.get_by_role("button", name=said["publish"]).click()
    expect(page.get_by_role("status").first).to_contain_text(str(before + 1))
    expect(page.locator("main")).to_contain_text(said["version"] % (before + 1))

    world.forget()
    new = small.reported(site.city)
    versions = dict(Matter.objects.filter(pk__in=[old.matter, new.matter]).values_list("pk", "version"))
    assert versions == {old.matter: before, new.matter: before + 1}
    page.goto(f"{site.url}/matters/{old.number}")
    expect(page.locator("main")).to_contain_text(old.number)


def test_a_definition_is_edited_without_scripts_and_by_keyboard(site: Any, open_page: Any) -> None:
    page = site.sign_in(open_page(java_script_enabled=False), "administrator")
    page.goto(f"{site.url}/admin/procedures/patrol/edit")
    text = page.locator("#text")
    text.fill(text.input_value().replace("final: true", "final: maybe", 1))
    text.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".faults li").first).to_contain_text("final")
    page.get_by_role("button", name="放弃副本").click()
    expect(page.get_by_role("status").first).to_contain_text("副本已放弃")
