"""The pages of guidance: find a kind, answer question by question, see what is likely and which ways are open."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mumian.engine.world import city
from mumian.systems.guidance import saying, showing
from mumian.systems.guidance.asking import Misread, at_most, next_question, path, read
from mumian.systems.guidance.citing import articles
from mumian.systems.guidance.keeping import Given, TooLong, forget, given, keep
from mumian.systems.guidance.kinds import UNSURE, Kind, common, kinds
from mumian.systems.guidance.parameters import Figures, figures
from mumian.systems.guidance.reckoning import Reckoned, reckon
from mumian.systems.guidance.stating import missing, stated
from mumian.web.opening import offer
from mumian.web.words import in_words

View = Callable[..., HttpResponse]
LONGEST_SEARCH = 100


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """All kinds in groups; or those that fit the words searched for."""
    words = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    found = [kind for kind in kinds().values() if _fits(kind, words)]
    groups = [
        {"group": group, "kinds": [kind for kind in found if kind.group == name]}
        for name, group in common().groups.items()
    ]
    context = {"groups": [group for group in groups if group["kinds"]], "words": words, "count": len(found)}
    return render(request, "guidance/home.html", context)


def _fits(kind: Kind, words: str) -> bool:
    texts = [*kind.title.values(), *kind.lead.values(), *kind.search]
    said = words.lower().split()
    # Chinese has no spaces: what is written may hold a word of the kind, as well as the other way round.
    return all(any(word in text.lower() for text in texts) for word in said) or any(
        len(each) > 1 and each.lower() in words.lower() for each in kind.search
    )


def of_kind(view: View) -> View:
    """Gives a view the kind in the address, and what the reader has answered so far."""

    @wraps(view)
    def viewing(request: HttpRequest, kind: str, **more: Any) -> HttpResponse:
        if kind not in kinds():
            raise Http404
        return view(request, kinds()[kind], given(request, kinds()[kind]), **more)

    return viewing


@never_cache
@require_GET
@of_kind
def kind(request: HttpRequest, kind: Kind, so_far: Given) -> HttpResponse:
    """What comes, and the button to begin."""
    first = next_question(kind, so_far.answers)
    context = {
        "kind": kind,
        "group": common().groups[kind.group],
        "count": at_most(kind, so_far.answers),
        "first": first,
        "begun": bool(so_far.answers),
        "law": kind.law[:3],
        "ways": [common().ways[name] for name in showing.open_to(kind, so_far.answers)],
    }
    return render(request, "guidance/kind.html", context)


@never_cache
@ensure_csrf_cookie
@require_http_methods(["GET", "HEAD", "POST"])
@of_kind
def question(request: HttpRequest, kind: Kind, so_far: Given, name: str) -> HttpResponse:
    """One question; its answer leads to the next, or to the result."""
    asked = path(kind, so_far.answers)
    if name not in kind.questions:
        raise Http404
    if name not in asked:
        return _onward(kind, so_far)
    if request.method != "POST":
        return _ask(request, kind, so_far, name)
    try:
        answer = read(kind.questions[name], request.POST)
        after = Given({**so_far.answers, name: answer}, so_far.stated)
        response = _onward(kind, after)
        keep(response, kind, after)
    except Misread as wrong:
        return _ask(request, kind, so_far, name, str(wrong), request.POST)
    except TooLong:
        return _ask(
            request, kind, so_far, name, _("That is too much to keep; please say it shorter."), request.POST
        )
    return response


def _onward(kind: Kind, so_far: Given) -> HttpResponse:
    """The next question not answered, else the result; what was answered before is not asked again."""
    waiting = next_question(kind, so_far.answers)
    if waiting is None:
        return redirect("guidance:result", kind.kind)
    return redirect("guidance:question", kind.kind, waiting)


def _ask(
    request: HttpRequest,
    kind: Kind,
    so_far: Given,
    name: str,
    wrong: str = "",
    sent: Mapping[str, str] | None = None,
) -> HttpResponse:
    question, asked = kind.questions[name], path(kind, so_far.answers)
    at = asked.index(name)
    context = {
        "kind": kind,
        "name": name,
        "question": question,
        "answer": _shown_again(question.type, so_far.answers.get(name, ""), sent),
        "unsure": so_far.answers.get(name) == UNSURE,
        "wrong": wrong,
        "number": at + 1,
        "count": at_most(kind, so_far.answers),
        "before": asked[at - 1] if at else None,
        "answered": _answered(kind, so_far),
        "choices": [{"value": value, "title": question.title_of(value)} for value in question.values],
        "is_last": at + 1 == len(kind.questions),
    }
    return render(request, "guidance/question.html", context, status=422 if wrong else 200)


def _shown_again(sort: str, answer: str, sent: Mapping[str, str] | None) -> Any:
    """The answer as the form had it: what was just sent, else what was kept."""
    if sort == "date":
        if sent is not None:
            return {part: sent.get(part, "") for part in ("year", "month", "day")}
        parts = [] if answer == UNSURE else answer.split("-")
        return dict(zip(("year", "month", "day"), [*parts, "", "", ""], strict=False))
    if sent is not None:
        return sent.get("answer", "")
    return "" if answer == UNSURE else answer.replace("..", " - ")


def _answered(kind: Kind, so_far: Given) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "title": kind.questions[name].label,
            "said": saying.answer_in_words(kind.questions[name], answer),
        }
        for name, answer in so_far.answers.items()
    ]


@never_cache
@ensure_csrf_cookie
@require_GET
@of_kind
def result(request: HttpRequest, kind: Kind, so_far: Given) -> HttpResponse:
    """What is likely, which ways are open, what to bring, letters, and the step into mediation."""
    if next_question(kind, so_far.answers) is not None:
        return _onward(kind, so_far)
    return _result(request, kind, so_far)


def _result(request: HttpRequest, kind: Kind, so_far: Given, *, refused: bool = False) -> HttpResponse:
    known, reckoned = _reckoned(kind, so_far)
    today = timezone.localdate()
    context = {
        "kind": kind,
        "group": common().groups[kind.group],
        "results": showing.results(reckoned),
        "total": saying.between(reckoned.low, reckoned.high)
        if reckoned.low is not None and reckoned.high is not None
        else "",
        **showing.whole(reckoned),
        "range": reckoned.low != reckoned.high,
        "problems": list(showing.problems(kind, reckoned)),
        "missing": missing(kind, so_far.answers, known, today, reckoned, request.POST),
        "assumed": [
            {"title": kind.questions[name].label, "said": saying.between(low, high), "name": name}
            for name, low, high in reckoned.assumed
        ],
        "unchecked": _unchecked(reckoned, known),
        "deadlines": list(showing.deadlines(kind, so_far.answers, known, today, city().world.calendar)),
        "ways": showing.ways(kind, so_far.answers, reckoned, known, today),
        "law": _law(kind, so_far),
        "letters": [{"name": name, "letter": common().letters[name]} for name in kind.letters],
        "answered": _answered(kind, so_far),
        "today": today,
        "offer": offer(
            settings.GUIDANCE_OPENS,
            {
                "kind": kind.catalogue,
                "what": _what(kind, so_far),
                "claim": str(reckoned.high.quantize(Decimal("0.01"))) if reckoned.high else "",
                "facts": "\n".join([*saying.facts(kind, so_far.answers), *saying.claims(reckoned)]),
                "where": saying.own_words(so_far.answers, "place"),
                "respondent_name": saying.own_words(so_far.answers, "other"),
            },
        ),
    }
    return render(request, "guidance/result.html", context, status=422 if refused else 200)


def _reckoned(kind: Kind, so_far: Given) -> tuple[Figures, Reckoned]:
    known = figures().stating(so_far.stated)
    return known, reckon(kind, so_far.answers, known, timezone.localdate())


def _law(kind: Kind, so_far: Given) -> list[dict[str, Any]]:
    return [
        {"says": each.says, "articles": articles(each.cites)}
        for each in saying.law_that_may_apply(kind, so_far.answers)
    ]


def _what(kind: Kind, so_far: Given) -> str:
    return "\n".join(filter(None, (in_words(kind.title), saying.own_words(so_far.answers, "what"))))


def _unchecked(reckoned: Reckoned, known: Figures) -> bool:
    """Whether figures were used that nobody of the city has checked."""
    titles = {known.titles[name].get("en") for name in known.unchecked}
    lines = [line for each in reckoned.outcomes for line in (*each.least, *each.most)]
    return any(title.get("en") in titles for line in lines for title, _said in line.inputs)


@never_cache
@require_POST
@of_kind
def state(request: HttpRequest, kind: Kind, so_far: Given) -> HttpResponse:
    """Takes figures that are not known here from the reader; those that cannot be are shown again with why."""
    if next_question(kind, so_far.answers) is not None:
        return _onward(kind, so_far)
    said, whole = stated(figures(), request.POST)
    after = Given(so_far.answers, {**so_far.stated, **said})
    response = (
        redirect("guidance:result", kind.kind) if whole else _result(request, kind, so_far, refused=True)
    )
    if whole:
        keep(response, kind, after)
    return response


@never_cache
@require_GET
@of_kind
def letter(request: HttpRequest, kind: Kind, so_far: Given, name: str, form: str) -> HttpResponse:
    """A letter filled with what was answered: to print, as plain text, or for an office program."""
    if name not in kind.letters:
        raise Http404
    if next_question(kind, so_far.answers) is not None:
        return _onward(kind, so_far)
    model = common().letters[name]
    text = saying.written(model, kind, so_far.answers, _reckoned(kind, so_far)[1])
    if form == "print":
        title, _break, body = text.strip().partition("\n")
        return render(
            request,
            "guidance/letter.html",
            {"kind": kind, "name": name, "title": title, "body": body.strip()},
        )
    made = {"txt": ("text/plain; charset=utf-8", text.encode()), "odt": (saying.ODT, saying.as_odt(text))}
    if form not in made:
        raise Http404
    response = HttpResponse(made[form][1], content_type=made[form][0])
    response["Content-Disposition"] = f'attachment; filename="{kind.kind}-{name}.{form}"'
    return response


@require_POST
@of_kind
def start_anew(request: HttpRequest, kind: Kind, so_far: Given) -> HttpResponse:
    """Forgets the answers."""
    response = redirect("guidance:kind", kind.kind)
    forget(response, kind)
    return response
