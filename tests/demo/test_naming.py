"""Made-up names: all different, and built as such names are."""

from random import Random

import pytest

from mumian.demo import naming
from mumian.demo.naming import Name
from mumian.place.codes import Level


def test_there_are_names_enough_for_the_largest_district_and_none_twice():
    stems = [stem for stem, _ in naming.stems(Random(1))]
    assert len(stems) == len(set(stems)) > 1000
    assert naming.FIRST_TOWN not in stems


@pytest.mark.parametrize(
    ("kind", "place", "level", "zh", "en"),
    [
        ("police", Name("石溪街道", "Shixi Subdistrict"), Level.TOWN, "石溪派出所", "Shixi Police Station"),
        ("water", Name("红棉区", "Hongmian District"), Level.DISTRICT, "红棉区水务局", "Hongmian District Water Bureau"),
        ("community", Name("凤田村", "Fengtian Village"), Level.COMMUNITY, "凤田村民委员会", None),
        ("community", Name("石溪社区", "Shixi Community"), Level.COMMUNITY, "石溪社区居民委员会", None),
        ("government", Name("竹坪镇", "Zhuping Town"), Level.TOWN, "竹坪镇人民政府", "Zhuping Town Government"),
        ("government", Name("石溪街道", "Shixi Subdistrict"), Level.TOWN, "石溪街道办事处", None),
        ("centre", Name("石溪街道", "Shixi Subdistrict"), Level.TOWN, "石溪街道综治中心", None),
        ("harbour", Name("石溪街道", "Shixi Subdistrict"), Level.TOWN, "石溪harbour", None),
    ],
)  # fmt: skip
def test_units_are_called_as_such_units_are(kind, place, level, zh, en):
    name = naming.unit(kind, place, level)
    assert name.zh == zh
    assert en is None or name.en == en
