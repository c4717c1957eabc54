"""What is answered, in XML or JSON: one tree of values for both, lists row by row, errors as the standard has them."""

import logging
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from functools import wraps
from itertools import islice
from typing import Any

import django.db
import orjson
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
    UnreadablePostError,
)
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request, override
from django.utils.translation import gettext as _

from mumian.api.problems import Problem
from mumian.errors import MumianError
from mumian.web import words

log = logging.getLogger(__name__)

AT_ONCE = 100
"""Rows of a list written at a time."""


class Format(StrEnum):
    """In which an answer is written: the suffix of the address."""

    XML = "xml"
    JSON = "json"

    @property
    def media_type(self) -> str:
        return "text/xml" if self is Format.XML else "application/json"


class Fault(Exception):
    """Ends a request with a status and one description or several. 404: no such thing; 403: the key; else 400."""

    def __init__(self, status: int, *descriptions: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, *descriptions)
        self.status, self.descriptions, self.headers = status, descriptions, dict(headers or {})


View = Callable[..., HttpResponseBase]
"""Takes the request, the format, and what its address names."""


def door(view: View, *methods: str) -> Callable[..., HttpResponseBase]:
    """A view of this door: in the language asked for, its errors in the format asked for, readable from any page."""

    @wraps(view)
    def answered(request: HttpRequest, suffix: str, **named: Any) -> HttpResponseBase:
        with override(get_language_from_request(request)):
            written = Format(suffix)
            try:
                if request.method not in {*methods, "HEAD"}:
                    allowed = ", ".join(methods)
                    raise Fault(
                        405, _("Use %(methods)s here.") % {"methods": allowed}, headers={"Allow": allowed}
                    )
                answer = view(request, written, **named)
            except Exception as error:
                answer = faulty(_fault(request, error), written)
        answer["Access-Control-Allow-Origin"] = "*"  # nothing here depends on a session
        patch_vary_headers(answer, ["Accept-Language"])
        return answer

    return answered


def whole(root: str, content: Any, written: Format, status: int = 200) -> HttpResponse:
    """An answer at once. `root` is the element around it in XML; JSON has none."""
    body = _json(content) if written is Format.JSON else (_DECLARATION + _xml(root, content)).encode()
    return HttpResponse(body, status=status, content_type=f"{written.media_type}; charset=utf-8")


def listed(root: str, rows: Iterable[Any], written: Format) -> StreamingHttpResponse:
    """A list, written while it is sent: whoever asks for the longest costs no more memory than any other."""
    parts = _json_list(rows) if written is Format.JSON else _xml_list(root, rows)
    joined = iter(lambda: b"".join(islice(parts, AT_ONCE)), b"")
    return StreamingHttpResponse(joined, content_type=f"{written.media_type}; charset=utf-8")


def faulty(fault: Fault, written: Format) -> HttpResponse:
    """The answer to what did not work: an array of code and description."""
    errors = [{"code": fault.status, "description": each} for each in fault.descriptions]
    answer = whole("errors", errors, written, fault.status)
    for name, value in fault.headers.items():
        answer[name] = value
    return answer


def at(moment: datetime | None) -> str | None:
    """A time in W3C form with its zone."""
    return timezone.localtime(moment).isoformat(timespec="seconds") if moment else None


# --- XML and JSON -----------------------------------------------------------------------------------

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_ROWS = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
    "notes": "note",
}
"""What a row of a list is called in XML."""

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold (XML 1.0, production 2)."""


def _json(content: Any) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS)


def _json_list(rows: Iterable[Any]) -> Iterator[bytes]:
    yield b"["
    for number, row in enumerate(rows):
        yield b"," + _json(row) if number else _json(row)
    yield b"]"


def _xml_list(root: str, rows: Iterable[Any]) -> Iterator[bytes]:
    yield f"{_DECLARATION}<{root}>".encode()
    for row in rows:
        yield _xml(_ROWS[root], row).encode()
    yield f"</{root}>".encode()


def _xml(name: str, content: Any) -> str:
    return ElementTree.tostring(_element(name, content), encoding="unicode")


def _element(name: str, content: Any) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(content, Mapping):
        element.extend(_element(key, value) for key, value in content.items())
    elif isinstance(content, list):
        element.extend(_element(_ROWS.get(name, "item"), value) for value in content)
    elif isinstance(content, bool):
        element.text = "true" if content else "false"
    elif content is not None:
        element.text = _NOT_XML.sub("", str(content))
    return element


# --- what did not work ------------------------------------------------------------------------------


def _fault(request: HttpRequest, error: Exception) -> Fault:
    """An error as this standard tells it, in the language of the request."""
    match error:
        case Fault():
            return error
        case Problem():
            told = f"{error.reason[words.language()]}. {error.cure[words.language()]}."
            return Fault(error.status, told, headers=error.headers)
        case MumianError():
            return Fault(400, str(error))
        case RequestDataTooBig():
            return Fault(413, _("The request is too large."))
        case SuspiciousOperation() | MultiPartParserError() | UnreadablePostError() | django.db.DataError():
            return Fault(400, _("The request cannot be read."))
        case django.db.OperationalError() | django.db.InterfaceError():
            log.error("the database is away: %s", error)
            told = _("The database is away; what was not confirmed is not stored. Try again shortly.")
            return Fault(503, told, headers={"Retry-After": "5"})
        case _:
            got_request_exception.send(sender=None, request=request)
            log.error("%s %s broke", request.method, request.path, exc_info=error)
            return Fault(500, _("Something broke on our side. Try again; if it stays like this, tell us."))
