"""Texts with values in them that wait for the reader's language, and one text in every language."""

from django.utils.functional import lazy
from django.utils.translation import override

from mumian.rows import Words


def _filled(message: object, values: dict[str, object]) -> str:
    return str(message) % values


_fill = lazy(_filled, str)


def worded(message: object, **values: object) -> object:
    """The translatable message with its values, put into the language of whoever reads it, when it is read."""
    return _fill(message, values)


def in_each_language(text: object) -> Words:
    """What the text says in Chinese and in English."""
    words = {}
    for word, language in (("zh", "zh-hans"), ("en", "en")):
        with override(language):
            words[word] = str(text)
    return words
