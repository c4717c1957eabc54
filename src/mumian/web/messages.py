"""The words of the interface in both languages: found in templates and code, kept in catalogues, compiled.

English is written in place; `locale/zh_Hans/LC_MESSAGES/django.po` holds the Chinese. After adding or
changing a text run `python -m mumian.web.messages`, which adds what is missing and drops what is no longer
used, and fill in what it names. Babel does the work, so that no gettext tools are needed.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

import mumian

CHINESE = Path(__file__).parent / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
PACKAGE = Path(mumian.__file__).parent

_HEADER = """\
# The interface in Chinese. Kept in step by python -m mumian.web.messages
msgid ""
msgstr ""
"Language: zh_Hans\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
_KEYWORDS = {word: shape for name, shape in DEFAULT_KEYWORDS.items() for word in (name, f"{name}_lazy")}


def compile_catalogues() -> bool:
    """Writes the binary catalogue Django reads, if the text one is newer; says whether it did."""
    binary = CHINESE.with_suffix(".mo")
    if binary.is_file() and binary.stat().st_mtime >= CHINESE.stat().st_mtime:
        return False
    unfinished = binary.with_suffix(".mo.new")
    with unfinished.open("wb") as file:
        write_mo(file, catalogue())
    unfinished.replace(binary)
    return True


def catalogue() -> Catalog:
    """The Chinese catalogue as it is kept."""
    with CHINESE.open("rb") as file:
        return read_po(file, locale="zh_Hans", domain="django")


def texts() -> Catalog:
    """Every translatable text of the program, with the places where it stands."""
    found = Catalog(domain="django")
    for file in sorted(PACKAGE.rglob("*.py")):
        _collect(found, file, file.read_text("utf-8"))
    for file in sorted(PACKAGE.rglob("templates/**/*.html")):
        _collect(found, file, _as_python(file.read_text("utf-8")))
    return found


def untranslated() -> Iterator[str]:
    """Every text without its Chinese, as `file:line: text`."""
    kept = catalogue()
    for message in texts():
        if not message.id:
            continue
        ours = kept.get(message.id, message.context)
        if ours is None or not (all(ours.string) if isinstance(ours.string, tuple) else ours.string):
            file, line = message.locations[0]
            yield f"{file}:{line}: {message.id}"


def update() -> None:
    """Brings the kept catalogue in step with the program's texts."""
    kept = catalogue()
    kept.update(texts(), no_fuzzy_matching=True)
    write(kept)


def write(kept: Catalog) -> None:
    """Stores the Chinese catalogue so that only changed texts change in it."""
    body = io.BytesIO()
    write_po(
        body, kept, width=110, sort_output=True, no_location=True, omit_header=True, ignore_obsolete=True
    )
    CHINESE.write_bytes(_HEADER.encode() + body.getvalue())


def _collect(found: Catalog, file: Path, source: str) -> None:
    place = str(file.relative_to(PACKAGE))
    calls = extract_python(io.BytesIO(source.encode()), _KEYWORDS, [], {"encoding": "utf-8"})
    for line, name, text, _comments in calls:
        if "pgettext" in name:  # context first, then the text and perhaps its plural
            context, *parts = text
        else:
            context, parts = None, [text] if isinstance(text, str) else [part for part in text if part]
        if parts and parts[0]:
            identity = parts[0] if len(parts) == 1 else tuple(parts[:2])
            found.add(identity, None, [(place, line)], context=context)


def _as_python(template: str) -> str:
    """Only the calls for translation, without the indentation that would not be Python's."""
    return "\n".join(line.lstrip() for line in templatize(template).splitlines())


if __name__ == "__main__":
    update()
    sys.exit("\n".join(untranslated()) or None)
