"""Organisations and posts from tables."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mumian.people import importing
from mumian.people.importing import Imported
from mumian.people.models import Organisation, Person, Post, Role
from mumian.rows import TableError

pytestmark = pytest.mark.django_db

PLACES = {"4401", "440103", "440103001", "440103001001001"}


class Importer:
    """Writes a table and imports it; keeps what was rejected."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "table.csv"
        self.rejected: list[tuple[int, str]] = []
        self.reasons: list[str] = []

    def units(self, *lines: str, header: str = "code,name,kind,parent_code,place", **how) -> Imported:
        return self._run(importing.import_organisations, [header, *lines], **how)

    def posts(
        self, *lines: str, header: str = "username,name,role,organisation_code,place,begins,ends", **how
    ) -> Imported:
        return self._run(importing.import_posts, [header, *lines], **how)

    def _run(self, run, lines, encoding="utf-8"):
        self.rejected.clear()
        self.reasons.clear()
        self.file.write_bytes("\n".join(lines).encode(encoding))
        return run(self.file, place_of=lambda code: code if code in PLACES else None, reject=self._reject)

    def _reject(self, row):
        assert all(words[language] for words in (row.reason, row.cure) for language in ("zh", "en"))
        self.rejected.append((row.line, row.column))
        self.reasons.append(row.reason["en"])


@pytest.fixture
def bring(tmp_path: Path) -> Importer:
    return Importer(tmp_path)


def lineages() -> dict[str, list[str]]:
    units = {unit.pk: unit for unit in Organisation.objects.all()}
    return {unit.code: [units[key].code for key in unit.lineage] for unit in units.values()}


# --- organisations ----------------------------------------------------------------------------------


def test_units_go_in_with_the_whole_line_above_each(bring):
    done = bring.units("a,市,,,4401", "b,区,,a,440103", "c,水务所,water,b,440103001")
    assert done == Imported(added=3)
    assert lineages() == {"a": ["a"], "b": ["b", "a"], "c": ["c", "b", "a"]}
    assert Organisation.objects.get(code="c").kind == "water"


@pytest.mark.parametrize("order", list(permutations(["a,市,,,", "b,区,,a,", "c,所,,b,"])))
def test_a_unit_may_stand_before_the_one_above_it(bring, order):
    bring.units(*order)
    assert lineages()["c"] == ["c", "b", "a"]


def test_the_same_file_again_changes_nothing(bring):
    lines = ["a,市,,,4401", "b,区,,a,440103"]
    bring.units(*lines)
    before = list(Organisation.objects.values())
    assert bring.units(*lines) == Imported(unchanged=2)
    assert list(Organisation.objects.values()) == before


def test_a_unit_that_moves_takes_those_below_it_along(bring):
    bring.units("a,市,,,", "b,区,,a,", "c,所,,b,", "d,组,,c,")
    assert bring.units("c,所,,a,") == Imported(changed=1)
    assert lineages()["d"] == ["d", "c", "a"]
    assert bring.units("c,所,,,") == Imported(changed=1)
    assert lineages()["d"] == ["d", "c"]


def test_a_column_that_is_not_there_leaves_what_is_known(bring):
    bring.units("a,市,head,,4401", "b,区,,a,440103")
    assert bring.units("b,新区", header="code,name") == Imported(changed=1)
    unit = Organisation.objects.values("name", "place", "parent__code").get(code="b")
    assert unit == {"name": "新区", "place": "440103", "parent__code": "a"}


def test_units_in_a_circle_are_refused_and_the_others_go_in(bring):
    done = bring.units("a,甲,,c,", "b,乙,,a,", "c,丙,,b,", "d,丁,,,", "e,戊,,e,")
    assert done == Imported(added=1, rejected=4)
    assert sorted(bring.rejected) == [
        (2, "parent_code"),
        (3, "parent_code"),
        (4, "parent_code"),
        (6, "parent_code"),
    ]
    assert any("a › c › b › a" in reason for reason in bring.reasons)
    assert lineages() == {"d": ["d"]}


def test_a_circle_closed_by_what_is_known_is_refused(bring):
    bring.units("a,甲,,,", "b,乙,,a,", "c,丙,,b,")
    assert bring.units("a,甲,,c,") == Imported(rejected=1)
    assert lineages()["c"] == ["c", "b", "a"]


def test_a_circle_that_only_shows_once_another_is_refused_is_refused_too(bring):
    bring.units("c,丙,,,", "a,甲,,c,", "b,乙,,,")
    done = bring.units("a,甲,,b,", "b,乙,,a,", "c,丙,,a,")
    assert done.rejected == 3
    assert lineages() == {"c": ["c"], "a": ["a", "c"], "b": ["b"]}


