"""Hand-overs and defence in a real browser: a document whose sending breaks arrives whole; and pages for everyone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from mumian.engine.models import Matter
from mumian.systems.justice.defence import counsel, orders
from mumian.systems.justice.defence.rules import READING
from mumian.systems.justice.packages import arriving, bag, sending, store
from mumian.systems.justice.packages.models import Arrival, Paper
from mumian.systems.justice.packages.sending import Back
from tests.systems.justice import agencies, bar
from tests.systems.justice.agencies import Agencies
from tests.systems.justice.bar import did, mandate, verified, with_papers

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def here(_site: Any) -> Agencies:
    """The site with agencies, a legal aid centre, a detention centre and lawyers."""
    return bar.called_to(agencies.found(_site.city))


@pytest.fixture(scope="module")
def numbers(here: Agencies) -> dict[str, str]:
    """A hand-over in each state a page shows, and what a lawyer does."""
    back, lin = here.opened(), verified(here)
    assert back.received is not None
    sending.send_back(here.seen("prosecutor", back.received), [Back(2, "missing-page", "缺第 3 页")])
    with_papers(here)
    own = mandate(here, lin)
    at_court = mandate(here, lin, "court", "judge")
    order = orders.apply(
        lin, at_court, here.units["court"].pk, addressee="木棉银行", what="流水", why="不能自行收集"
    )
    made = {
        "prepared": here.prepared(), "cover": here.sent().received, "opened": here.opened().received, "back": back.sent,
        "mandate": own, "reading": did(counsel.begin(lin, own, READING, {})), "order": did(order),
    }  # fmt: skip
    return {name: Matter.objects.get(pk=key).number for name, key in made.items() if key}


def test_a_document_whose_sending_breaks_goes_on_and_arrives_whole(
    site: Any, here: Agencies, numbers: dict[str, str], page: Page, tmp_path: Path
) -> None:
    content = bytes(range(256)) * 36_000  # of three pieces
    file = tmp_path / "现场录像.mp4"
    file.write_bytes(content)
    pieces: list[str] = []

    def breaking(route: Route) -> None:
        if route.request.method == "PUT":
            pieces.append(route.request.url)
            if len(pieces) == 2:
                route.abort()
                return
        route.continue_()

    site.sign_in(page, "investigator")
    page.route("**/papers/*", breaking)
    page.goto(f"{site.url}/justice/handovers/{numbers['prepared']}")
    page.set_input_files("#file", file)
    page.get_by_role("button", name="放入").click()
    expect(page.locator("ol.papers")).to_contain_text("现场录像")
    paper = Paper.objects.get(title="现场录像")
    assert len(pieces) == 4
    assert store.path_of(paper.sha256).read_bytes() == content


def test_a_whole_package_is_brought_as_one_file_and_checked_by_the_queue(
    site: Any, here: Agencies, page: Page, tmp_path: Path, for_everyone: Any
) -> None:
    parcel = sending.send(here.seen("investigator", here.prepared()), by_file=True)
    file = tmp_path / "案卷包.zip"
    file.write_bytes(b"".join(bag.written(sending.package_of(parcel), sending.where)))
    parcel.delete()  # the receiver's own city, which knows nothing of the sender's
    site.sign_in(page, "prosecutor")
    page.goto(f"{site.url}/justice/handovers/take-in")
    page.set_input_files("#file", file)
    page.get_by_role("button", name="核对并接收").click()
    expect(page.get_by_text("正在核对每个字节")).to_be_visible()
    for_everyone(page)
    arriving.check(Arrival.objects.latest("pk").pk)
    expect(page.get_by_text("案卷包完整")).to_be_visible()  # the page has looked again by itself
    assert Matter.objects.filter(
        procedure="handover-received", title=agencies.CASE, state="delivered"
    ).exists()


@pytest.mark.parametrize(
    ("who", "path", "words"),
    [
        ("prosecutor", "/justice/handovers", ()),
        ("investigator", "/justice/handovers/new", ()),
        ("investigator", "/justice/handovers/take-in", ("zip", "mumian", "justice")),
        ("investigator", "/justice/handovers/{prepared}", ()),
        ("investigator", "/justice/handovers/{back}", ()),
        ("prosecutor", "/justice/handovers/{cover}", ()),
        ("prosecutor", "/justice/handovers/{opened}", ()),
        ("lin", "/justice/defence", ()),
        ("lin", "/justice/defence/new", ("PDF",)),
        ("lin", "/justice/defence/{mandate}", ()),
        ("lin", "/justice/defence/{mandate}/video", ()),
        ("lin", "/justice/reading/{reading}", ()),
        ("judge", "/justice/orders/{order}", ("http",)),
        ("zhou", "/justice/verify?code=2222222222222222", ()),
        ("zhou", "/justice/keys", ("JSON",)),
    ],
)
def test_pages_of_hand_overs_and_defence_are_for_everyone(
    site: Any,
    numbers: dict[str, str],
    page: Page,
    for_everyone: Any,
    who: str,
    path: str,
    words: tuple[str, ...],
) -> None:
    site.sign_in(page, who)
    page.goto(site.url + path.format(**numbers))
    for_everyone(page, words=words)
