"""Tasks that the commanders of the demo city have sent down to the centres below them, and what came back."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from mumian.demo import DemoCity, Step, Story
from mumian.demo.accounts import HOME_TOWN
from mumian.demo.stories import matter_id
from mumian.place.codes import Level

SENT: tuple[tuple[float, str, str, float], ...] = (
    (19.0, "汛前排查辖区内涝点，逐点落实责任人", "已排查完毕，责任人已落实，台账已更新", 3.0),
    (11.0, "中秋前检查大型商超消防通道", "已检查，两处占用当场清理", 2.0),
    (5.0, "核实独居老人名单，安排一次上门探访", "名单已核实，探访已完成八成以上", 3.0),
    (1.2, "今晚大风，检查工地围挡和户外广告牌", "已检查，松动的广告牌已拆除", 1.0),
    (0.15, "统计各社区充电棚缺口，今天下班前报来", "共缺 6 处，清单已随附", 1.5),
)
"""Days ago, the task, an answer to it, and days in which it is due."""


def tasks(city: DemoCity, rng: Random) -> Iterator[Story]:
    """One story for each centre a task was sent to, in the order of time."""
    district = HOME_TOWN[: Level.DISTRICT]
    places = {True: city.atlas.children(district[: Level.CITY]), False: city.atlas.children(district)}
    for number, (ago, task, answer, days) in enumerate(SENT):
        of_city = number % 2 == 0
        sender = city.at_post("commander", district[: Level.CITY] if of_city else district)
        at, due = city.today - timedelta(days=ago), timedelta(days=days)
        for place in places[of_city]:
            asked = {
                "task": task,
                "unit": city.unit("centre", place),
                "where": {"place": place},
                "due": (at + due).isoformat(timespec="seconds"),
            }
            steps = [Step(at, "send", sender, asked)]
            done = at + due * rng.uniform(0.2, 1.2)
            if done < city.today and rng.random() < 0.9:
                steps.append(Step(done, "answer", city.at_post("dispatcher", place), {"answer": answer}))
            yield Story(matter_id("task", str(number), place), "joint-task", "web", tuple(steps))
