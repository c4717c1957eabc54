"""Services: what anyone may report, a kind of the catalogue each, and what else the form of its procedure asks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from mumian.engine.compiled import Compiled
from mumian.engine.definition import FieldSpec, Procedure
from mumian.engine.limits import Limit
from mumian.engine.models import Kind
from mumian.engine.world import city
from mumian.open311.answers import Fault
from mumian.people.actor import ANYONE
from mumian.web import presenting, words
from mumian.web.reporting import Opening, openings

ONE_LINE = 120
"""A text of at most so many characters is asked for in one line."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service. Its code is the procedure's name and, after a point, that of the kind: `grid-event.03.04`."""

    compiled: Compiled
    kind: str = ""

    @property
    def procedure(self) -> str:
        return self.compiled.definition.procedure

    @property
    def code(self) -> str:
        return f"{self.procedure}.{self.kind}" if self.kind else self.procedure

    @property
    def name(self) -> str:
        """The kind's title; that of the procedure while it has none."""
        found = _kinds(self.compiled).get(self.kind)
        return str(found) if found else self.kind or words.in_words(self.compiled.definition.title)

    @property
    def group(self) -> str:
        """The title of the major kind."""
        major = _kinds(self.compiled).get(self.kind.partition(".")[0])
        return str(major) if major else words.in_words(self.compiled.definition.title)

    @property
    def keywords(self) -> list[str]:
        found = _kinds(self.compiled).get(self.kind)
        said: Mapping[str, list[str]] = found.keywords if found else {}
        return said.get(words.language(), [])

    @property
    def notice(self) -> str:
        """What is promised: the limits of its clocks that others may hold the city to."""
        return _("; ").join(
            _("%(clock)s: within %(limit)s")
            % {"clock": words.in_words(presenting.titled(spec, name)), "limit": words.in_words(limit.words())}
            for name, spec in self.compiled.clocks.items()
            if spec.kind != "step" and (limit := self._limit(name))
        )

    def _limit(self, clock: str) -> Limit | None:
        spec = self.compiled.clocks[clock].limit
        given = city().world.limit_of(self.compiled.catalogue, self.kind, clock) if spec.by else None
        return Limit.parse(given) if given else spec.default

    def line(self) -> dict[str, Any]:
        """As it stands in the list of services."""
        kind = words.in_words(presenting.kind(self.compiled.catalogue, self.kind)) if self.kind else self.name
        return {
            "service_code": self.code,
            "service_name": self.name,
            "description": _(". ").join(filter(None, [kind, self.notice])),
            "metadata": bool(asked_of(opening_of(self.procedure))),
            "type": "realtime",
            "keywords": ", ".join(self.keywords),
            "group": self.group,
        }


def services() -> list[Service]:
    """Every service: the deepest kinds of each procedure that anyone may begin, and the procedure without a kind."""
    return [service for opening in open_to_anyone().values() for service in _services(opening)]


def service_named(code: str) -> Service:
    """The service with this code. Raises `Fault` (404)."""
    procedure, _point, kind = code.partition(".")
    opening = open_to_anyone().get(procedure)
    if opening is None or (kind and kind not in _kinds(opening.compiled)):
        raise Fault(404, _("The service_code %(code)s was not found.") % {"code": code})
    return Service(opening.compiled, kind)


def open_to_anyone() -> dict[str, Opening]:
    """The procedures anyone may begin whose matters are listed for anybody.

    What is confidential is not told of here; nor is what is an emergency, for which GeoReport is not meant.
    """
    return {each.name: each for each in openings(ANYONE) if _offered(each.compiled.definition)}


def _offered(definition: Procedure) -> bool:
    return definition.public is not None and not definition.confidential


def opening_of(procedure: str) -> Opening:
    """How a procedure that anyone may begin is begun."""
    return open_to_anyone()[procedure]


def asked_of(opening: Opening) -> dict[str, tuple[FieldSpec, bool]]:
    """The further fields of the form, and whether they must be answered: all that has no argument of its own."""
    compiled, form = opening.compiled, opening.compiled.definition.form
    own = {compiled.naming, compiled.place_field, compiled.kind_field} | compiled.file_fields
    return {
        name: (form[name], required and form[name].required)
        for name, required in compiled.asks[opening.action]
        if name not in own | opening.kept_from_public
    }


def definition(service: Service) -> dict[str, Any]:
    """The service with its attributes."""
    asked = asked_of(opening_of(service.procedure))
    return {
        "service_code": service.code,
        "attributes": [
            _attribute(name, spec, required, order)
            for order, (name, (spec, required)) in enumerate(asked.items(), 1)
        ],
    }


def _attribute(name: str, spec: FieldSpec, required: bool, order: int) -> dict[str, Any]:
    attribute = {
        "variable": True,
        "code": name,
        "datatype": datatype(spec),
        "required": required,
        "datatype_description": words.in_words(spec.help) or None,
        "order": order,
        "description": words.in_words(presenting.titled(spec, name)),
    }
    if values := _values(spec):
        attribute["values"] = [{"key": key, "name": title} for key, title in values]
    return attribute


def datatype(spec: FieldSpec) -> str:
    """The standard's name for what a field holds."""
    match spec.type:
        case "text":
            return "string" if spec.max and spec.max <= ONE_LINE else "text"
        case "integer" | "decimal" | "money":
            return "number"
        case "date" | "datetime":
            return "datetime"
        case "choice" | "yesno" | "unit" | "kind":
            return "singlevaluelist"
        case "choices" | "units":
            return "multivaluelist"
        case _:
            return "string"


def _values(spec: FieldSpec) -> list[tuple[str, str]]:
    """What can be chosen, and how it is called."""
    match spec.type:
        case "choice" | "choices":
            return [(each.value, words.in_words(each.title)) for each in spec.choices]
        case "yesno":
            return [("true", _("Yes")), ("false", _("No"))]
        case "unit" | "units":
            return [(str(key), str(unit)) for key, unit in city().units.items() if unit.active]
        case "kind":
            return [(code, str(kind)) for code, kind in city().kinds.get(spec.catalogue or "", {}).items()]
        case _:
            return []


def _services(opening: Opening) -> Iterator[Service]:
    kinds = _kinds(opening.compiled)
    above = {code.rpartition(".")[0] for code in kinds}
    for code in sorted(kinds.keys() - above):
        yield Service(opening.compiled, code)
    yield Service(opening.compiled)


def _kinds(compiled: Compiled) -> Mapping[str, Kind]:
    """The catalogue a report may choose its kind from; empty where the procedure has none."""
    return city().kinds.get(compiled.catalogue, {}) if compiled.kind_field else {}
