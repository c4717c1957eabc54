"""Which column of a table, or property of a GeoJSON feature, says what about a place."""

from collections.abc import Iterable, Mapping

from mumian.place.codes import Level

Columns = Mapping[str, str]
"""From what a column holds to its name in the file. It may hold the `code` and `name` of the row's own place,
the `town_code` and `town` (or the word of any other level) of a place at each level, `parent`, `name_en`,
`aliases` and `population`."""


def columns_of(header: Iterable[str]) -> Columns:
    """The columns that are known by their usual names, such as `areaCode`, `village_name` or `街道名称`."""
    found: dict[str, str] = {}
    for name in header:
        if meaning := _MEANINGS.get(_plain(name)):
            found.setdefault(meaning, name)
    return found


def _plain(name: str) -> str:
    return "".join(each for each in name.casefold() if each.isalnum())


_LEVEL_WORDS = {
    Level.PROVINCE: ("province", "省", "省份"),
    Level.CITY: ("city", "市", "城市"),
    Level.DISTRICT: ("county", "district", "area", "区", "县", "区县", "县区"),
    Level.TOWN: ("town", "street", "subdistrict", "镇", "街道", "镇街", "乡镇", "街镇"),
    Level.COMMUNITY: ("community", "village", "社区", "村", "村社区", "村居"),
    Level.GRID: ("grid", "网格"),
    Level.MICRO_GRID: ("microgrid", "微网格"),
}


def _level_columns() -> dict[str, tuple[str, ...]]:
    columns = {}
    for level, words in _LEVEL_WORDS.items():
        columns[level.word] = tuple(word + end for end in ("", "name", "名称") for word in words)
        columns[f"{level.word}_code"] = tuple(
            word + end for end in ("code", "代码", "编码") for word in words
        )
    return columns


COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("code", "adcode", "placecode", "代码", "编码", "区划代码", "行政区划代码", "地点编码"),
    "name": ("name", "placename", "名称", "区划名称", "地名"),
    "parent": ("parent", "parentcode", "上级", "上级代码"),
    "name_en": ("nameen", "englishname", "英文名", "英文名称"),
    "aliases": ("aliases", "alias", "别名", "曾用名"),
    "population": ("population", "pop", "人口", "人口数"),
    **_level_columns(),
}
"""What a file may hold, and the names by which it may call it, without spaces and signs."""

_MEANINGS = {name: meaning for meaning, names in COLUMNS.items() for name in names}
