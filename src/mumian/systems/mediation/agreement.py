"""The agreement as a paper: set from its clauses, signed by all, sealed when it takes effect; one may sign the PDF itself.

What it holds follows people's mediation law, article 29. The same draft gives the same bytes, so that a PDF signed
elsewhere can be held against it.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from mumian import papers
from mumian.engine.compiled import Reason
from mumian.engine.files import keep, path_of
from mumian.engine.looking import Look, look
from mumian.engine.models import Attachment, StoredFile
from mumian.engine.perform import Act, perform
from mumian.engine.world import city
from mumian.people.actor import SYSTEM
from mumian.people.models import Organisation, Person
from mumian.record.models import Entry
from mumian.systems.mediation.entering import of_a_mediation
from mumian.web.addresses import Addresses

TEMPLATE = Path(__file__).parent / "papers" / "agreement.typ"
SIGNERS = ("requester", "respondent", "mediator")


@dataclass(frozen=True, slots=True)
class Signed:
    """How one has signed the draft there is now."""

    at: datetime
    person: UUID | None
    picture: str | None = None
    """The hash of a drawn or photographed signature."""
    pdf: str | None = None
    """The hash of the draft, signed as a PDF with one's own certificate."""


# --- the page ---------------------------------------------------------------------------------------


@never_cache
@require_GET
@of_a_mediation
def agreement(request: HttpRequest, seen: Look) -> HttpResponse:
    """The sealed agreement, or the draft as it is to be signed."""
    data = seen.matter.data
    if "clauses" not in seen.data:
        raise Http404
    if sealed := data.get("paper"):
        return redirect(Addresses(seen.matter.number).file(sealed[0]))
    name = f"{seen.matter.number}-{data['draft_number']}.pdf"
    return HttpResponse(
        draft(seen), "application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )


# --- making it --------------------------------------------------------------------------------------


def draft(seen: Look) -> bytes:
    """The draft as a PDF, to be read or signed."""
    return papers.typeset(TEMPLATE, _said(seen, {}))


def make_final(matter: UUID) -> None:
    """Makes the paper of an agreement that has taken effect, sealed, and keeps it with the matter; once."""
    seen = look(SYSTEM, matter)
    if seen is None or seen.matter.state != "agreed" or "paper" in seen.matter.data:
        return
    signed = signatures(seen)
    pictures = {
        f"{each.picture}.jpg": path_of(each.picture).read_bytes() for each in signed.values() if each.picture
    }
    data = _said(seen, signed)
    pdf = papers.typeset(TEMPLATE, data, pictures=pictures)
    sealed = papers.seal(pdf, reason="调解协议生效", owner=data["owner"], place=data["place"])
    kept = keep(BytesIO(sealed), f"{data['title']}-{seen.matter.number}.pdf")
    perform([Act("keep-paper", SYSTEM, {"paper": [kept.sha256]}, matter, key="paper")])


def signatures(seen: Look) -> dict[str, Signed]:
    """Who has signed the draft there is now, and how."""
    number, matter = seen.matter.data.get("draft_number"), seen.matter.id
    actions = [f"sign-{signer}" for signer in SIGNERS]
    files: dict[int, list[str]] = {}
    for seq, sha256 in Attachment.objects.filter(matter_id=matter, field="signature").values_list(
        "seq", "sha256"
    ):
        files.setdefault(seq, []).append(sha256)
    kinds = dict(
        StoredFile.objects.filter(pk__in=[each for sent in files.values() for each in sent]).values_list(
            "sha256", "type"
        )
    )
    found = {}
    for entry in Entry.objects.filter(subject=matter, action__in=actions).order_by("seq"):
        signer = entry.action.removeprefix("sign-")
        if entry.body.get("data", {}).get(f"signed_{signer}") != number:
            continue
        sent = files.get(entry.seq, [])
        found[signer] = Signed(
            entry.at,
            entry.person,
            next((each for each in sent if kinds.get(each, "").startswith("image/")), None),
            next((each for each in sent if kinds.get(each) == "application/pdf"), None),
        )
    return found


def _said(seen: Look, signed: dict[str, Signed]) -> dict[str, Any]:
    """What stands in the paper."""
    matter, parties = seen.matter, seen.compiled.definition.parties
    data = matter.data
    names = {"requester": data.get("requester_name", ""), "respondent": data.get("respondent_name", "")}
    if data.get("mediator"):
        person = Person.objects.filter(pk=UUID(data["mediator"])).first()
        names["mediator"] = person.name if person else ""
    drafted = timezone.localtime(_drafted(matter.id) or matter.entered_at)
    people = [
        [parties[side].title["zh"], _with_agent(names[side], data.get(f"agent_{side}"))]
        for side in ("requester", "respondent")
    ]
    owner, filed = _owner(data.get("body")), data.get("stage", "before") != "before"
    return {
        "title": "调解协议书",
        "number": f"编号 {matter.number} · 第 {data['draft_number']} 稿",
        "owner": owner,
        "place": city().installation.name,
        "date": [drafted.year, drafted.month, drafted.day],
        "foot": f"{matter.number} · 各方签署后生效",
        "parties": [*people, [parties["mediator"].title["zh"], names.get("mediator", "")]],
        "facts": data.get("agreed_facts") or data.get("what", ""),
        "clauses": [
            _NUMBERED.sub("", line.strip()) for line in str(data["clauses"]).splitlines() if line.strip()
        ],
        "performance": [
            ["应付金额", _yuan(data.get("amount"))],
            ["履行期限", _day(data.get("perform_by"))],
        ],
        "force": [FORCE, AFTER_FILING if filed else BEFORE_FILING],
        "signatures": [
            _signature(parties[each].title["zh"], names.get(each, ""), signed.get(each)) for each in SIGNERS
        ],
    }


FORCE = (
    "本协议自各方当事人签名、调解员签名之日起生效，对各方具有法律约束力，各方应当按照约定履行"
    "（人民调解法第二十九条、第三十一条）。"
)
BEFORE_FILING = (
    "各方认为有必要的，可以自协议生效之日起三十日内共同向有管辖权的人民法院申请司法确认"
    "（人民调解法第三十三条、民事诉讼法第二百零五条）。"
)
AFTER_FILING = "本案已经立案：协议交由审理法院审查，由其制作调解书、记入笔录，或者由原告申请撤诉后依法裁定。"
_NUMBERED = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}|第[一二三四五六七八九十\d]+条|\d{1,2})[、.．:： ]\s*"
)
"""A number that somebody wrote before a clause: the paper numbers them itself."""


