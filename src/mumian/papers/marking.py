"""Counting the pages of a PDF, and laying a mark over every page of one, with pyHanko."""

from io import BytesIO
from pathlib import Path

from pyhanko.pdf_utils.generic import DictionaryObject, NameObject, StreamObject
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from mumian.papers.reading import Unreadable

FAULTS = (PdfError, ValueError, KeyError, IndexError, TypeError, OSError, RecursionError, NotImplementedError)
"""What the reader raises over a file that is none or is broken."""


def pages(file: Path) -> int | None:
    """How many pages there are; nothing if it cannot be read or is locked."""
    try:
        with file.open("rb") as opened:
            reader = PdfFileReader(opened)
            return None if reader.encrypted else int(reader.root["/Pages"]["/Count"])
    except FAULTS:
        return None


def marked(file: Path, sheet: bytes) -> bytes:
    """The PDF written anew, the one page of `sheet` drawn over each of its pages in that page's size."""
    try:
        with file.open("rb") as opened:
            reader = PdfFileReader(opened)
            if reader.encrypted:
                raise Unreadable
            return _over(reader, PdfFileReader(BytesIO(sheet)))
    except FAULTS as error:
        raise Unreadable from error


def _over(reader: PdfFileReader, sheet: PdfFileReader) -> bytes:
    fresh = copy_into_new_writer(reader)
    mark = fresh.import_page_as_xobject(sheet)
    _, _, width, height = (float(each) for each in mark.get_object()["/BBox"])
    for number in range(int(fresh.root["/Pages"]["/Count"])):
        page = fresh.find_page_for_modification(number)[0].get_object()
        if "/Contents" not in page:
            page[NameObject("/Contents")] = fresh.add_object(StreamObject(stream_data=b""))
        left, bottom, right, top = _box(page)
        scale = max((right - left) / width, (top - bottom) / height)
        draw = f"Q q {scale:.5f} 0 0 {scale:.5f} {left:.2f} {bottom:.2f} cm /MumianMark Do Q".encode()
        before, after = (fresh.add_object(StreamObject(stream_data=each)) for each in (b"q", draw))
        resources = DictionaryObject(
            {NameObject("/XObject"): DictionaryObject({NameObject("/MumianMark"): mark})}
        )
        fresh.add_stream_to_page(number, before, prepend=True)
        fresh.add_stream_to_page(number, after, resources=resources)
    out = BytesIO()
    fresh.write(out)
    return out.getvalue()


def _box(page: DictionaryObject) -> tuple[float, float, float, float]:
    """What of the page is seen; a page may have it from those above it."""
    above: DictionaryObject | None = page
    while above is not None:
        for name in ("/CropBox", "/MediaBox"):
            if name in above:
                left, bottom, right, top = (float(each) for each in above[name])
                return min(left, right), min(bottom, top), max(left, right), max(bottom, top)
        above = above.get("/Parent")
    return 0, 0, 595, 842
