"""The form of an action, made from its definition: shown as fields, and its answers read back for the engine."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mumian.engine.compiled import Compiled, Reason
from mumian.engine.definition import FieldSpec
from mumian.engine.files import UnfitFile, keep
from mumian.engine.matter import Matter
from mumian.engine.models import Kind, StoredFile
from mumian.engine.numbers import read_number
from mumian.engine.visible import visible
from mumian.engine.world import city
from mumian.intake.locating import Unlocated, locate
from mumian.people.actor import Actor
from mumian.people.models import Organisation, Person, Post
from mumian.place.codes import Level
from mumian.place.loading import current_atlas
from mumian.place.names import Candidate
from mumian.web import presenting, suggesting, words
from mumian.web.shown import Field, Group, KeptFile, Option, PlaceAnswer
from mumian.web.words import Text

MOST_FILES = 9
"""Files where the definition does not say how many; as in `engine.fields`."""

_signer = Signer(salt="mumian.web.forms.file")


@dataclass(slots=True)
class Sent:
    """What came back in a form."""

    data: dict[str, Any] = field(default_factory=dict)
    """Answers by field, for the engine."""
    shown: dict[str, object] = field(default_factory=dict)
    """The same as they are shown again."""
    faults: dict[str, list[str]] = field(default_factory=dict)
    """What was wrong already before the engine looked, by field."""
    candidates: list[Option] = field(default_factory=list)
    """Places that may be meant by a name that does not lead to one."""


class Form:
    """The form of one action for one who may do it, on a matter or to open one."""

    def __init__(
        self,
        compiled: Compiled,
        action: str,
        actor: Actor,
        matter: Matter | None = None,
        *,
        without: Iterable[str] = (),
    ) -> None:
        self.compiled, self.action, self.actor, self.matter = compiled, action, actor, matter
        left_out = set(without)
        self.asked = {
            name: (spec, required)
            for name, spec, required in compiled.questions[action]
            if name not in left_out
        }

    def fields(self, sent: Sent | None = None, reasons: Iterable[Reason] = ()) -> list[Field]:
        """The fields, with what was answered so far and what is wrong with it."""
        faults = {name: list(found) for name, found in sent.faults.items()} if sent else {}
        for reason in reasons:
            if reason.field in self.asked and reason.field not in (sent.faults if sent else ()):
                faults.setdefault(reason.field, []).append(self._said(reason))
        return [self._field(name, sent, faults.get(name, [])) for name in self.asked]

    def others(self, reasons: Iterable[Reason]) -> list[str]:
        """Why it was refused, as far as that belongs to no field."""
        return presenting.said(each for each in reasons if each.field not in self.asked)

    def read(self, request: HttpRequest) -> Sent:
        """The answers, with the place they mean; files are kept at once, so that none is lost if others are wrong."""
        sent = Sent()
        for name, (spec, _required) in self.asked.items():
            _READ.get(spec.type, _read_line)(self, name, spec, request, sent)
        try:
            sent.data = locate(sent.data, self.compiled.definition)
        except Unlocated as error:
            sent.candidates = found_places(error.candidates)
            sent.faults[error.reason.field or ""] = [
                _("It may be several places; choose one.")
                if sent.candidates
                else _("No place of this name is known here; choose the town it is in.")
            ]
        return sent

    # --- to be shown ---

    def _field(self, name: str, sent: Sent | None, faults: Sequence[str]) -> Field:
        spec, required = self.asked[name]
        value = sent.shown.get(name) if sent else self._known(name, spec)
        groups, choices = self._options(spec)
        suggested = self._suggested(name, spec)
        if isinstance(value, PlaceAnswer):
            suggested, groups = _places(value, sent, wrong=bool(faults))
        elif sent is None and value is None:
            value = next((option.value for option in suggested if option.sure), None)
        return Field(
            name,
            spec.type,
            presenting.titled(spec, name),
            spec.help or self._help(spec),
            required,
            value,
            faults,
            spec.min,
            spec.max or (MOST_FILES if spec.type == "files" else None),
            choices,
            groups,
            suggested,
            lookup=f"{reverse('web:places')}?field={name}" if spec.type == "place" else "",
        )

    def _known(self, name: str, spec: FieldSpec) -> object:
        """What the matter knows already, for the sorts of answer that stay true."""
        value = self.matter.data.get(name) if self.matter else None
        if value is None:
            return None
        if spec.type == "place":
            code = str(value.get("place", ""))
            return PlaceAnswer(str(value.get("address", "")), code, presenting.place(code))
        return value if spec.type == "kind" else None

    def _suggested(self, name: str, spec: FieldSpec) -> Sequence[Option]:
        """What intake suggests for the kind and the unit of the matter."""
        if self.matter is None:
            return ()
        if name == self.compiled.kind_field and not self.matter.category:
            return suggesting.kinds(self.compiled, self.matter.title)
        if name == self.compiled.unit_field:
            return suggesting.units([self.matter]).get(self.matter.id, ())
        return ()

    def _help(self, spec: FieldSpec) -> Text:
        match spec.type:
            case "place":
                return _("The name of a place, or use your position.")
            case "matter":
                return _("The number of the other matter.")
            case _:
                return ""

    def _options(self, spec: FieldSpec) -> tuple[Sequence[Group], Sequence[Option]]:
        match spec.type:
            case "choice" | "choices":
                return (), [Option(choice.value, choice.title) for choice in spec.choices]
            case "integer":
                return (), presenting.scale(spec)
            case "kind":
                return kinds_to_choose(spec.catalogue or self.compiled.definition.catalogue or "")
            case "unit" | "units":
                place = self.matter.place if self.matter else self.actor.place
                return (
                    units_that_take(spec.posts, place, self.actor) if spec.posts else units_to_choose(place)
                )
            case "person":
                return (), persons_to_choose(self.actor)
            case _:
                return (), ()

    def _said(self, reason: Reason) -> str:
        """A reason without the name of its field, beside which it stands."""
        if reason.code == "required":
            return _("This is needed.")
        title = words.in_words(presenting.titled(self.asked[reason.field or ""][0], reason.field or ""))
        text = presenting.said([reason])[0]
        return text.removeprefix(f"{title}：").removeprefix(f"{title}: ")


class FormForSeveral(Form):
    """The form of one action for several matters of one procedure: filled in once for all of them.

    Where intake is sure of each one's kind or unit, `EACH` answers for all: to each its own.
    """

    EACH = "each"

    def __init__(self, compiled: Compiled, action: str, actor: Actor, matters: Sequence[Matter]) -> None:
        super().__init__(compiled, action, actor, _alike(matters))
        self.matters = matters

    def answers(self, sent: Sent, matter: Matter) -> dict[str, Any]:
        """The answers for one of the matters."""
        own = {
            name: self._own[name][matter.id]
            for name, value in sent.data.items()
            if self._is_each(name, value)
        }
        return {**sent.data, **own}

    def _is_each(self, name: str, value: object) -> bool:
        return value == self.EACH and name in self._own

    def _suggested(self, name: str, spec: FieldSpec) -> Sequence[Option]:
        own = self._own.get(name)
        if not own:
            return ()
        count = len(set(own.values()))
        note = ngettext("%(count)d in all", "%(count)d different ones in all", count) % {"count": count}
        return [Option(self.EACH, _("For each the one suggested"), note, surely=True)]

    @cached_property
    def _own(self) -> dict[str, dict[UUID, str]]:
        """By field of kind or unit: what each matter has or is surely to have; only where that is so of all."""
        own = {}
        asked = self.asked.keys()
        if (kind := self.compiled.kind_field) in asked and kind:
            own[kind] = suggesting.sure_kinds(self.compiled, self.matters)
        if (unit := self.compiled.unit_field) in asked and unit:
            found = suggesting.units(self.matters)
            own[unit] = {
                key: options[0].value for key, options in found.items() if options and options[0].sure
            }
        return {name: values for name, values in own.items() if len(values) == len(self.matters)}


def _alike(matters: Sequence[Matter]) -> Matter:
    """One matter that knows only what is the same in all."""
    first = matters[0].follow()
    first.data = {
        name: value
        for name, value in first.data.items()
        if all(each.data.get(name) == value for each in matters)
    }
    first.place = presenting.common_place([each.place for each in matters])
    return first


# --- what can be chosen -----------------------------------------------------------------------------


def kinds_to_choose(catalogue: str) -> tuple[list[Group], list[Option]]:
    """The kinds of a catalogue under the kinds above them; those that stand alone by themselves."""
    kinds = city().kinds.get(catalogue, {})
    above = {code.rpartition(".")[0] for code in kinds}
    groups: dict[str, list[Option]] = {}
    alone: list[Option] = []
    for code in sorted(kinds):
        parent = code.rpartition(".")[0]
        if code in above:
            continue
        if parent in kinds:
            groups.setdefault(parent, []).append(Option(code, _called(kinds[code])))
        else:
            alone.append(Option(code, _called(kinds[code])))
    return [Group(presenting.kind(catalogue, parent), options) for parent, options in groups.items()], alone


def units_to_choose(place: str) -> tuple[list[Group], list[Option]]:
    """The units that serve a place, those of the smallest area first; without a place, all of them."""
    serving: dict[str, list[Organisation]] = {}
    for unit in city().units.values():
        if unit.active and (not place or place.startswith(unit.place)):
            serving.setdefault(unit.place, []).append(unit)
    areas = sorted(serving, key=lambda area: (-len(area), area))
    listed = {area: [Option(str(unit.pk), _named(unit)) for unit in serving[area]] for area in areas}
    if len(areas) == 1:
        return [], listed[areas[0]]
    return [Group(presenting.place_name(area) or _("Everywhere"), listed[area]) for area in areas], []


def units_that_take(posts: Iterable[str], place: str, actor: Actor) -> tuple[list[Group], list[Option]]:
    """The units in which somebody has one of these posts, the nearest first, by the place they serve.

    With them those of the same kinds in which nobody works here yet: what goes to them goes by hand.
    """
    units = city().units
    held = Post.objects.filter(role__in=list(posts), person__is_active=True)
    taking = {key for key in held.values_list("organisation", flat=True).distinct() if units[key].active}
    kinds = {units[key].kind for key in taking} - {""}
    alike = {key for key, unit in units.items() if unit.kind in kinds and unit.active} - taking
    staffed = set(Post.objects.filter(organisation__in=alike).values_list("organisation", flat=True))
    areas: dict[str, list[Option]] = {}
    for key in sorted((taking | alike - staffed) - {actor.organisation}, key=lambda key: units[key].code):
        note = "" if key in taking else _("not on the network")
        areas.setdefault(units[key].place, []).append(Option(str(key), _named(units[key]), note))
    nearest = sorted(areas, key=lambda area: (-len(presenting.common_place([area, place])), -len(area), area))
    if len(nearest) == 1:
        return [], areas[nearest[0]]
    return [Group(presenting.place_name(area) or _("Everywhere"), areas[area]) for area in nearest], []


def found_places(candidates: Iterable[Candidate]) -> list[Option]:
    """Places to choose from, each with the reason why it was found."""
    return [Option(each.code, presenting.place(each.code), each.reason.titles) for each in candidates]


def _places(answer: PlaceAnswer, sent: Sent | None, *, wrong: bool) -> tuple[list[Option], list[Group]]:
    """The place answered, else those that may be meant, else the towns, where what was answered is wrong."""
    if answer.code:
        return [Option(answer.code, answer.chain)], []
    if not wrong or sent is None:
        return [], []
    return sent.candidates, [] if sent.candidates else towns_to_choose()


def towns_to_choose() -> list[Group]:
    """The towns by the place they lie in: for one who knows no nearer name."""
    atlas = current_atlas()
    towns: dict[str, list[Option]] = {}
    for code in atlas.below("", Level.TOWN):
        towns.setdefault(atlas.parent(code), []).append(Option(code, presenting.place_name(code)))
    return [Group(presenting.place_name(above), options) for above, options in towns.items()]


def _called(kind: Kind) -> Text:
    return {"zh": kind.title, "en": kind.title_en or kind.title}


def _named(unit: Organisation) -> Text:
    return {"zh": unit.name, "en": unit.name_en or unit.name}


def persons_to_choose(actor: Actor) -> list[Option]:
    """Those who hold posts in the actor's own unit."""
    if actor.organisation is None:
        return []
    held = Person.objects.filter(posts__organisation=actor.organisation, is_active=True).distinct()
    return [Option(person.pk.hex, str(person)) for person in held.order_by("name")]


