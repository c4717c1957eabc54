"""A package as a file: what goes in comes out; what was changed, lost or added on the way is found and named."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mumian.systems.justice.packages import bag, checking, manifest, signing, store
from mumian.systems.justice.packages.bag import Package
from mumian.systems.justice.packages.faults import Faulty, Sort
from mumian.systems.justice.packages.manifest import Document, Manifest
from tests.systems.justice import packing
from tests.systems.justice.packing import COURT, KEYS, NOW, POLICE, package


@pytest.fixture(scope="module", autouse=True)
def data(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from django.test import override_settings

    with override_settings(DATA=tmp_path_factory.mktemp("data")):
        yield


def where(document: Document) -> Path:
    return store.path_of(document.sha256)


def written(made: Package) -> bytes:
    return b"".join(bag.written(made, where))


def taken(content: bytes) -> Package:
    return bag.taken(io.BytesIO(content), KEYS.get, now=NOW, receiver="procuratorate")


def faults(content: bytes) -> list[tuple[str, str]]:
    with pytest.raises(Faulty) as refused:
        taken(content)
    assert all(fault.reason and fault.cure for fault in refused.value.faults)
    return [(fault.sort, fault.thing) for fault in refused.value.faults]


def rebuilt(
    content: bytes, change: Callable[[dict[str, bytes]], object], method: int = zipfile.ZIP_STORED
) -> bytes:
    """The zip written anew by an ordinary program, with its files changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        files = {name: old.read(name) for name in old.namelist()}
    change(files)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as new:
        for name, text in files.items():
            new.writestr(name, text)
    return out.getvalue()


def test_what_is_sent_is_what_arrives() -> None:
    made = package()
    content = written(made)
    assert taken(content) == made
    assert written(made) == content  # and the same package is the same file
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.testzip() is None
        names = [name.partition("/")[2] for name in opened.namelist()]
    assert names[:3] == ["bagit.txt", "bag-info.txt", "manifest-sha256.txt"]
    assert names[-3:] == ["data/01/00001.txt", "data/01/00002.txt", "data/02/00003.txt"]
    assert taken(rebuilt(content, lambda files: None, zipfile.ZIP_DEFLATED)) == made  # zipped again elsewhere


def test_volumes_and_pages_are_numbered_through() -> None:
    documents = packing.manifest().documents
    assert [(each.number, each.volume, each.first, each.pages) for each in documents] == [
        (1, 1, 1, 1), (2, 1, 2, 2), (3, 2, 1, 3),
    ]  # fmt: skip


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_changed_byte_is_found_and_its_file_named(drawn: st.DataObject) -> None:
    content = written(package())
    named = ""

    def change(files: dict[str, bytes]) -> None:
        nonlocal named
        path = drawn.draw(st.sampled_from(sorted(files)))
        place = drawn.draw(st.integers(0, len(files[path]) - 1))
        text = bytearray(files[path])
        text[place] ^= drawn.draw(st.integers(1, 255))
        files[path] = bytes(text)
        named = path.partition("/")[2].removeprefix("data/")

    found = faults(rebuilt(content, change))
    assert [thing for _, thing in found] == [named]


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_byte_changed_anywhere_in_the_zip_never_lets_anything_else_in(drawn: st.DataObject) -> None:
    made = package()
    text = bytearray(written(made))
    place = drawn.draw(st.integers(0, len(text) - 1))
    text[place] ^= drawn.draw(st.integers(1, 255))
    try:
        assert taken(bytes(text)) == made  # a date of the zip itself, which nobody reads
    except Faulty as refused:
        assert str(refused).count("\n") == len(refused.faults) - 1  # noqa: PT017


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=400))
def test_what_is_no_package_is_refused_in_words(content: bytes) -> None:
    assert faults(content) == [(Sort.NO_PACKAGE, "zip")]


def test_a_missing_file_and_one_too_many_are_named() -> None:
    made = package()
    content, root = written(made), made.name
    lost = rebuilt(content, lambda files: files.pop(f"{root}/data/01/00002.txt"))
    assert faults(lost) == [(Sort.MISSING, "01/00002.txt")]
    more = rebuilt(content, lambda files: files.update({f"{root}/data/01/00009.txt": b"?"}))
    assert faults(more) == [(Sort.EXTRA, f"{root}/data/01/00009.txt")]
    untagged = rebuilt(content, lambda files: files.pop(f"{root}/manifest-sha256.txt"))
    assert faults(untagged) == [(Sort.MISSING, "manifest-sha256.txt")]


def test_a_way_out_of_the_folder_is_not_taken(tmp_path: Path) -> None:
    content, root = written(package()), package().name
    for path in ("../../evil", f"{root}/data/../../../evil", "/etc/evil", f"{root}/data/01\\..\\evil"):
        away = rebuilt(content, lambda files, path=path: files.update({path: b"!"}))  # type: ignore[misc]
        assert [sort for sort, _ in faults(away)] == [Sort.EXTRA]
    assert not list(store.folder().parent.parent.rglob("evil"))


