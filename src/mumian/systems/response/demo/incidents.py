"""Incidents and a drill of the demo city's last weeks: raised, answered by those who were really called, stood down."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from heapq import heappop, heappush
from random import Random
from uuid import UUID

from mumian.demo import DemoCity
from mumian.demo.accounts import HOME_TOWN
from mumian.engine.perform import Act, Done, keyed_id, perform
from mumian.people.actor import Actor, Scope
from mumian.people.models import Post
from mumian.systems.response.alerting import go_on
from mumian.systems.response.demo.units import DUTY
from mumian.systems.response.models import Alert

PAST: tuple[tuple[float, int, str, str, str, str], ...] = (
    (27.3, 15, "05.01", "grave", "菜市场一位老人突然倒地，没有呼吸", "除颤后恢复心跳，已送医"),
    (24.1, 20, "02.01", "ordinary", "烧烤档有人打架", "已劝开，民警到场处理"),
    (21.6, 9, "04.01", "serious", "出租屋阳台冒烟", "明火已扑灭，无人受伤"),
    (19.2, 17, "06.01", "ordinary", "五岁男孩在公园走失", "在东门找到，已交家人"),
    (16.4, 11, "03.01", "serious", "电动车与货车相撞，骑车人受伤", "止血包扎，已送医"),
    (13.9, 22, "02.03", "ordinary", "醉酒男子在便利店闹事", "已劝离"),
    (11.2, 14, "03.02", "grave", "河涌有人落水", "已救上岸，移交急救"),
    (8.7, 8, "01.01", "grave", "校门口有人持刀", "学生已疏散，民警控制现场"),
    (6.3, 19, "04.02", "serious", "楼道燃气味很重", "已关阀疏散，燃气公司到场处理"),
    (4.4, 13, "05.02", "ordinary", "公交站有人抽搐", "已送医"),
    (2.2, 10, "04.01", "serious", "演练：商场三楼着火", "疏散用时四分十秒"),
    (0.8, 16, "02.02", "ordinary", "地铁口有人抢包", "报告民警，监控已留存"),
)
"""Days ago, hour, kind, gravity, what was said, how it ended."""


_CALLS_NOBODY = ("acknowledge", "set-out")
"""What units do that changes nothing about who else is called."""


def live_through(city: DemoCity) -> None:
    """Lives through the incidents one after another; those already lived through are left as they are."""
    post = Post.objects.select_related("role", "organisation").get(person__username=DUTY)
    everyone = responders()
    rng = Random("incidents")
    grids = [each for each in city.grids if each.startswith(HOME_TOWN)]
    for number, (ago, hour, kind, gravity, what, result) in enumerate(PAST):
        at = city.calendar.local(city.today - timedelta(days=ago))
        at = at.replace(hour=hour, minute=rng.randint(0, 59), second=rng.randint(0, 59), microsecond=0)
        grid = rng.choice(grids)
        lon, lat = city.point_in(grid, rng)
        if ago >= city.plan.days - 1 or at > city.today - timedelta(hours=2):
            continue
        LivedThrough(post.as_actor(), everyone, at, number, rng).live(
            {
                "what": what, "category": kind, "gravity": gravity,
                "where": {"place": grid, "lon": lon, "lat": lat, "address": city.road_in(grid, rng)},
            },
            result,
        )  # fmt: skip


def responders() -> dict[int, list[Actor]]:
    """Those who answer for each unit."""
    found: dict[int, list[Actor]] = {}
    posts = (
        Post.objects.filter(role="responder")
        .exclude(person=None)
        .select_related("organisation")
        .order_by("pk")
    )
    for post in posts:
        actor = Actor(
            post.person_id,
            post.pk,
            "responder",
            post.organisation_id,
            tuple(post.organisation.lineage),
            post.place,
            Scope.UNIT,
        )
        found.setdefault(post.organisation_id, []).append(actor)
    return found


class LivedThrough:
    """One incident, lived through second by second as far as something happens."""

    def __init__(
        self, duty: Actor, responders: dict[int, list[Actor]], at: datetime, number: int | UUID, rng: Random
    ) -> None:
        self.duty, self.responders, self.at, self.rng = duty, responders, at, rng
        self.key = keyed_id("demo", "incident", str(number)) if isinstance(number, int) else number
        self.known: set[UUID] = set()
        self.coming: list[tuple[datetime, int, str, Actor | None, UUID | None]] = []

    def live(self, data: dict[str, object], result: str) -> None:
        drill = str(data["what"]).startswith("演练")
        action = "begin-drill" if drill else "raise"
        data = {**data, "drill": True} if drill else data
        [raised] = perform(
            [Act(action, self.duty, data, self.key, opens="incident", key="demo", channel="web")],
            now=self.at,
            quiet=True,
        )
        assert isinstance(raised, Done), raised
        if not raised.repeated:
            self.go_through(result)

    def go_through(self, result: str) -> datetime:
        """What happens once it was raised; when it ended."""
        last, answers = self.at, list[Act]()
        self._look(self.at)
        while self.coming:
            last, _order, action, actor, matter = heappop(self.coming)
            if actor is not None and matter is not None:
                asked = {"handed": "police"} if action == "hand-over" else {}
                answers.append(Act(action, actor, asked, matter, at=last))
            if action not in _CALLS_NOBODY or not self.coming:
                perform(answers, now=last, quiet=True)
                answers = []
                self._look(last)
        ends = last + timedelta(minutes=self.rng.uniform(5, 20))
        perform([Act("stand-down", self.duty, {"result": result}, self.key)], now=ends, quiet=True)
        go_on(self.key, ends, quiet=True)
        return ends

    def _look(self, now: datetime) -> None:
        """Looks at the incident, and decides what those newly called will do."""
        wake = go_on(self.key, now, quiet=True)
        new = Alert.objects.filter(incident=self.key, ended_at=None).exclude(matter__in=self.known)
        for alert in new:
            self.known.add(alert.matter)
            for at, action, actor in self._fate(alert):
                heappush(
                    self.coming, (at, len(self.coming) + 1000 * len(self.known), action, actor, alert.matter)
                )
        planned = {when for when, _order, action, *_ in self.coming if action == "look"}
        if wake and wake - self.at < timedelta(minutes=10) and wake not in planned:
            heappush(self.coming, (wake, 0, "look", None, None))

    def _fate(self, alert: Alert) -> Iterator[tuple[datetime, str, Actor]]:
        actor = self.rng.choice(self.responders[alert.unit_id])
        luck, at = self.rng.random(), alert.alerted_at
        if luck < 0.12:
            return
        at += timedelta(seconds=self.rng.randint(5, 38))
        if luck < 0.17:
            yield at, "decline", actor
            return
        yield at, "acknowledge", actor
        at += timedelta(seconds=self.rng.randint(5, 25))
        yield at, "set-out", actor
        at += timedelta(seconds=round(alert.seconds * self.rng.uniform(0.7, 1.5)))
        yield at, "arrive", actor
