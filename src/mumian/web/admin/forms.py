"""Django's forms shown with the fields of the pages, and values said as their readers say them."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.utils.translation import gettext as _

from mumian.engine.limits import Limit
from mumian.place.codes import CodeError, normalise
from mumian.place.loading import current_atlas
from mumian.web import words
from mumian.web.shown import Field, Option


class YesNo(forms.TypedChoiceField):
    """Yes or no."""

    def __init__(self, **more: Any) -> None:
        super().__init__(choices=[("yes", "yes"), ("no", "no")], coerce=lambda value: value == "yes", **more)

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no"}.get(value, value)


class PlaceField(forms.CharField):
    """A place by its code, or by a name that only one place has."""

    def clean(self, value: Any) -> str:
        text = str(super().clean(value) or "").strip()
        return place_named(text) if text else ""


_SPANS = {
    "分钟": "minutes", "小时": "hours", "日": "days", "天": "days", "月": "months", "工作分钟": "working minutes",
    "工作小时": "working hours", "工作日": "working days",
}  # fmt: skip
_IN_CHINESE = re.compile(rf"(\d+)\s*个?\s*({'|'.join(sorted(_SPANS, key=len, reverse=True))})")


class LimitField(forms.CharField):
    """A time limit in words, in either language: `5 working days`, 5 个工作日."""

    def prepare_value(self, value: Any) -> Any:
        try:
            return words.in_words(Limit.parse(value).words())
        except (TypeError, ValueError):
            return value

    def clean(self, value: Any) -> str:
        text = str(super().clean(value) or "").strip()
        if found := _IN_CHINESE.fullmatch(text):
            text = f"{found[1]} {_SPANS[found[2]]}"
        try:
            return str(Limit.parse(text)) if text else ""
        except ValueError:
            raise ValidationError(
                _("Write a number and a span, such as 4 working hours, 5 working days, 10 days or 1 month.")
            ) from None


def place_named(text: str) -> str:
    """The code of the place a text means. Raises `ValidationError` naming those it may mean."""
    atlas = current_atlas()
    try:
        code = normalise(text)
    except CodeError:
        code = ""
    if code and code in atlas:
        return code
    found = [] if code else atlas.find(text)
    if len(found) == 1 or (found and found[0].score > 0.99 and found[1].score < found[0].score):
        return found[0].code
    if found:
        listed = ", ".join(f"{atlas.chain(each.code)} ({each.code})" for each in found)
        raise ValidationError(_("It may be: %(places)s. Write the code.") % {"places": listed})
    raise ValidationError(_("There is no such place."))


def fields(form: forms.Form) -> list[Field]:
    """The fields of a form as the pages draw them."""
    return [_shown(bound) for bound in form]


def problems(form: forms.Form) -> list[str]:
    """What is wrong with the form as a whole."""
    return [str(error) for error in form.non_field_errors()]


def changed(form: forms.Form, thing: Any) -> list[str]:
    """The names of the fields whose values differ from what the thing holds."""
    return [name for name, value in form.cleaned_data.items() if getattr(thing, name, None) != value]


def file_of(request: HttpRequest) -> Any:
    """The file that was sent, or none."""
    return request.FILES.get("file")


def _shown(bound: BoundField) -> Field:
    field, value = bound.field, bound.value()
    sort, choices = "line", list[Option]()
    if isinstance(field, YesNo):
        sort, value = "yesno", {"yes": True, "no": False, True: True, False: False}.get(value)
    elif isinstance(field, forms.ChoiceField):
        sort = "choices" if isinstance(field, forms.MultipleChoiceField) else "choice"
        choices = [Option(str(key), str(title)) for key, title in _choices(field) if str(key)]
    elif isinstance(field, forms.DateField):
        sort = "date"
        value = value.isoformat() if hasattr(value, "isoformat") else value
    elif isinstance(field.widget, forms.Textarea):
        sort = "longtext"
    elif isinstance(field, forms.IntegerField):
        sort = "integer"
    return Field(
        bound.name,
        sort,
        str(bound.label),
        str(field.help_text),
        required=field.required,
        value="" if value is None and sort != "yesno" else value,
        errors=[str(error) for error in bound.errors],
        max=getattr(field, "max_length", None),
        choices=choices,
    )


def _choices(field: Any) -> Sequence[tuple[Any, Any]]:
    return list(field.choices)
