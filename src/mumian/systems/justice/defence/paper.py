"""An order as a paper: what the court lets be asked, of whom and until when, with a code that anyone can try."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from mumian import papers
from mumian.engine.files import keep
from mumian.engine.looking import Look, look
from mumian.engine.perform import Act, perform
from mumian.engine.world import city
from mumian.people.actor import SYSTEM
from mumian.systems.justice.defence.models import Order
from mumian.systems.justice.defence.orders import written
from mumian.systems.justice.defence.rules import ORDER, order_rules

TEMPLATE = Path(__file__).parents[1] / "papers" / "order.typ"


def address(code: str) -> str:
    """Where anyone sees whether an order is genuine and valid."""
    return f"{settings.SITE_URL}{reverse('justice:verify')}?code={code}"


def picture(code: str) -> str:
    """That address as a QR code (ISO/IEC 18004, a quarter of it may be unreadable): SVG, to stand in a page."""
    return str(_qr(code).svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=True))


def make(matter: UUID) -> None:
    """Makes the paper of an order that was issued, sealed, and keeps it with the matter; once."""
    seen, order = (
        look(SYSTEM, matter),
        Order.objects.filter(matter=matter).select_related("court", "counsel").first(),
    )
    if seen is None or order is None or seen.matter.procedure != ORDER or "paper" in seen.matter.data:
        return
    drawn = BytesIO()
    _qr(order.code).save(drawn, kind="svg", border=1)
    data = _said(seen, order)
    pdf = papers.typeset(TEMPLATE, data, pictures={"code.svg": drawn.getvalue()})
    sealed = papers.seal(pdf, reason="签发律师调查令", owner=data["owner"], place=city().installation.name)
    kept = keep(BytesIO(sealed), f"{data['title']}-{seen.matter.number}.pdf")
    perform([Act("keep-paper", SYSTEM, {"paper": [kept.sha256]}, matter, key="paper")])


def _qr(code: str) -> segno.QRCode:
    return segno.make(address(code), error="q", micro=False)


def _said(seen: Look, order: Order) -> dict[str, Any]:
    data, issued, ends = (
        seen.matter.data,
        timezone.localtime(order.issued_at),
        timezone.localtime(order.ends_at),
    )
    counsel = order.counsel
    return {
        "title": "律师调查令", "number": f"编号 {seen.matter.number}", "owner": str(order.court), "court": str(order.court),
        "date": [issued.year, issued.month, issued.day], "issued": f"{issued:%Y年%-m月%-d日}",
        "foot": f"{seen.matter.number} · 出示前后均可在 {settings.SITE_URL}{reverse('justice:verify')} 查验",
        "words": [
            f"本院就 {data['case']} 一案，准许下列律师持本令向你单位（你）收集、调取证据，"
            f"依据：{order_rules(str(data.get('province', ''))).basis['zh']}。"
        ],
        "lawyer": [
            ["姓名", str(counsel)], ["执业证号", counsel.code], ["执业机构", counsel.firm], ["委托人", data["client"]],
        ],
        "addressee": order.addressee, "what": data["what"],
        "validity": [["有效期至", f"{ends:%Y年%-m月%-d日 %H:%M}"], ["查验码", written(order.code)]],
        "how": "扫描右侧二维码，或在查验页面输入查验码，可知本令是否真实、有效，是否已使用、撤销或失效。",
        "duties": DUTIES,
    }  # fmt: skip


DUTIES = [
    "一、请先核对律师执业证并查验本令；已失效或已撤销的，不得据此提供。",
    "二、证据交持令律师，或密封后径送本院；不能提供的，请书面说明理由。",
    "三、涉及国家秘密、与本令所列内容无关的，不在调取之列。",
]
