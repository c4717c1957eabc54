"""Tags and filters of the pages: times, spans, figures, texts, icons, clocks, states and fields."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from mumian.web import words
from mumian.web.shown import Clock, Field, Group, State

register = template.Library()

register.filter("t", words.in_words)
register.filter("span", words.span)
register.filter("number", words.number)
register.filter("share", words.share)
register.filter("money", words.money)


@register.filter
def when(value: datetime | date | None) -> SafeString | str:
    """A time in words that a machine can read too, its full date on hover."""
    return _time(value, words.moment(value)) if value else ""


@register.filter
def day(value: datetime | date | None) -> SafeString | str:
    """A date in words."""
    return _time(value, words.day(value)) if value else ""


@register.filter
def ago(value: datetime | None) -> SafeString | str:
    """How long ago, in words."""
    return _time(value, words.ago(value)) if value else ""


@register.filter
def faulty(fields: Iterable[Field]) -> list[Field]:
    """The fields whose answers were not right."""
    return [field for field in fields if field.errors]


@register.filter
def holds(group: Group, field: Field) -> bool:
    """Whether an option of the group is chosen."""
    return any(option.value in field.chosen for option in group.options)


@register.filter
def coded(text: str) -> SafeString:
    """A text whose words between backticks are code."""
    parts = enumerate(str(text).split("`"))
    return format_html_join("", "{}", ((_code(part) if at % 2 else part,) for at, part in parts))


def _code(text: str) -> SafeString:
    return format_html('<code translate="no">{}</code>', text)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing from `icons.svg`, for the eye alone: the words beside it say the same."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static("web/icons.svg"), name
    )


@register.inclusion_tag("web/part/clock.html")
def clockbar(clock: Clock) -> dict[str, Any]:
    """When a clock is due, in words, over a thin bar of how much of it is spent."""
    return {"clock": clock}


@register.inclusion_tag("web/part/state.html")
def statetag(state: State) -> dict[str, Any]:
    """The state of a matter: a word, a shape and a colour."""
    return {"state": state}


@register.simple_tag
def field(shown: Field) -> str:
    """One field of a form, by its type."""
    return render_to_string(shown.template, {"field": shown})


def _time(value: datetime | date, said: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), words.full(value), said)