# --- what came back ---------------------------------------------------------------------------------


def _read_line(form: Form, name: str, spec: FieldSpec, request: HttpRequest, sent: Sent) -> None:
    text = request.POST.get(name, "")
    sent.shown[name] = text
    if text.strip():
        sent.data[name] = text


def _read_several(form: Form, name: str, spec: FieldSpec, request: HttpRequest, sent: Sent) -> None:
    chosen = [each for each in request.POST.getlist(name) if each]
    sent.shown[name] = chosen
    if chosen:
        sent.data[name] = chosen


def _read_yesno(form: Form, name: str, spec: FieldSpec, request: HttpRequest, sent: Sent) -> None:
    said = {"yes": True, "no": False}.get(request.POST.get(name, ""))
    sent.shown[name] = said
    if said is not None:
        sent.data[name] = said


def _read_datetime(form: Form, name: str, spec: FieldSpec, request: HttpRequest, sent: Sent) -> None:
    """A time without a zone is meant by the city's clock."""
    text = request.POST.get(name, "").strip()
    sent.shown[name] = text
    if not text:
        return
    try:
        at = datetime.fromisoformat(text)
        sent.data[name] = (timezone.make_aware(at) if timezone.is_naive(at) else at).isoformat()
    except (ValueError, OverflowError):
        sent.data[name] = text


