"""Papers as PDF: set with the fonts in them, sealed, and read back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from mumian import papers

TEMPLATE = """
#import "paper.typ": *
#let data = json("data.json")
#show: paper.with(title: data.title, number: "7K3M-Q2XD", owner: "石溪街道人民调解委员会", foot: "共两页以内")
#part("双方")
#facts((("申请人", data.name), ("签名", image("pictures/name.svg", height: 8mm))))
#said(data.words)
"""
NAME = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="10"><path d="M0 0L40 10" stroke="black"/></svg>'


@pytest.fixture(scope="module", autouse=True)
def data(tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUMIAN_DATA", str(tmp_path_factory.mktemp("data")))
        patch.delenv("MUMIAN_SEAL", raising=False)
        yield


@pytest.fixture(scope="module")
def paper(data: None, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    template = tmp_path_factory.mktemp("template") / "agreement.typ"
    template.write_text(TEMPLATE, encoding="utf-8")
    words = '第一条 付款 3,000 元。\n\n#panic("x") *不是标记* $x$ \\u{41} @here <there>'
    return papers.typeset(
        template,
        {"title": "调解协议书", "name": "䶮喆 · O'Brien", "words": words},
        pictures={"name.svg": NAME},
    )


@pytest.fixture(scope="module")
def sealed(paper: bytes) -> bytes:
    return papers.seal(paper, reason="协议生效", owner="石溪街道人民调解委员会", place="石溪街道")


def text(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def test_what_people_wrote_stands_in_the_paper_letter_by_letter(paper: bytes) -> None:
    said = text(paper)
    for words in (
        "调解协议书",
        "䶮喆",
        "O'Brien",
        '#panic("x") *不是标记* $x$ \\u{41} @here <there>',
        "7K3M-Q2XD",
    ):
        assert words in said


def test_every_font_is_in_the_file(paper: bytes) -> None:
    fonts: list[Any] = []
    for page in PdfReader(BytesIO(paper)).pages:
        resources: Any = page["/Resources"]
        fonts += [font.get_object() for font in resources["/Font"].values()]
    assert fonts
    for font in fonts:
        [inner] = font["/DescendantFonts"]
        descriptor = inner.get_object()["/FontDescriptor"]
        assert any(name in descriptor for name in ("/FontFile", "/FontFile2", "/FontFile3"))


def test_a_sealed_paper_says_by_whom_and_when_and_that_nothing_was_changed(
    paper: bytes, sealed: bytes
) -> None:
    assert papers.signatures(paper) == []
    [seal] = papers.signatures(sealed)
    assert (seal.name, seal.intact, seal.whole, seal.ours) == ("石溪街道人民调解委员会", True, True, True)
    assert seal.at
    assert abs(seal.at - datetime.now(UTC)) < timedelta(minutes=5)
    assert text(sealed) == text(paper)


@pytest.mark.usefixtures("papers_at_hand")
def test_a_byte_changed_is_found(paper: bytes, sealed: bytes) -> None:
    changed = bytearray(sealed)
    changed[len(paper) // 2] ^= 1
    [seal] = papers.signatures(bytes(changed))
    assert not seal.intact


@pytest.mark.usefixtures("papers_at_hand")
def test_a_seal_of_somebody_else_is_not_ours(
    sealed: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUMIAN_DATA", str(tmp_path))
    twice = papers.seal(sealed, reason="核对", owner="另一座城市")
    first, second = papers.signatures(twice)
    assert (first.ours, first.intact) == (False, True)
    assert (second.ours, second.intact, second.whole) == (True, True, True)


@pytest.mark.usefixtures("papers_at_hand")
@pytest.mark.parametrize("given", [b"", b"hello", b"%PDF-1.7\nnothing more"])
def test_what_is_no_pdf_gets_a_clear_word(given: bytes) -> None:
    with pytest.raises(papers.Broken, match="PDF"):
        papers.signatures(given)


def test_a_template_that_fails_is_told_with_its_reason(tmp_path: Path) -> None:
    template = tmp_path / "broken.typ"
    template.write_text('#let data = json("data.json")\n#data.missing')
    with pytest.raises(papers.PaperError, match="missing"):
        papers.typeset(template, {})


@pytest.mark.usefixtures("papers_at_hand")
def test_who_reads_a_document_stands_on_every_page_of_it(paper: bytes, tmp_path: Path) -> None:
    file = tmp_path / "paper.pdf"
    file.write_bytes(paper)
    marked = papers.mark(file, ["林律师 · 14401201910123456", "2026-11-22 11:50"])
    pages = PdfReader(BytesIO(marked)).pages
    assert papers.pages([file]) == [len(pages)]
    for page in pages:
        assert "14401201910123456" in page.extract_text()
    assert marked.count(b"%%EOF") == 1  # nothing of it is there without
    assert "调解协议书" in text(marked)


def test_what_is_no_pdf_is_neither_counted_nor_marked(tmp_path: Path) -> None:
    file = tmp_path / "broken.pdf"
    file.write_bytes(b"%PDF-1.7 and no more")
    assert papers.pages([file, tmp_path / "none.pdf"]) == [None, None]
    with pytest.raises(papers.Broken):
        papers.mark(file, ["林律师"])
