"""Hot topics: the same whatever the order, a planted one is found among noise, and on real messages the largest are real."""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mumian.insight.phrases import phrases
from mumian.insight.topics import Nearness, Report, Topic, topics

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 6, 28, 12, tzinfo=ZONE)
PLACES = [f"440103{town:03d}{community:03d}" for town in range(1, 6) for community in range(1, 5)]
THINGS = ["路灯", "井盖", "垃圾桶", "下水道", "行道树", "护栏", "消火栓", "电梯", "公交站", "门禁"]
TROUBLES = ["坏了", "破损", "满了", "堵塞", "倒伏", "松动", "漏水", "停运", "没有灯", "打不开"]
WAYS = ["请尽快处理", "盼回复", "已经多日", "影响出行", "老人不便", "麻烦看看", "谢谢", "投诉过一次"]


def noise(count: int, chance: random.Random) -> list[Report]:
    """Reports of all sorts of things all over the city."""
    return [
        Report(
            text=f"{chance.choice(THINGS)}{chance.choice(TROUBLES)}，{chance.choice(WAYS)}，单元{chance.randrange(999)}",
            at=NOW - timedelta(hours=chance.randrange(28 * 24)),
            place=chance.choice(PLACES),
        )
        for _ in range(count)
    ]


def planted(count: int, chance: random.Random, place: str = PLACES[3]) -> list[Report]:
    """Reports of one thing in one place, each in its own words, more every day."""
    openings = [
        "凤岗搅拌站夜里太吵",
        "凤岗搅拌站粉尘大",
        "搅拌站噪音扰民",
        "投诉凤岗搅拌站",
        "凤岗路边的搅拌站开到半夜",
    ]
    return [
        Report(
            text=f"{openings[n % 5]}，{chance.choice(WAYS)}，孩子睡不着",
            at=NOW - timedelta(hours=n * n // 4),
            place=place,
        )
        for n in range(count)
    ]


def told(
    found: Sequence[Topic], reports: Sequence[Report]
) -> list[tuple[tuple[str, ...], list[tuple[str, datetime]]]]:
    """Topics by what was said, not by position."""
    return [(each.name, sorted((reports[n].text, reports[n].at) for n in each.members)) for each in found]


def test_a_planted_topic_is_found_among_noise_and_nothing_else() -> None:
    chance = random.Random(1)
    reports = noise(400, chance) + planted(16, chance)
    first, *others = topics(reports, now=NOW, near=Nearness(days=14))
    assert {n for n in first.members if n >= 400} == set(range(400, 416))
    assert len(first.members) <= 17
    assert "搅拌站" in "".join(first.name)
    assert first.place == PLACES[3]
    assert (first.since, first.until) == (reports[415].at, reports[400].at)
    assert all(len(other.members) < len(first.members) for other in others)


def test_growth_is_the_last_window_against_the_one_before() -> None:
    reports = planted(20, random.Random(2))
    [topic] = topics(reports, now=NOW, window=timedelta(days=1), near=Nearness(days=14))
    ages = [(NOW - reports[n].at) / timedelta(days=1) for n in topic.members]
    assert topic.lately == sum(age < 1 for age in ages)
    assert topic.before == sum(1 <= age < 2 for age in ages)
    assert topic.growth == topic.lately - topic.before
    assert len(topic.days) == 28
    assert sum(topic.days) == len(topic.members)
    assert topic.days[-1] == sum(reports[n].at.astimezone(ZONE).date() == NOW.date() for n in topic.members)


@settings(max_examples=8)
@given(st.randoms(use_true_random=False))
def test_the_order_of_reports_does_not_matter(chance: random.Random) -> None:
    reports = noise(150, random.Random(3)) + planted(10, random.Random(4))
    expected = told(topics(reports, now=NOW), reports)
    shuffled = list(reports)
    chance.shuffle(shuffled)
    assert told(topics(shuffled, now=NOW), shuffled) == expected


def test_the_same_words_far_apart_are_two_topics() -> None:
    chance = random.Random(5)
    far = [*planted(8, chance, "440103001001"), *planted(8, chance, "440105002001")]
    found = topics(far, now=NOW)
    assert sorted(topic.place for topic in found) == ["440103001001", "440105002001"]


def test_points_tell_near_from_far_where_there_are_any() -> None:
    place = "440103001"
    here = [
        Report(text=each.text, at=each.at, place=place, lon=113.25, lat=23.10)
        for each in planted(6, random.Random(6))
    ]
    there = [
        Report(text=each.text, at=each.at, place=place, lon=113.35, lat=23.10)
        for each in planted(6, random.Random(6))
    ]
    assert [len(topic.members) for topic in topics([*here, *there], now=NOW)] == [6, 6]


def test_reports_without_place_are_grouped_by_what_they_say() -> None:
    reports = [Report(text=each.text, at=each.at) for each in planted(9, random.Random(7))]
    assert [len(topic.members) for topic in topics(reports, now=NOW)] == [9]


def test_what_trickles_in_all_the_year_is_not_hot() -> None:
    steady = [
        Report(text=f"请加快第{n}处公园建设步伐，希望市里有具体行动", at=NOW - timedelta(days=12 * n))
        for n in range(28)
    ]
    assert topics(steady, now=NOW) == []


def test_too_few_reports_and_empty_ones_are_no_topic() -> None:
    assert topics([], now=NOW) == []
    assert topics(planted(3, random.Random(8)), now=NOW) == []
    assert topics([Report(text=" ", at=NOW) for _ in range(9)], now=NOW) == []


def test_a_phrase_is_whole_and_stands_for_itself() -> None:
    ours = ["伊景园的车位捆绑销售", "投诉伊景园！车位被捆绑", "在伊景园买房要捆绑车位"]
    best = phrases(ours, ["小区车位不够", "买房手续"])[0]
    assert (best.text, best.recall, best.precision) == ("伊景园", 1.0, 1.0)


# --- real messages ----------------------------------------------------------------------------------


def messages(folder: Path) -> Iterator[dict[str, str]]:
    with (folder / "data" / "messages" / "unlabelled_4326.csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        yield from csv.DictReader(file)


def read_time(text: str) -> datetime:
    return datetime.strptime(text.strip().replace("/", "-"), "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE)


def runs(subjects: Sequence[str]) -> Counter[str]:
    """In how many subjects each run of three characters stands."""
    return Counter(run for each in subjects for run in {each[n : n + 3] for n in range(len(each) - 2)})


@pytest.fixture(scope="module")
def rows(shared: Path) -> list[dict[str, str]]:
    return list(messages(shared))


def test_groups_made_of_bodies_are_borne_out_by_subjects_they_never_saw(rows: list[dict[str, str]]) -> None:
    """The subject line is the writer's own summary and is held back: what groups of bodies have in common must show in it.

    In each of the five largest groups some run of three characters stands in two fifths of the subjects or more, thirty
    times as often as in the other subjects of the file. Of groups as large drawn by lot that holds of none.
    """
    reports = [Report(text=row["text"].strip(), at=read_time(row["time"])) for row in rows]
    found = topics(reports, now=max(each.at for each in reports))
    subjects = [row["subject"].strip() for row in rows]
    everywhere = runs(subjects)

    def borne_out(members: Sequence[int]) -> bool:
        inside, outside = len(members), len(rows) - len(members)
        return any(
            count / inside >= max(0.4, 30 * (everywhere[run] - count) / outside)
            for run, count in runs([subjects[n] for n in members]).items()
        )

    assert all(borne_out(topic.members) for topic in found[:5]), [topic.name for topic in found[:5]]
    chance = random.Random(9)
    assert not any(borne_out(chance.sample(range(len(rows)), len(topic.members))) for topic in found[:5])


def test_the_five_largest_are_those_a_reader_finds(rows: list[dict[str, str]]) -> None:
    """As read one by one: parking forced on buyers, a mixing plant, fumes and noise, flues in a passage, a loan fraud."""
    said = [f"{row['subject'].strip()}。{row['text'].strip()}" for row in rows]
    reports = [Report(text=text, at=read_time(row["time"])) for text, row in zip(said, rows, strict=True)]
    found = topics(reports, now=max(each.at for each in reports))
    real = ["滨河苑|广铁", "丽发|搅拌", "油烟|烧烤|夜宵|门店|餐馆", "青青家园|青山新村", "58车|投资"]
    for topic, known in zip(found[:5], real, strict=True):
        fitting = sum(any(word in said[n] for word in known.split("|")) for n in topic.members)
        assert fitting >= 0.9 * len(topic.members), (topic.name, fitting, len(topic.members))
    assert [len(topic.members) for topic in found[:2]] > [50, 50]
