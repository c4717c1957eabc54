"""Keeping what was learned: numbers and plain values as a skops archive, read again without scikit-learn.

Importing skops brings scikit-learn, about 100 MB; a server that only suggests shall not pay for it.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mumian.errors import MumianError

Arrays = dict[str, NDArray[Any]]

_PROTOCOL = 2
"""The skops protocol whose layout `_read` knows: a dict as a node, each array as a member in npy format."""


class ModelError(MumianError):
    """A stored model that cannot be used."""


def write(purpose: str, about: Mapping[str, Any], arrays: Arrays) -> bytes:
    """A skops archive of arrays and of `about`, which must be fit for JSON. Imports scikit-learn."""
    from skops.io import dumps

    text = json.dumps({**about, "purpose": purpose}, ensure_ascii=False)
    # A view of each: skops names members by identity, and two names may hold one array.
    content = {"about": text, **{name: np.array(values) for name, values in arrays.items()}}
    archive: bytes = dumps(content, compression=zipfile.ZIP_DEFLATED, compresslevel=1)
    return archive


def read(data: bytes, purpose: str) -> tuple[dict[str, Any], Arrays]:
    """What `write` was given. Raises `ModelError` for anything else, or for a model made for another purpose."""
    try:
        content = _read(data)
        about = json.loads(content.pop("about"))
        found = about.pop("purpose")
    except (zipfile.BadZipFile, KeyError, TypeError, AttributeError, ValueError, EOFError) as problem:
        raise _unusable(purpose, f"it is not a model as stored by this program ({problem})") from problem
    if found != purpose:
        raise _unusable(purpose, f"it was learned for {found}")
    return about, content


def _read(data: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        schema = json.loads(archive.read("schema.json"))
        if schema["protocol"] != _PROTOCOL:
            return _read_by_skops(data)
        return {
            name: json.loads(node["content"])
            if node["__loader__"] == "JsonNode"
            else np.load(io.BytesIO(archive.read(node["file"])), allow_pickle=False)
            for name, node in schema["content"].items()
        }


def _read_by_skops(data: bytes) -> dict[str, Any]:
    from skops.io import loads

    content: dict[str, Any] = loads(data, trusted=[])
    return content


def _unusable(purpose: str, reason: str) -> ModelError:
    return ModelError(f"model for {purpose}", reason=reason, cure="Learn it anew with `mumian learn`")
