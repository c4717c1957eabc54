"""Files of the demo city's cases on their way from agency to agency, with the same few papers in each."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from PIL import Image, ImageDraw, ImageFont

from mumian import papers
from mumian.engine.looking import Look
from mumian.engine.perform import Act, Done, perform
from mumian.engine.visible import visible
from mumian.people.actor import SYSTEM, Actor
from mumian.people.models import Organisation
from mumian.systems.justice.defence.reading import FONT
from mumian.systems.justice.packages import sending, uploading
from mumian.systems.justice.packages.models import Parcel
from mumian.systems.justice.packages.rules import HANDOVER
from mumian.systems.justice.packages.sending import Back

TEXT = """#set page(paper: "a4", margin: 3cm)
#set text(font: "Noto Sans Hans", lang: "zh", size: 12pt)
#let data = json("data.json")
#for title in data.pages {
  align(center, text(20pt, weight: "bold", title))
  v(1cm)
  par(first-line-indent: 2em, data.text)
  pagebreak(weak: true)
}
"""
RECEIVERS = {
    "procuratorate": "prosecutor",
    "court": "judge",
    "court-above": "upper-judge",
    "prison": "warden",
}
"""Who opens what comes to an agency."""


@dataclass(frozen=True)
class Files:
    """What these people hand on, and accept."""

    people: dict[str, Actor]

    def begin(self, who: str, stage: UUID, action: str, data: dict[str, Any], at: datetime) -> UUID:
        """Somebody does what needs a file, and puts the papers in."""
        [done] = perform([Act(action, self.people[who], data, stage, at=at)], now=at, quiet=True)
        assert isinstance(done, Done), done
        file = visible(SYSTEM).get(parent=stage, procedure=HANDOVER, data__act=action, closed_at=None).pk
        seen = self.look(who, file)
        for title, kind, media, content in (
            ("起诉意见书及证据目录", "opinion", "application/pdf", _paper()),
            ("讯问笔录（第一次）", "statement", "application/pdf", _paper()),
            ("现场照片", "inspection", "image/jpeg", _scan()),
        ):
            paper = uploading.announce(seen, title=title, kind=kind, media=media, size=len(content))
            uploading.append(paper, 0, [content])
        uploading.list_exhibit(seen, title="手机", amount="1 部", kept="市局物证室 3 号柜")
        return file

    def send(self, who: str, file: UUID, at: datetime, *, by_file: bool = False) -> Parcel:
        """It is signed and sent."""
        return sending.send(self.look(who, file), by_file=by_file, now=at)

    def open(self, parcel: Parcel, at: datetime) -> Look:
        """Whoever receives it opens it."""
        seen = self.received(parcel)
        sending.open_it(seen, now=at)
        return self.received(parcel)

    def send_back(self, parcel: Parcel, at: datetime) -> None:
        """Two of its documents are not in order."""
        backs = [Back(2, "unsigned", "最后一页没有被讯问人签名"), Back(3, "unreadable", "")]
        sending.send_back(self.received(parcel), backs, now=at)

    def through(self, who: str, stage: UUID, action: str, data: dict[str, Any], at: datetime) -> None:
        """The whole way, to the acceptance: what needed the file is done with it."""
        parcel = self.send(who, self.begin(who, stage, action, data, at), at)
        sending.accept(self.open(parcel, at), now=at)

    def received(self, parcel: Parcel) -> Look:
        code = Organisation.objects.values_list("code", flat=True).get(pk=parcel.receiver_id)
        assert parcel.received is not None
        return self.look(RECEIVERS[code], parcel.received)

    def look(self, who: str, matter: UUID) -> Look:
        seen = sending.seen_by(self.people[who], matter)
        assert seen is not None, who
        return seen


@cache
def _paper() -> bytes:
    """A document of three pages."""
    text = "本件为演示材料，所涉人员、事实均为虚构。" * 12
    with tempfile.TemporaryDirectory() as room:
        template = Path(room) / "demo.typ"
        template.write_text(TEXT, encoding="utf-8")
        return papers.typeset(template, {"pages": ["起诉意见书", "诉讼证据目录", "换押证"], "text": text})


@cache
def _scan() -> bytes:
    """A picture, as a scanner or camera gives one."""
    picture = Image.new("RGB", (1000, 700), (222, 226, 220))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((120, 160, 880, 560), outline=(90, 100, 96), width=6)
    pen.text((150, 60), "现场照片（演示）", fill=(60, 60, 60), font=ImageFont.truetype(str(FONT), 48))
    out = BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()