def _read_place(form: Form, name: str, spec: FieldSpec, request: HttpRequest, sent: Sent) -> None:
    said, code, lon, lat = (
        request.POST.get(f"{name}{part}", "").strip() for part in ("", "_code", "_longitude", "_latitude")
    )
    chain = presenting.place(code) if code in current_atlas() else ""
    sent.shown[name] = PlaceAnswer(said, code if chain else "", chain, lon, lat)
    where = {"address": said, "place": code, "lon": lon, "lat": lat}
    if where := {part: value for part, value in where.items() if value}:
        sent.data[name] = where


def _read_matter(form: Form, name: str, spec: FieldSpec, request: HttpRequest, sent: Sent) -> None:
    """A matter is named by its number, and must be one that the actor sees."""
    text = request.POST.get(name, "").strip()
    sent.shown[name] = text
    if not text:
        return
    found = _numbered(form.actor, text)
    if found is None:
        sent.faults[name] = [_("No matter has this number, or you may not see it.")]
    elif form.matter is not None and found == form.matter.id:
        sent.faults[name] = [_("This is the number of the matter itself.")]
    else:
        sent.data[name] = found.hex


def _numbered(actor: Actor, text: str) -> UUID | None:
    number = read_number(text)
    return visible(actor).filter(number=number).values_list("pk", flat=True).first() if number else None


