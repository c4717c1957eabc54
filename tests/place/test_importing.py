"""Imports: tables and outlines as they come, twice over, broken in places, in any of three systems."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from mumian.place.codes import Level
from mumian.place.coordinates import CoordinateSystem, from_wgs84
from mumian.place.detecting import UnknownSystemError
from mumian.place.geojson import FileError
from mumian.place.importing import Imported, import_csv, import_geojson
from mumian.place.loading import load_atlas
from mumian.place.models import Place
from mumian.place.storing import Stored as Counts
from mumian.rows import Rejection, TableError
from tests.place.tilings import square

pytestmark = pytest.mark.django_db

Properties = Mapping[str, Any]


def table(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "places.csv"
    path.write_text("\n".join(lines), encoding=encoding)
    return path


def collection(folder: Path, *features: tuple[Properties, shapely.Geometry | None], **members: Any) -> Path:
    path = folder / "places.json"
    shapes = [
        {"type": "Feature", "properties": properties, "geometry": outline and outline.__geo_interface__}
        for properties, outline in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", **members, "features": shapes}, indent=1))
    return path


def shifted(outline: shapely.Geometry, system: CoordinateSystem) -> shapely.Geometry:
    def convert(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(from_wgs84(points[:, 0], points[:, 1], system))

    return shapely.transform(outline, convert)


def names() -> dict[str, str]:
    return dict(Place.objects.values_list("code", "name"))


def stored_outline() -> shapely.Geometry:
    return shapely.from_wkb(Place.objects.get().region().outline)


def counts(imported: Imported) -> Counts:
    return Counts(imported.added, imported.changed, imported.unchanged)


@pytest.fixture
def bad() -> list[Rejection]:
    """The rows turned away, once its `append` is given to an import."""
    return []


def at(rejections: Sequence[Rejection]) -> list[tuple[int, str]]:
    return [(rejection.line, rejection.column) for rejection in rejections]


class TestTables:
    def test_one_place_a_row(self, tmp_path: Path) -> None:
        path = table(tmp_path, "code,name,areaCode", "440104,越秀区,4401", "440104001,洪桥街道,440104")
        assert counts(import_csv(path)) == Counts(added=2)
        assert names() == {"440104": "越秀区", "440104001": "洪桥街道"}

    def test_one_place_a_level_in_each_row(self, tmp_path: Path) -> None:
        path = table(
            tmp_path,
            "city_code,city,county_code,county,town_code,town",
            "4401,广州市,440104,越秀区,440104001,洪桥街道",
            "4401,广州市,440104,越秀区,440104002,北京街道",
        )
        assert counts(import_csv(path)) == Counts(added=4)
        assert Place.objects.get(code="440104002").parent == "440104"

    def test_a_city_without_districts_keeps_its_own_name(self, tmp_path: Path) -> None:
        path = table(
            tmp_path,
            "city_code,city,county_code,county,town_code,town",
            "4419,东莞市,441900,辖区,441900003,东城街道",
        )
        import_csv(path)
        assert names() == {"4419": "东莞市", "441900003": "东城街道"}
        assert Place.objects.get(code="441900003").parent == "4419"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
    def test_the_encoding_is_found(self, tmp_path: Path, encoding: str) -> None:
        import_csv(table(tmp_path, "代码,名称", "440104,越秀区", encoding=encoding))
        assert names() == {"440104": "越秀区"}

    @pytest.mark.parametrize("delimiter", [";", "\t"])
    def test_the_delimiter_is_found(self, tmp_path: Path, delimiter: str) -> None:
        import_csv(table(tmp_path, delimiter.join(("code", "name")), delimiter.join(("440104", "越秀区"))))
        assert names() == {"440104": "越秀区"}

    def test_places_without_a_code_get_one_beyond_the_official_numbers(self, tmp_path: Path) -> None:
        import_csv(table(tmp_path, "code,name", "440310006,龙田街道"))
        path = table(
            tmp_path,
            "street,community",
            "龙田街道,老坑社区",
            "龙田街道,竹坑社区",
            "龙田街道,-",
            "龙田街,老坑社区居委会",
        )
        imported = import_csv(path, within="440310")
        assert imported.added == 2
        assert not imported.rejected
        assert names()["440310006601"] == "老坑社区"
        assert names()["440310006602"] == "竹坑社区"

    def test_grids_take_the_number_in_their_name(self, tmp_path: Path) -> None:
        import_csv(table(tmp_path, "code,name", "440310006001,老坑社区"))
        import_csv(
            table(tmp_path, "community,grid", "老坑社区,012网格", "老坑社区,河边网格"), within="440310006"
        )
        assert names() == {
            "440310006001": "老坑社区",
            "440310006001012": "012网格",
            "440310006001001": "河边网格",
        }

    def test_the_columns_can_be_said(self, tmp_path: Path) -> None:
        import_csv(table(tmp_path, "id,title", "440104,越秀区"), columns={"code": "id", "name": "title"})
        assert names() == {"440104": "越秀区"}

    def test_english_names_aliases_and_population_are_kept(self, tmp_path: Path) -> None:
        path = table(
            tmp_path, "code,name,name_en,aliases,population", '440104,越秀区,Yuexiu,东山区;老城,"1,030,000"'
        )
        import_csv(path)
        place = Place.objects.get(code="440104")
        assert (place.name_en, place.aliases, place.population) == ("Yuexiu", ["东山区", "老城"], 1030000)

    def test_every_bad_row_is_named_and_every_good_one_goes_in(
        self, tmp_path: Path, bad: list[Rejection]
    ) -> None:
        path = table(
            tmp_path,
            "code,name,population",
            "440104,越秀区,1",
            "44010,荔湾区,1",
            ",海珠区,1",
            "440104,天河区,1",
            "",
            "440111,白云区,many",
            "440112,黄埔区",
            "440113,番禺区,1,1",
            "440115,南沙区,1,,",
        )
        imported = import_csv(path, reject=bad.append)
        assert names() == {"440104": "越秀区", "440115": "南沙区"}
        assert at(bad) == [(3, "code"), (4, "code"), (5, "code"), (7, "population"), (8, ""), (9, "")]
        assert imported.rejected == 6
        assert bad[0].value == "44010"
        assert bad[0].reason["en"] == "it has 5 digits; a code has 2, 4, 6, 9, 12, 15 or 18"
        assert all(rejection.cure["zh"] and rejection.cure["en"] for rejection in bad)

    def test_a_code_outside_the_place_around_it_is_refused(
        self, tmp_path: Path, bad: list[Rejection]
    ) -> None:
        header = "city_code,city,town_code,town"
        path = table(tmp_path, header, "4401,广州市,441900003,东城街道", "4401,广州市,4401,洪桥街道")
        import_csv(path, reject=bad.append)
        assert at(bad) == [(2, "town_code")]
        import_csv(path, within="4419", reject=bad.append)
        assert at(bad)[1] == (2, "city_code")

    def test_a_table_without_places_is_refused_as_a_whole(self, tmp_path: Path) -> None:
        with pytest.raises(TableError):
            import_csv(table(tmp_path, "colour,shape", "red,round"))

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(TableError, match=r"nowhere\.csv"):
            import_csv(tmp_path / "nowhere.csv")
        with pytest.raises(FileError, match=r"nowhere\.json"):
            import_geojson(tmp_path / "nowhere.json")

    def test_a_column_that_is_said_must_be_there(self, tmp_path: Path) -> None:
        with pytest.raises(TableError, match="title"):
            import_csv(table(tmp_path, "id,name", "440104,越秀区"), columns={"code": "id", "name": "title"})

    def test_progress_is_told_in_lines(self, tmp_path: Path) -> None:
        told: list[int] = []
        import_csv(
            table(tmp_path, "code,name", *(f"4401040{n},{n}街道" for n in range(10, 99))),
            progress=told.append,
        )
        assert told == list(range(2, 91))


class TestOutlines:
    def test_outlines_join_the_places_that_are_known_by_code(self, tmp_path: Path) -> None:
        import_csv(table(tmp_path, "code,name", "440104,越秀区"))
        path = collection(tmp_path, ({"adcode": 440104, "name": "越秀区"}, square(113, 23)))
        imported = import_geojson(path, system=CoordinateSystem.WGS84)
        assert counts(imported) == Counts(changed=1)
        assert load_atlas().locate_one(113.5, 23.5) == "440104"
        place = Place.objects.get(code="440104")
        assert (place.lon, place.lat) == (113.5, 23.5)

    def test_outlines_without_a_code_are_known_by_name_or_get_a_new_code(self, tmp_path: Path) -> None:
        import_csv(table(tmp_path, "code,name", "4419,东莞市", "441900003,东城街道", "441900401,松山湖"))
        path = collection(
            tmp_path,
            ({"name": "东城街道"}, square(113, 23)),
            ({"name": "松山湖管委会"}, square(114, 23)),
            ({"name": "生态园"}, square(115, 23)),
        )
        imported = import_geojson(path, within="441900", system=CoordinateSystem.WGS84)
        assert counts(imported) == Counts(added=1, changed=2)
        assert load_atlas().locate([113.5, 114.5, 115.5], [23.5] * 3).tolist() == [
            "441900003",
            "441900401",
            "441900601",
        ]
        assert Place.objects.get(code="441900401").aliases == ["松山湖管委会"]

    def test_crossed_outlines_are_made_valid(self, tmp_path: Path) -> None:
        bow = shapely.Polygon([(113, 23), (114, 24), (114, 23), (113, 24)])
        imported = import_geojson(
            collection(tmp_path, ({"code": "440104"}, bow)), system=CoordinateSystem.WGS84
        )
        assert imported.added == 1
        assert any("1" in note for note in imported.notes)
        assert stored_outline().is_valid

    def test_every_bad_feature_is_named_and_every_good_one_goes_in(
        self, tmp_path: Path, bad: list[Rejection]
    ) -> None:
        path = collection(
            tmp_path,
            ({"code": "440104"}, square(113, 23)),
            ({"code": "nothing"}, square(113, 23)),
            ({"code": "440105"}, shapely.Point(113, 23)),
            ({"code": "440106"}, None),
            ({"code": "440104"}, square(114, 23)),
            ({"code": "440107"}, square(500_000, 2_500_000, 1000)),
            ({"code": "440111"}, square(115, 23)),
        )
        imported = import_geojson(path, system=CoordinateSystem.WGS84, reject=bad.append)
        assert set(names()) == {"440104", "440111"}
        assert imported.rejected == 5
        assert [rejection.value for rejection in bad] == ["nothing", "440105", "440106", "440104", "440107"]
        lines = path.read_text().splitlines()
        for rejection in bad:
            assert lines[rejection.line - 1].strip() == "{"

    @pytest.mark.parametrize("system", list(CoordinateSystem))
    def test_the_system_is_found_by_comparing_with_what_is_known(
        self, tmp_path: Path, system: CoordinateSystem
    ) -> None:
        known = square(113, 23, 0.1)
        import_geojson(collection(tmp_path, ({"code": "440104"}, known)), system=CoordinateSystem.WGS84)
        import_geojson(collection(tmp_path, ({"code": "440104"}, shifted(known, system))))
        found = stored_outline()
        assert shapely.hausdorff_distance(found, known) < 2e-9

    def test_the_system_is_found_by_the_place_around(self, tmp_path: Path) -> None:
        import_geojson(
            collection(tmp_path, ({"code": "440104"}, square(113, 23, 0.2))), system=CoordinateSystem.WGS84
        )
        halves = [
            ({"name": name}, shifted(shapely.box(west, 23, west + 0.1, 23.2), CoordinateSystem.BD09))
            for name, west in (("洪桥街道", 113), ("北京街道", 113.1))
        ]
        imported = import_geojson(collection(tmp_path, *halves), within="440104")
        assert "BD09" in imported.notes[0]
        assert load_atlas().locate([113.05, 113.15], [23.1, 23.1]).tolist() == ["440104601", "440104602"]

    @pytest.mark.parametrize(
        ("crs", "system"),
        [
            ("urn:ogc:def:crs:OGC:1.3:CRS84", "WGS84"),
            ("EPSG:4490", "WGS84"),
            ("GCJ-02", "GCJ02"),
            ("bd09ll", "BD09"),
        ],
    )
    def test_the_file_may_say_its_system(self, tmp_path: Path, crs: str, system: str) -> None:
        member = {"type": "name", "properties": {"name": crs}}
        path = collection(tmp_path, ({"code": "440104"}, square(113, 23)), crs=member)
        assert system in import_geojson(path).notes[0]

    def test_a_projected_system_is_refused(self, tmp_path: Path) -> None:
        member = {"type": "name", "properties": {"name": "EPSG:3857"}}
        path = collection(tmp_path, ({"code": "440104"}, square(113, 23)), crs=member)
        with pytest.raises(UnknownSystemError, match="EPSG:3857"):
            import_geojson(path)

    def test_outside_china_there_is_but_one_system(self, tmp_path: Path) -> None:
        path = collection(tmp_path, ({"code": "990101"}, square(9.5, 47.1, 0.1)))
        assert "WGS84" in import_geojson(path).notes[0]

    def test_a_system_that_nothing_tells_is_asked_for_and_nothing_goes_in(self, tmp_path: Path) -> None:
        with pytest.raises(UnknownSystemError, match="--crs"):
            import_geojson(collection(tmp_path, ({"code": "440104"}, square(113, 23))))
        assert not Place.objects.exists()

    def test_a_file_without_codes_must_be_said_where_it_lies(self, tmp_path: Path) -> None:
        with pytest.raises(FileError, match="--within"):
            import_geojson(collection(tmp_path, ({"name": "东城街道"}, square(113, 23))))

    @pytest.mark.parametrize("text", ["{}", "[]", "", '{"type": "FeatureCollection", "features": []}'])
    def test_a_file_without_features_is_refused(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "places.json"
        path.write_text(text)
        with pytest.raises(FileError):
            import_geojson(path, system=CoordinateSystem.WGS84)

    def test_of_a_file_that_breaks_off_nothing_goes_in(self, tmp_path: Path) -> None:
        path = collection(tmp_path, *(({"code": f"4401{n}"}, square(113, 23)) for n in range(11, 40)))
        path.write_text(path.read_text()[:-200])
        with pytest.raises(FileError) as refused:
            import_geojson(path, system=CoordinateSystem.WGS84)
        assert any(character.isdigit() for character in str(refused.value.thing))
        assert not Place.objects.exists()


class TestRealFiles:
    def test_five_cities_go_in_by_their_codes_and_a_second_import_changes_nothing(self, shared: Path) -> None:
        files = ["cn_villages_4cities_2021.csv", "streets_5cities.csv", "districts_5cities.csv"]
        first = [import_csv(shared / "data" / "places" / name) for name in files]
        assert [imported.added for imported in first] == [7242, 79, 9]
        assert not any(imported.rejected for imported in first)
        second = import_csv(shared / "data" / "places" / files[0])
        assert (second.added, second.unchanged) == (0, 7240)
        assert second.changed == 2  # two offices are named otherwise in the other file
        assert names()["4419"] == "东莞市"
        assert set(Place.objects.filter(parent="").values_list("level", flat=True)) == {
            Level.CITY,
            Level.DISTRICT,
        }

    def test_districts_and_towns_of_two_cities_meet_at_their_border(self, shared: Path) -> None:
        folder = shared / "data" / "places"
        for city in ("440100", "440300", "441300"):
            assert "GCJ02" in import_geojson(folder / f"{city}_full.json").notes[0]
        import_geojson(
            folder / "dongguan_towns_35.json",
            within="441900",
            level=Level.TOWN,
            system=CoordinateSystem.WGS84,
        )
        atlas = load_atlas()
        towns = [atlas.outline(code) for code in atlas.below("4419", Level.TOWN)]
        around = [atlas.outline(code) for code in atlas.codes if not code.startswith("4419")]
        assert (len(towns), len(around)) == (35, 25)
        overlap = shapely.intersection(shapely.union_all(towns), shapely.union_all(around))
        assert overlap.area / shapely.union_all(towns).area < 0.002  # unconverted it is 0.02
        places = {
            "广州塔": (113.3191, 23.1065),
            "可园": (113.7411, 23.0442),
            "深圳市民中心": (114.0545, 22.5446),
        }
        found = {name: atlas.name(atlas.locate_one(*point)) for name, point in places.items()}
        assert found == {"广州塔": "海珠区", "可园": "莞城街道", "深圳市民中心": "福田区"}

    def test_an_outline_given_anew_in_gcj02_is_known_as_the_same(self, shared: Path, tmp_path: Path) -> None:
        towns = shared / "data" / "places" / "dongguan_towns_35.json"
        import_geojson(towns, within="4419", level=Level.TOWN, system=CoordinateSystem.WGS84)
        before = load_atlas()
        anew = json.loads(towns.read_text())
        for feature in anew["features"]:
            outline = shapely.from_geojson(json.dumps(feature["geometry"]))
            feature["geometry"] = shifted(outline, CoordinateSystem.GCJ02).__geo_interface__
        path = tmp_path / "towns.json"
        path.write_text(json.dumps(anew))
        imported = import_geojson(path, within="4419")
        assert "GCJ02" in imported.notes[0]
        assert imported.added == 0
        after = load_atlas()
        for code in before.codes:
            assert shapely.hausdorff_distance(before.outline(code), after.outline(code)) < 1e-8
