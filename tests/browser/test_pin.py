"""A pin on the map says where it is: closer place by place, and then the spot."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.django_db


def test_a_pin_is_put_and_names_the_grid(site: Any, open_page: Any) -> None:
    page = open_page(width=360)
    page.goto(f"{site.url}/report")
    page.get_by_role("button", name="在地图上指出").click()
    sheet = page.locator("[data-map][data-ready]")
    expect(sheet).to_be_visible()
    sheet.scroll_into_view_if_needed()
    longitude = page.locator("[name=where_longitude]")
    for _ in range(6):
        if longitude.input_value():
            break
        sheet.click()
        page.wait_for_timeout(700)  # the map moves
    expect(longitude).not_to_have_value("")
    expect(page.get_by_role("radio", name="网格").first).to_be_checked()