def _signature(role: str, name: str, signed: Signed | None) -> dict[str, Any]:
    if signed is None:
        return {"role": role, "name": name, "picture": None, "sign": "", "said": "未签"}
    how = "手写签名" if signed.picture else "证书签名" if signed.pdf else "实名账户签署"
    at = timezone.localtime(signed.at)
    return {
        "role": role,
        "name": name,
        "picture": f"{signed.picture}.jpg" if signed.picture else None,
        "sign": "" if signed.picture else name,
        "said": f"{how}，{at:%Y-%m-%d %H:%M}",
    }


def _with_agent(name: str, agent: str | None) -> str:
    return f"{name}（代理人：{agent}）" if agent else name


def _yuan(amount: str | None) -> str:
    return f"人民币 {Decimal(amount):,.2f} 元" if amount and Decimal(amount) else "无"


def _day(day: str | None) -> str:
    if not day:
        return ""
    at = date.fromisoformat(day)
    return f"{at.year}年{at.month}月{at.day}日"


def _owner(body: int | None) -> str:
    unit = Organisation.objects.filter(pk=body).first() if body else None
    return unit.name if unit else city().installation.name


def _drafted(matter: UUID) -> datetime | None:
    return (
        Entry.objects.filter(subject=matter, action="draft")
        .order_by("-seq")
        .values_list("at", flat=True)
        .first()
    )


# --- signing the PDF itself -------------------------------------------------------------------------


def unfit_signature(seen: Look, files: list[str]) -> Reason | None:
    """Why what was sent as a signature is none: there is nothing, or a PDF that is not this draft or not signed."""
    if not files:
        zh = "还没有签名：请手写、上传签名照片，或者上传签好的协议 PDF"
        en = "The signature is missing: draw it, send a photograph of it, or the agreement's PDF signed"
        return Reason("not-signed", zh, en, "signature")
    kinds = dict(StoredFile.objects.filter(pk__in=files).values_list("sha256", "type"))
    for sha256 in files:
        if kinds.get(sha256) != "application/pdf":
            continue
        pdf = path_of(sha256).read_bytes()
        try:
            found = papers.signatures(pdf)
        except papers.Broken:
            return Reason(
                "no-pdf", "这不是可以读取的 PDF 文件", "This is not a PDF that can be read", "signature"
            )
        if not pdf.startswith(draft(seen)):
            zh = "这份 PDF 不是当前这一稿协议；请下载这一稿再签"
            en = "This PDF is not the draft there is now; download it and sign that"
            return Reason("other-draft", zh, en, "signature")
        if not found or not all(each.intact and each.whole for each in found):
            words = "这份 PDF 上没有有效的电子签名", "There is no valid electronic signature on this PDF"
            return Reason("unsigned", *words, "signature")
    return None
