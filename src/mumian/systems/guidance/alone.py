"""The calculators by themselves: all inputs on one page, the result beneath; nothing is kept."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods

from mumian.systems.guidance import showing
from mumian.systems.guidance.asking import Misread, read
from mumian.systems.guidance.kinds import Alone, Kind, Question, Result, all_alone
from mumian.systems.guidance.parameters import figures
from mumian.systems.guidance.proving import inputs_of
from mumian.systems.guidance.reckoning import reckon
from mumian.systems.guidance.stating import field, missing, stated


@require_GET
def calculators(request: HttpRequest) -> HttpResponse:
    """All of them."""
    listed = [{"name": name, "title": one.title, "lead": one.lead} for name, one in all_alone().items()]
    return render(request, "guidance/calculators.html", {"calculators": listed})


@ensure_csrf_cookie
@require_http_methods(["GET", "HEAD", "POST"])
def calculator(request: HttpRequest, name: str) -> HttpResponse:
    """One of them, and its result."""
    if name not in all_alone():
        raise Http404
    one, sent = all_alone()[name], request.POST if request.method == "POST" else {}
    answers, wrong = _read(name, one, sent) if sent else ({}, {})
    context: dict[str, Any] = {
        "name": name,
        "calculator": one,
        "fields": [
            _field(each, question, sent, wrong.get(each, "")) for each, question in one.inputs.items()
        ],
    }
    if sent and not wrong:
        kind = _as_kind(name, one)
        today, (said, _whole) = timezone.localdate(), stated(figures(), sent)
        reckoned = reckon(kind, answers, figures().stating(said), today)
        context |= {
            "reckoned": True,
            "results": showing.results(reckoned),
            "problems": list(showing.problems(kind, reckoned)),
            "missing": missing(kind, answers, figures().stating(said), today, reckoned, sent),
            "said": [(field(name), sent[field(name)]) for name in said],
        }
    return render(request, "guidance/calculator.html", context, status=422 if wrong else 200)


def _read(name: str, one: Alone, sent: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The answers, and what is wrong with them; what need not be given may be left empty."""
    answers, wrong, needed = {}, {}, inputs_of(name)
    for each, question in one.inputs.items():
        parts = {part: sent.get(f"{each}_{part}", "") for part in ("year", "month", "day")}
        given = {"answer": sent.get(each, ""), **parts}
        if not any(value.strip() for value in given.values()):
            if needed[each]:
                wrong[each] = _("This is needed.")
            continue
        try:
            answers[each] = read(question, given)
        except Misread as error:
            wrong[each] = str(error)
    return answers, wrong


def _field(name: str, question: Question, sent: Mapping[str, str], wrong: str) -> dict[str, Any]:
    return {
        "name": name,
        "question": question,
        "value": sent.get(name, ""),
        "date": {part: sent.get(f"{name}_{part}", "") for part in ("year", "month", "day")},
        "wrong": wrong,
        "choices": [{"value": value, "title": question.title_of(value)} for value in question.values],
    }


def _as_kind(name: str, one: Alone) -> Kind:
    """The calculator as a kind with one result, so that ranges are reckoned as everywhere."""
    result = Result(calculator=name, inputs={each: each for each in one.inputs})
    return Kind.model_construct(questions=one.inputs, results=[result])
