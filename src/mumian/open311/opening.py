"""A request made: from arguments to the act that opens a matter, and what its reporter is told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from mumian.api.acting import token_holder
from mumian.api.problems import status_of
from mumian.api.rates import limit_public
from mumian.engine.definition import FieldSpec
from mumian.engine.files import keep
from mumian.engine.looking import link_after
from mumian.engine.perform import Act, Refused, perform
from mumian.intake.locating import Unlocated, locate
from mumian.open311.answers import Fault
from mumian.open311.arguments import Arguments, moment
from mumian.open311.services import Service, asked_of, opening_of, service_named
from mumian.people.actor import ANYONE, Actor
from mumian.web import presenting
from mumian.web.addresses import Addresses
from mumian.web.reporting import Opening

CHANNEL = "open311"
LONGEST_DESCRIPTION = 4000
"""Characters, as the standard says."""


@dataclass
class Report:
    """What is reported, as the form of the procedure asks it, and what the reporter should know about it."""

    service: Service
    opening: Opening
    data: dict[str, Any] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)


def make_request(request: HttpRequest) -> dict[str, Any]:
    """Opens a matter and returns its number with a notice. Raises `Fault` with every reason why not."""
    arguments = Arguments.of(request)
    actor = _caller(request, arguments)
    report = _read(arguments)
    compiled, action = report.opening.compiled, report.opening.action
    try:
        report.data = locate(report.data, compiled.definition)
    except Unlocated as error:
        raise Fault(400, *presenting.said([error.reason])) from None
    _keep_files(report, [each for _name, some in request.FILES.lists() for each in some])
    [done] = perform([Act(action, actor, report.data, opens=report.opening.name, channel=CHANNEL)])
    if isinstance(done, Refused):
        raise Fault(403 if status_of(done.reasons) == 403 else 400, *presenting.said(done.reasons))
    if secret := link_after(done.matter, compiled, action):
        link = request.build_absolute_uri(Addresses(done.number, secret).home)
        report.notices.append(_("Follow it, and say whether it is settled, here: %(link)s") % {"link": link})
    return {
        "service_request_id": done.number,
        "service_notice": "\n".join(filter(None, [report.service.notice, *report.notices])),
        "account_id": None,
    }


def _caller(request: HttpRequest, arguments: Arguments) -> Actor:
    """The post whose token the key is; anyone without one, at the rate of public doors."""
    if not (key := arguments.one("api_key")):
        limit_public(request)
        return ANYONE
    token = token_holder(key)
    if token is None:
        raise Fault(403, _("The api_key is not valid, or no longer."))
    return token.post.as_actor()


def _read(arguments: Arguments) -> Report:
    """The answers to the form, before its place is located."""
    code = arguments.one("service_code")
    if not code:
        raise Fault(400, _("The service_code was not provided."))
    service = service_named(code)
    report = Report(service, opening_of(service.procedure))
    compiled = report.opening.compiled
    _answer(report, compiled.kind_field, service.kind)
    _answer(report, compiled.place_field, _where(arguments))
    _take_attributes(report, arguments)
    _answer(report, compiled.naming, _description(report, arguments))
    _take_contact(report, arguments)
    return report


def _answer(report: Report, name: str | None, value: Any) -> None:
    """Gives an answer to a field, if the form has it."""
    asked = {each for each, _required in report.opening.compiled.asks[report.opening.action]}
    if name in asked and value:
        report.data[name] = value


def _where(arguments: Arguments) -> dict[str, Any]:
    lat, lon = arguments.degrees("lat", 90), arguments.degrees("long", 180)
    if (lat is None) != (lon is None):
        raise Fault(400, _("Give both lat and long."))
    where = {
        "lon": lon,
        "lat": lat,
        "address": arguments.one("address_string"),
        "place": arguments.one("address_id"),
    }
    found = {name: value for name, value in where.items() if value not in (None, "")}
    if not found:
        raise Fault(400, _("Say where it is: by lat and long, by address_string, or by address_id."))
    return found


def _description(report: Report, arguments: Arguments) -> str:
    """What was written, else what the service is called. A picture elsewhere is not fetched; its address is kept."""
    said = arguments.one("description")
    if len(said) > LONGEST_DESCRIPTION:
        told = _("The description may have at most %(most)d characters; it has %(count)d.")
        raise Fault(400, told % {"most": LONGEST_DESCRIPTION, "count": len(said)})
    said = said or report.service.name
    url = arguments.one("media_url")
    if not url:
        return said
    if urlsplit(url).scheme not in {"http", "https"}:
        raise Fault(400, _("The media_url should begin with http:// or https://."))
    told = _(
        "The picture was not fetched; its address is kept with the description. Send it as multipart to attach it"
    )
    report.notices.append(told)
    return f"{said}\n{url}"


def _take_contact(report: Report, arguments: Arguments) -> None:
    """How to reach the reporter goes into the form's own field for it: its personal text beside the description."""
    name = " ".join(filter(None, [arguments.one("first_name"), arguments.one("last_name")]))
    said = [each for each in (name, arguments.one("phone"), arguments.one("email")) if each]
    if not said:
        return
    found = next(
        (
            key
            for key, (spec, _required) in asked_of(report.opening).items()
            if spec.personal and spec.type == "text"
        ),
        None,
    )
    if found is None:
        report.notices.append(_("Name, telephone and e-mail are not asked for here and were not kept"))
        return
    report.data[found] = ", ".join(filter(None, [report.data.get(found, ""), *said]))


def _take_attributes(report: Report, arguments: Arguments) -> None:
    """The further fields. Raises `Fault` naming all that are not asked for, or are wanting."""
    asked, given = asked_of(report.opening), arguments.attributes()
    faults = [
        _("The service %(service)s does not ask for the attribute %(code)s.")
        % {"service": report.service.code, "code": code}
        for code in given
        if code not in asked
    ] + [
        _("The attribute %(code)s is required.") % {"code": code}
        for code, (_spec, required) in asked.items()
        if required and code not in given
    ]
    if faults:
        raise Fault(400, *faults)
    report.data |= {code: _value(code, asked[code][0], values) for code, values in given.items()}


def _value(code: str, spec: FieldSpec, values: list[str]) -> Any:
    """The value of an attribute as its field takes it; whether it fits is for the engine to say."""
    match spec.type:
        case "choices" | "units":
            return values
        case "date":
            return timezone.localtime(moment(code, values[-1])).date()
        case "datetime":
            return moment(code, values[-1])
        case _:
            return values[-1]


def _keep_files(report: Report, files: "Sequence[UploadedFile[Any]]") -> None:
    """Pictures sent along go into the first field of the form that takes files."""
    if not files:
        return
    asked = [name for name, _required in report.opening.compiled.asks[report.opening.action]]
    found = next((name for name in asked if name in report.opening.compiled.file_fields), None)
    if found is None:
        raise Fault(400, _("The service %(service)s takes no files.") % {"service": report.service.code})
    report.data[found] = [keep(cast(BinaryIO, each), each.name or "").sha256 for each in files]
