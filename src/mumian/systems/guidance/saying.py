"""Answers and results in words: for pages, letters and what is carried into a request."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

from babel.dates import format_skeleton
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mumian.systems.guidance.asking import Answers, possible
from mumian.systems.guidance.calculators import Line, Unit
from mumian.systems.guidance.calculators.lines import plain
from mumian.systems.guidance.citing import articles
from mumian.systems.guidance.kinds import UNSURE, Kind, Letter, Question, Statement, all_alone
from mumian.systems.guidance.reckoning import Outcome, Reckoned
from mumian.web.words import in_words

BLANK = "＿＿＿＿＿＿"
ODT = "application/vnd.oasis.opendocument.text"


def answer_in_words(question: Question, answer: str) -> str:
    """An answer as one reads it."""
    if answer == UNSURE:
        return _("Not sure") if question.type != "text" else "—"
    if question.values:
        return in_words(question.title_of(answer))
    if question.type == "text":
        return answer
    if question.type == "date":
        return day_in_words(answer)
    low, _dots, high = answer.partition("..")
    figures = " – ".join(plain(Decimal(figure)) for figure in (low, high) if figure)
    if question.type == "money":
        return _("%(amount)s yuan") % {"amount": figures}
    return f"{figures}%" if question.type == "percent" else figures


def day_in_words(answer: str) -> str:
    """A day, a month or a year."""
    year, month, day = ([int(part) for part in answer.split("-")] + [0, 0])[:3]
    locale = "en_GB" if (get_language() or "").startswith("en") else "zh_Hans_CN"
    skeleton = "yMMMd" if day else "yMMM" if month else "y"
    return str(format_skeleton(skeleton, date(year, month or 1, day or 1), locale=locale))


def amount(value: Decimal) -> str:
    """A sum of money: 12,694 or 12,694.50."""
    whole = value == value.to_integral_value()
    return f"{value:,.0f}" if whole else f"{value:,.2f}"


def between(low: Decimal, high: Decimal) -> str:
    """A range of sums, or the one sum where both are the same."""
    return amount(low) if low == high else f"{amount(low)} – {amount(high)}"


def sized(line: Line, low: Decimal | None = None, high: Decimal | None = None) -> str:
    """The amount of a line with its unit; or a range in that unit."""
    value = between(line.amount if low is None else low, line.amount if high is None else high)
    match line.unit:
        case Unit.DAY:
            return day_in_words(line.day.isoformat())
        case Unit.VOTES:
            return value
        case Unit.AREA:
            return _("%(area)s m²") % {"area": value}
        case Unit.MONTHLY:
            return _("%(amount)s yuan a month") % {"amount": value}
        case _:
            return _("%(amount)s yuan") % {"amount": value}


def outcome_title(outcome: Outcome) -> str:
    """What a result is called: its one line, else its calculator."""
    titles = list(dict.fromkeys(in_words(line.title) for line in (*outcome.most, *outcome.least)))
    alone = all_alone().get(outcome.calculator)
    return in_words(alone.title) if alone and len(titles) > 1 else " + ".join(titles)


def law_that_may_apply(kind: Kind, answers: Answers) -> list[Statement]:
    """What the law says, as far as it may bear on the answers."""
    return [statement for statement in kind.law if possible(statement.when, answers)]


def facts(kind: Kind, answers: Answers) -> list[str]:
    """What was answered and is known, a line each; without one's own words."""
    return [
        _("%(title)s: %(value)s")
        % {"title": in_words(question.label), "value": answer_in_words(question, answers[name])}
        for name, question in kind.questions.items()
        if answers.get(name, UNSURE) != UNSURE and question.type != "text"
    ]


def own_words(answers: Answers, name: str) -> str:
    """What was said in one's own words, if anything."""
    said = answers.get(name, UNSURE)
    return "" if said == UNSURE else said


def claims(reckoned: Reckoned) -> list[str]:
    """What can be asked for, a line each."""
    said = []
    for outcome in reckoned.outcomes:
        if not outcome.reckoned or outcome.unit not in (Unit.YUAN, Unit.MONTHLY):
            continue
        low = {line.title["en"]: line.amount for line in outcome.least}
        for line in outcome.most:
            ends = sorted((low.get(line.title["en"], Decimal(0)), line.amount))
            open_yet = "" if outcome.surely else _(" (if it is so)")
            value = sized(line, *ends) + open_yet
            said.append(_("%(title)s: %(value)s") % {"title": in_words(line.title), "value": value})
    return said


def written(letter: Letter, kind: Kind, answers: Answers, reckoned: Reckoned) -> str:
    """A letter filled with what was answered; what nobody was asked stays blank."""
    cited = [each for statement in law_that_may_apply(kind, answers) for each in statement.cites]
    law = [in_words(article.words) for article in articles(cited)]
    text = in_words(letter.body).format(
        kind=in_words(kind.title),
        facts=_numbered(facts(kind, answers) or [BLANK]),
        claims=_numbered(claims(reckoned) or [BLANK]),
        law=_numbered(law),
        what=own_words(answers, "what"),
        other=own_words(answers, "other") or BLANK,
    )
    return re.sub(r"\n{3,}", "\n\n", text)


def _numbered(lines: Sequence[str]) -> str:
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))


def as_odt(text: str) -> bytes:
    """A text as an OpenDocument file that any office program opens; its first line is the title."""
    title, *rest = text.strip().split("\n")
    body = f'<text:h text:outline-level="1" text:style-name="T">{escape(title)}</text:h>'
    body += "".join(f"<text:p>{escape(line)}</text:p>" for line in rest)
    files: Mapping[str, str] = {
        "mimetype": ODT,
        "META-INF/manifest.xml": _MANIFEST,
        "content.xml": _CONTENT.format(body=body),
    }
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as bundle:
        for name, content in files.items():  # the kind of file stands first and uncompressed
            how = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            bundle.writestr(name, content, compress_type=how)
    return held.getvalue()


_MANIFEST = f"""<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">
<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{ODT}"/>
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>
</manifest:manifest>"""
_CONTENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" \
xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" \
xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" office:version="1.3">
<office:automatic-styles><style:style style:name="T" style:family="paragraph">\
<style:paragraph-properties fo:text-align="center"/>\
<style:text-properties fo:font-size="18pt" fo:font-weight="bold"/></style:style></office:automatic-styles>
<office:body><office:text>{body}</office:text></office:body></office:document-content>"""