def test_every_bad_unit_is_named_while_all_good_ones_go_in(bring):
    done = bring.units(
        "a,市,,,4401",
        ",无代码,,,",
        "b,,,,",
        "c,丙,,nowhere,",
        "d,丁,,c,",
        "e,戊,,,999",
        "a,又一个,,,",
        "f,己,,",
        'g,"庚"x,,,',
        f"h,{'长' * 201},,,",
        "i,壬,,a,",
    )
    assert done == Imported(added=2, rejected=9)
    assert sorted(bring.rejected) == [
        (3, "code"),
        (4, "name"),
        (5, "parent_code"),
        (6, "parent_code"),
        (7, "place"),
        (8, "code"),
        (9, ""),
        (10, ""),
        (11, "name"),
    ]
    assert set(lineages()) == {"a", "i"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_chinese_files_are_read_in_every_usual_form(bring, encoding, between):
    header, line = between.join(["单位代码", "单位名称", "上级代码"]), between.join(["a", "水务局", ""])
    bring.units(line, header=header, encoding=encoding)
    assert Organisation.objects.get().name == "水务局"


def test_a_quotation_mark_that_is_never_closed_loses_only_its_own_row(bring):
    done = bring.units('a,"甲,,,', *[f"u{n},名,,," for n in range(50)])
    assert done == Imported(added=50, rejected=1)


def test_a_file_without_the_columns_needed_is_refused(bring):
    with pytest.raises(TableError, match="name"):
        bring.units("a", header="code")


def test_a_file_of_no_known_encoding_is_refused(bring):
    bring.file.write_bytes(b"code,name\na,\xff\xff\xff\n")
    with pytest.raises(TableError, match="UTF-8"):
        importing.import_organisations(bring.file, place_of=str, reject=print)


@given(
    parents=st.lists(st.integers(-1, 7), min_size=8, max_size=8),
    again=st.lists(st.integers(-1, 7), min_size=8, max_size=8),
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_the_units_stay_a_tree_whose_lines_are_right(bring, parents, again):
    Organisation.objects.update(parent=None)
    Organisation.objects.all().delete()
    for asked in (parents, again):
        bring.units(*[f"u{n},名,,{'' if parent < 0 else f'u{parent}'}," for n, parent in enumerate(asked)])
        above = dict(Organisation.objects.values_list("pk", "parent"))
        for unit, lineage in Organisation.objects.values_list("pk", "lineage"):
            line: list[int] = []
            at: int | None = unit
            while at is not None:
                assert at not in line
                line.append(at)
                at = above[at]
            assert lineage == line


# --- posts ------------------------------------------------------------------------------------------


@pytest.fixture
def city(bring):
    Role.objects.create(slug="officer", title="经办人", title_en="Officer")
    Role.objects.create(slug="grid-worker", title="网格员", title_en="Grid worker")
    bring.units("water,水务所,water,,440103001", "centre,综治中心,,,")


def test_posts_go_in_with_the_persons_who_hold_them(bring, city):
    done = bring.posts("li,李明,officer,water,440103,2026-01-01,2026/12/31")
    assert done == Imported(added=1)
    post = Post.objects.get()
    assert (post.role_id, post.place) == ("officer", "440103")
    assert (post.begins, post.ends) == (date(2026, 1, 1), date(2026, 12, 31))
    person = Person.objects.get(posts=post)
    assert person.name == "李明"
    assert not person.has_usable_password()


def test_the_same_posts_again_change_nothing(bring, city):
    lines = ["li,李明,officer,water,,,", ",,grid-worker,centre,440103001001001,,"]
    bring.posts(*lines)
    before = list(Post.objects.order_by("pk").values()), list(Person.objects.values())
    assert bring.posts(*lines) == Imported(unchanged=2)
    assert (list(Post.objects.order_by("pk").values()), list(Person.objects.values())) == before


def test_one_person_may_hold_several_posts(bring, city):
    bring.posts("li,李明,officer,water,,,", "li,李明,grid-worker,centre,440103001001001,,")
    assert Post.objects.filter(person__username="li").count() == 2


def test_new_days_and_names_are_taken_over_and_a_password_stays(bring, city):
    bring.posts("li,李明,officer,water,,,")
    person = Person.objects.get()
    person.set_password("a long password")
    person.save()
    assert bring.posts("li,李敏,officer,water,,,2026-12-31") == Imported(changed=1)
    person.refresh_from_db()
    assert person.name == "李敏"
    assert person.check_password("a long password")
    assert Post.objects.get().ends == date(2026, 12, 31)


def test_a_post_without_a_place_is_at_the_place_of_its_unit(bring, city):
    bring.posts("li,李明,officer,water,,,")
    assert Post.objects.get().place == "440103001"


def test_every_bad_post_is_named_while_all_good_ones_go_in(bring, city):
    done = bring.posts(
        "li,李明,officer,water,,,,,",
        "a,甲,king,water,,,,,",
        "b,乙,officer,nowhere,,,,,",
        "c,丙,officer,centre,,,,,",
        "d,丁,officer,water,999,,,,",
        "e,戊,officer,water,,yesterday,,,",
        "f,己,officer,water,,2026-02-01,2026-01-01,,",
        "g,庚,officer,water,,,,,not-an-address",
        "h,辛,,water,,,,,",
        "i,壬,officer",
        "j,癸,officer,water,,,,13800000000,gui@example.org",
        header="username,name,role,organisation_code,place,begins,ends,phone,email",
    )
    assert done == Imported(added=2, rejected=9)
    assert bring.rejected == [
        (3, "role"),
        (4, "organisation_code"),
        (5, "place"),
        (6, "place"),
        (7, "begins"),
        (8, "ends"),
        (9, "email"),
        (10, "role"),
        (11, ""),
    ]
    assert Person.objects.get(username="j").email == "gui@example.org"


def test_many_rows_cost_the_same_few_statements_a_batch(bring, city, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        bring.posts(*[f"u{n},名,officer,water,,," for n in range(900)])
    with django_assert_max_num_queries(10):
        assert bring.posts(*[f"u{n},名,officer,water,,," for n in range(900)]) == Imported(unchanged=900)
