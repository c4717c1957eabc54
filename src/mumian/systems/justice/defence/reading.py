"""Reading a file: each document with who reads it and when across every page, and each time an entry of the record."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from uuid import UUID

from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont, UnidentifiedImageError

from mumian import papers
from mumian.engine.looking import Look
from mumian.engine.perform import Act, Refused, perform
from mumian.people.actor import Actor
from mumian.systems.justice.defence.counsel import counsel_of, mandate_of, readable
from mumian.systems.justice.defence.rules import READING
from mumian.systems.justice.models import Counsel
from mumian.systems.justice.packages import sending
from mumian.systems.justice.packages.checking import PDF
from mumian.systems.justice.packages.manifest import Document
from mumian.systems.justice.packages.models import Parcel
from mumian.systems.justice.packages.sending import on_behalf_of

PICTURES = ("image/jpeg", "image/png", "image/tiff")
MARKABLE = (PDF, *PICTURES, "text/plain")
"""What can carry a mark. Recordings are heard at the agency."""
FONT = Path(papers.__file__).parent / "fonts" / "NotoSansHans-Regular.otf"
LONGEST_TEXT = 4 * 1024 * 1024


def files_of(seen: Look) -> list[Parcel]:
    """The files that may be read now; none once reading is over, the mandate has ended, or the lawyer is none any more."""
    matter, actor = seen.matter, seen.actor
    if matter.procedure != READING or matter.state != "open" or counsel_of(actor) is None:
        return []
    mandate = mandate_of(actor, UUID(matter.data["mandate"]))
    return readable(mandate) if mandate else []


def read(seen: Look, digest: str, number: int) -> tuple[bytes, str] | None:
    """A document with its mark, and what it is; nothing if it may not be read. That it was read is in the record first."""
    parcel = next((each for each in files_of(seen) if each.digest == digest), None)
    counsel = counsel_of(seen.actor)
    if parcel is None or counsel is None:
        return None
    documents = sending.package_of(parcel).manifest.documents
    if not 1 <= number <= len(documents) or documents[number - 1].media not in MARKABLE:
        return None
    document = documents[number - 1]
    marked = _marked(document, lines(counsel, seen.actor))
    data = {
        "package": digest, "version": parcel.version, "document": number,
        "times": int(seen.matter.data.get("times") or 0) + 1,
    }  # fmt: skip
    [result] = perform([Act("read", on_behalf_of(seen.actor), data, seen.matter.id)])
    return None if isinstance(result, Refused) else marked


def lines(counsel: Counsel, actor: Actor) -> list[str]:
    """What stands across every page: who reads, by which licence, and when."""
    at = timezone.localtime()
    return [f"{counsel.person} · {counsel.code}", f"{at:%Y-%m-%d %H:%M:%S} 阅卷，仅供本案辩护使用"]


def _marked(document: Document, said: list[str]) -> tuple[bytes, str]:
    file = sending.where(document)
    if document.media == PDF:
        return papers.mark(file, said), PDF
    if document.media == "text/plain":
        head = "\n".join(f"［{line}］" for line in said)
        return f"{head}\n\n".encode() + file.read_bytes()[:LONGEST_TEXT], "text/plain; charset=utf-8"
    return _picture(file, said), "image/jpeg"


def _picture(file: Path, said: list[str]) -> bytes:
    try:
        with Image.open(file, formats=["JPEG", "PNG", "TIFF"]) as opened:
            picture = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise papers.Broken(
            file.name, reason=str(error), cure="请移送机关重新扫描 · Have it scanned again"
        ) from None
    width, height = picture.size
    font = ImageFont.truetype(str(FONT), max(12, width // 45))
    side = int((width**2 + height**2) ** 0.5) + 1
    sheet = Image.new("RGBA", (side, side), (110, 40, 30, 0))
    pen, step = ImageDraw.Draw(sheet), max(120, height // 5)
    for row, top in enumerate(range(0, side, step)):
        for left in range(-(row % 2) * width // 4, side, max(1, width * 2 // 3)):
            pen.multiline_text((left, top), "\n".join(said), fill=(110, 40, 30, 90), font=font)
    turned = sheet.rotate(24)
    corner = ((side - width) // 2, (side - height) // 2)
    mark = turned.crop((*corner, corner[0] + width, corner[1] + height))
    picture.paste(mark, (0, 0), mark)
    out = BytesIO()
    picture.save(out, "JPEG", quality=86)
    return out.getvalue()