def _read_files(form: Form, name: str, spec: FieldSpec, request: HttpRequest, sent: Sent) -> None:
    kept = _kept_before(request.POST, name)
    fresh = request.FILES.getlist(name)
    most = spec.max or MOST_FILES
    if len(kept) + len(fresh) > most:
        sent.faults[name] = [_("At most %(most)s files can go along.") % {"most": most}]
        fresh = fresh[: max(0, most - len(kept))]
    for upload in fresh:
        try:
            kept.append(_kept(upload))
        except UnfitFile as error:
            sent.faults.setdefault(name, []).append(_about(error))
    sent.shown[name] = kept
    if kept:
        sent.data[name] = [_signer.unsign(file.token) for file in kept]


def _about(error: UnfitFile) -> str:
    parts = {"thing": error.thing, "reason": error.reason, "cure": error.cure}
    return _("%(thing)s: %(reason)s. %(cure)s.") % parts


def _kept(upload: "UploadedFile[Any]") -> KeptFile:
    stored = keep(cast(BinaryIO, upload), upload.name or "")
    return KeptFile(_signer.sign(stored.sha256), upload.name or stored.name, stored.size)


def _kept_before(post: QueryDict, name: str) -> list[KeptFile]:
    """Files that came with an earlier try; only what we signed is believed."""
    tokens: dict[str, str] = {}
    for token in post.getlist(f"{name}_kept"):
        try:
            tokens[_signer.unsign(token)] = token
        except BadSignature:
            continue
    files = StoredFile.objects.in_bulk(list(tokens)) if tokens else {}
    return [KeptFile(tokens[key], file.name, file.size) for key, file in files.items()]


_READ = {
    "choices": _read_several,
    "units": _read_several,
    "yesno": _read_yesno,
    "datetime": _read_datetime,
    "place": _read_place,
    "matter": _read_matter,
    "files": _read_files,
}


def written(form: Form, sent: Sent) -> list[tuple[Text, str]]:
    """The texts that were written into a form, by the title of their field: so that none is lost with the form."""
    return [
        (presenting.titled(spec, name), str(sent.shown[name]))
        for name, (spec, _required) in form.asked.items()
        if spec.type == "text" and sent.shown.get(name)
    ]
