"""The API put together: its parts, who may ask, how errors are answered, and its description."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from mumian.api import acts, files, matters, problems, reference  # noqa: F401  (acts joins the router of matters)
from mumian.api.acting import SCHEMES, acting
from mumian.api.shapes import ProblemGiven
from mumian.api.wire import JsonParser, JsonRenderer

DESCRIPTION = """\
Matters of a city: opened, acted on, and seen through.

A caller says who it is by a token, by a session (writing needs `X-CSRFToken`), or by the secret link of one
matter; reporting is open to anyone. One who holds several posts names the one to act in by its id in `X-Post`.
Texts come in Chinese and English; `Accept-Language` chooses the language of errors. Times are in UTC. A write that
was answered is stored; one that was not may be sent again with the same `key` and is done once.
"""


class Api(NinjaAPI):
    """Ninja's API, which describes also what is common to all operations: problems and ways to say who one is."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        schema["components"]["securitySchemes"] = SCHEMES
        schema["components"]["schemas"] |= {"ProblemGiven": _PROBLEM, "ReasonGiven": _REASON}
        schema["security"] = [{}, *({name: []} for name in SCHEMES)]
        for operations in schema["paths"].values():
            for operation in operations.values():
                operation["responses"] |= _PROBLEMS
        return schema


_PROBLEM = ProblemGiven.model_json_schema(ref_template="#/components/schemas/{model}")
_REASON = _PROBLEM.pop("$defs")["ReasonGiven"]
_PROBLEMS = {
    status: {
        "description": description,
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemGiven"}}},
    }
    for status, description in {
        400: "It cannot be read.",
        401: "The token is not valid, or one must be known to ask this.",
        403: "The caller may not do this.",
        404: "There is no such thing, or the caller may not see it.",
        409: "The present state forbids it.",
        413: "It is too large.",
        422: "It does not fit what is asked for.",
        429: "Too many in a short time; see Retry-After.",
        503: "The database is away; see Retry-After.",
    }.items()
}

api = Api(
    title="Mumian 木棉",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    auth=acting,
    parser=JsonParser(),
    renderer=JsonRenderer(),
)
problems.answer_errors(api)
for part in (matters.router, files.router, reference.router):
    api.add_router("", part)


@csrf_exempt
def nothing_here(request: HttpRequest, rest: str) -> HttpResponse:
    """Any other address under the API."""
    return problems.missing().answer(request)


urlpatterns: list[URLPattern | URLResolver] = [
    *api.urls[0],
    path("<path:rest>", nothing_here),
]
app_name = "api"