def test_a_bomb_is_read_no_further_than_the_manifest_says() -> None:
    made = package()
    bomb = rebuilt(
        written(made), lambda files: files.update({f"{made.name}/data/01/00001.txt": bytes(60_000_000)}),
        zipfile.ZIP_DEFLATED,
    )  # fmt: skip
    assert len(bomb) < 200_000
    assert faults(bomb) == [(Sort.SIZE, "01/00001.txt")]
    tag = rebuilt(
        written(made), lambda files: files.update({f"{made.name}/signature.json": bytes(60_000_000)}),
        zipfile.ZIP_DEFLATED,
    )  # fmt: skip
    assert faults(tag) == [(Sort.ALTERED, "signature.json")]
    assert not list(store.coming().iterdir())


def test_only_the_sending_agency_signs() -> None:
    assert faults(written(package(signer=COURT)))[0][0] == Sort.STRANGER
    unknown = {key: each for key, each in KEYS.items() if each.agency != "police"}
    with pytest.raises(Faulty) as refused:
        bag.opened(io.BytesIO(written(package())), unknown.get, now=NOW)
    assert refused.value.faults[0].sort is Sort.STRANGER
    forged = package()
    forged = Package(replace(forged.manifest, case="别的案件"), forged.signature)
    assert faults(written(forged)) == [(Sort.SIGNATURE, "signature.json")]


@pytest.mark.parametrize("at", [datetime(2025, 12, 31, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)])
def test_a_key_counts_only_while_it_is_valid_and_never_ahead_of_time(at: datetime) -> None:
    assert faults(written(package(at=at))) == [(Sort.KEY_TIME, "signature.json")]


def test_a_package_for_another_agency_is_not_taken_in() -> None:
    other = package(packing.manifest(receiver="court"))
    assert faults(written(other)) == [(Sort.NOT_FOR_US, "package.json")]


@pytest.mark.parametrize(
    "changes",
    [
        {"package": "x"}, {"version": 0}, {"version": 2}, {"before": "ab"}, {"made": "2026-03-02"}, {"sender": ""},
        {"documents": ()}, {"format": "mumian-package/2"},
    ],
)  # fmt: skip
def test_a_manifest_that_does_not_hold_together_is_refused(changes: dict[str, Any]) -> None:
    wrong = packing.manifest(**changes)
    assert faults(written(Package(wrong, signing.sign(wrong, POLICE, at=NOW))))[0][0] == Sort.MANIFEST


@pytest.mark.parametrize(
    "change",
    [{"number": 2}, {"volume": 0}, {"size": -1}, {"pages": -1}, {"first": 9}, {"sha256": "../../etc"}, {"media": "a/b"},
     {"title": ""}, {"kind": "secret"}],
)  # fmt: skip
def test_a_document_is_what_its_line_may_say(change: dict[str, Any]) -> None:
    made = packing.manifest()
    text = replace(made, documents=(replace(made.documents[0], **change), *made.documents[1:])).written()
    with pytest.raises(Faulty):
        manifest.read(text)


def test_documents_are_held_against_the_manifest(tmp_path: Path) -> None:
    made = packing.manifest()
    assert checking.check(made, where) == []
    files = {each.number: tmp_path / str(each.number) for each in made.documents}
    for each in made.documents:
        files[each.number].write_bytes(where(each).read_bytes())
    first, second, third = (files[number] for number in (1, 2, 3))
    first.write_bytes(b"A" + first.read_bytes()[1:])
    second.write_bytes(second.read_bytes()[:-1])
    third.unlink()
    found = checking.check(made, lambda each: files[each.number])
    assert [(fault.sort, fault.thing) for fault in found] == [
        (Sort.ALTERED, "01/00001.txt"), (Sort.SIZE, "01/00002.txt"), (Sort.MISSING, "02/00003.txt"),
    ]  # fmt: skip


def test_a_page_that_is_missing_is_found(tmp_path: Path) -> None:
    from pypdf import PdfWriter

    writer = PdfWriter()
    for _ in range(3):
        writer.add_blank_page(width=200, height=200)
    file, broken = tmp_path / "a.pdf", tmp_path / "b.pdf"
    writer.write(file)
    broken.write_bytes(b"%PDF-1.7 and no more")
    made = packing.manifest()
    pdfs = [replace(each, media="application/pdf") for each in made.documents[:2]]
    said = Manifest(**{**{name: getattr(made, name) for name in made.__slots__}, "documents": tuple(pdfs)})
    found = list(checking.check_pages(said, lambda each: file if each.number == 1 else broken))
    assert [(fault.sort, fault.thing) for fault in found] == [
        (Sort.PAGES, "01/00001.pdf"), (Sort.UNREADABLE, "01/00002.pdf"),
    ]  # fmt: skip
    assert "3 ≠ 1" in found[0].detail
