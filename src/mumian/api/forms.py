"""The JSON Schema of a form: what a definition asks for in an action, for programs that fill it in."""

from collections.abc import Callable
from typing import Any

from mumian.api.shapes import titled
from mumian.engine.compiled import Compiled
from mumian.engine.definition import FieldSpec

Schema = dict[str, Any]


def form_schema(compiled: Compiled, action: str) -> Schema:
    """The schema (JSON Schema 2020-12) of the answers to an action; titles in both languages as `x-title`."""
    form, asked = compiled.definition.form, compiled.asks[action]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "x-title": titled(compiled.definition.actions[action], action),
        "properties": {name: _field(compiled, name) for name, _ in asked},
        "required": [name for name, required in asked if required and form[name].required],
        "additionalProperties": False,
    }


def _field(compiled: Compiled, name: str) -> Schema:
    spec = compiled.definition.form[name]
    schema: Schema = {"x-type": spec.type, "x-title": titled(spec, name), **_SCHEMAS[spec.type](spec)}
    if spec.help:
        schema["x-help"] = spec.help
    if spec.type == "kind":
        schema["x-catalogue"] = spec.catalogue or compiled.definition.catalogue
    return schema


def _text(spec: FieldSpec) -> Schema:
    return {"type": "string", **({"maxLength": spec.max} if spec.max else {})}


def _integer(spec: FieldSpec) -> Schema:
    bounds = {"minimum": spec.min, "maximum": spec.max}
    return {"type": "integer", **{name: bound for name, bound in bounds.items() if bound is not None}}


def _choice(spec: FieldSpec) -> Schema:
    return {
        "type": "string",
        "oneOf": [{"const": each.value, "x-title": each.title} for each in spec.choices],
    }


def _many(items: Schema, most: int | None = None) -> Schema:
    return {"type": "array", "items": items, **({"maxItems": most} if most else {})}


def _of(schema: Schema) -> Callable[[FieldSpec], Schema]:
    return lambda spec: schema


_PLACE: Schema = {
    "type": "object",
    "properties": {
        "place": {"type": "string", "pattern": "^[0-9]{2,18}$"},
        "lon": {"type": "number", "minimum": -180, "maximum": 180},
        "lat": {"type": "number", "minimum": -90, "maximum": 90},
        "system": {"enum": ["wgs84", "gcj02", "bd09"], "default": "wgs84"},
        "address": {"type": "string", "maxLength": 300},
    },
    "anyOf": [{"required": ["place"]}, {"required": ["lon", "lat"]}, {"required": ["address"]}],
}

_SCHEMAS: dict[str, Callable[[FieldSpec], Schema]] = {
    "text": _text,
    "integer": _integer,
    "decimal": _of({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}),
    "money": _of({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,2})?$"}),
    "date": _of({"type": "string", "format": "date"}),
    "datetime": _of({"type": "string", "format": "date-time"}),
    "yesno": _of({"type": "boolean"}),
    "choice": _choice,
    "choices": lambda spec: _many(_choice(spec)),
    "place": _of(_PLACE),
    "kind": _of({"type": "string"}),
    "unit": _of({"type": "integer"}),
    "units": _of(_many({"type": "integer"})),
    "person": _of({"type": "string", "format": "uuid"}),
    "files": lambda spec: _many({"type": "string", "pattern": "^[0-9a-f]{64}$"}, spec.max or 9),
    "matter": _of({"type": "string", "format": "uuid"}),
}
