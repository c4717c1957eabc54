"""Contexts with which each page can be drawn before there is anything behind it: a day at the Shixi desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.utils import timezone

from mumian.web.notices import Line, Occasion
from mumian.web.shown import (
    Act,
    Chosen,
    Clock,
    Dot,
    Event,
    Field,
    Figure,
    File,
    Group,
    Map,
    Option,
    Outline,
    Party,
    PlaceAnswer,
    Reason,
    Related,
    Row,
    Running,
    State,
    Step,
)
from mumian.web.words import in_words


def both(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def soon(**length: float) -> datetime:
    return datetime.now(UTC) + timedelta(**length)


TODO = State(both("待派遣", "To assign"), "todo")
DOING = State(both("办理中", "Being done"), "doing")
CHECK = State(both("待核查", "To check"), "check")
DONE = State(both("已办结", "Settled"), "done")
VOID = State(both("已撤回", "Withdrawn"), "void")

WATER = Option(
    "water", both("水务所", "Water office"), both("同类 41 次由其办结", "41 like it settled there"), 0.92
)
ENFORCE = Option("enforcement", both("综合执法队", "Enforcement team"), "", 0.88)
FIRE = Option("fire", both("消防站", "Fire station"), "", 0.51)
ESTATE = Option("estate", both("物业公司", "Property manager"), "", 0.38)
LAMPS = Option("lamps", both("市政所", "Works office"), "", 0.97)
MEDIATORS = Option(
    "mediators",
    both("人民调解委员会", "Mediation committee"),
    both("可转入调解", "Can go to mediation"),
    0.95,
)
UNITS = (WATER, ENFORCE, FIRE, ESTATE, LAMPS, MEDIATORS)

POSTS = (
    both("石溪街道综治中心 · 调度员", "Shixi centre · dispatcher"),
    both("石溪社区 012 网格 · 网格员", "Shixi grid 012 · grid worker"),
)


def who() -> dict[str, Any]:
    posts = [
        {"url": "#", "title": in_words(post), "current": number == 0} for number, post in enumerate(POSTS)
    ]
    return {"name": "陈小燕", "post": in_words(POSTS[0]), "posts": posts}


STEPS = (
    Step(both("上报", "Reported"), "done"),
    Step(both("派遣", "Assigned"), "done"),
    Step(both("办理", "Being done"), "now"),
    Step(both("核查", "Checked"), "ahead"),
    Step(both("办结", "Settled"), "ahead"),
)

WHY = (
    Reason(
        both("派遣后 4 个工作小时", "4 working hours after it was assigned"), "《网格事项分类清单》第 23 项"
    ),
    Reason(both("11月21日 10:20 派遣，开始计时", "Assigned 21 Nov 2026, 10:20; the clock starts")),
    Reason(both("午休 12:00 至 14:00 不计", "The midday break, 12:00 to 14:00, does not count")),
)


def clocks() -> list[Clock]:
    return [
        Clock(both("开始办理", "Start"), soon(hours=3), 0.35, why=WHY),
        Clock(both("答复上报人", "Answer"), soon(minutes=50), 0.84, why=WHY[:1]),
        Clock(both("办结", "Settle"), soon(days=6), 0.07, why=WHY[:2]),
        Clock(both("现场核查", "Check on site"), soon(hours=-2.2), 1.2, why=WHY[:1]),
        Clock(both("受理", "Accept"), soon(hours=-5), 0.4, Running.MET, WHY[:1]),
        Clock(both("鉴定", "Expert report"), soon(days=9), 0.5, Running.PAUSED, WHY[:1]),
    ]


def board() -> dict[str, Any]:
    due = clocks()
    return {
        "title": in_words(both("石溪街道工作台", "Shixi desk")),
        "figures": [
            Figure(both("待派遣", "To assign"), 18, "?state=todo", current=True),
            Figure(both("办理中", "Being done"), 246, "?state=doing"),
            Figure(both("待核查", "To check"), 31, "?state=check"),
            Figure(both("今日办结", "Settled today"), 1097, "?state=done"),
            Figure(both("逾期", "Overdue"), 4, "?late=1", late=True),
        ],
        "filters": {
            "text": "",
            "kind": "",
            "mine": False,
            "kinds": [Option("drain", both("排水", "Drains")), Option("noise", both("噪声", "Noise"))],
            "kept": [("group", "todo")],
        },
        "chosen": [Chosen(both("石溪社区", "Shixi"), "?group=todo")],
        "bulk": [
            Act(both("派遣所选", "Assign"), "assign", "primary"),
            Act(both("合并重复", "Merge duplicates"), "merge"),
        ],
        "bulk_url": "#",
        "back": "/board",
        "key": "k",
        "rows": [
            Row(
                "1",
                "#",
                "7K3M-Q2XD",
                "下水道堵塞，污水外溢",
                both("市政设施 / 排水", "Public works / drains"),
                both("石溪社区 012 网格", "Shixi, grid 012"),
                "工业大道中 284 号",
                TODO,
                due[0],
                "",
                (WATER,),
                3,
            ),
            Row(
                "2",
                "#",
                "7K3H-Q2XD",
                "夜间施工噪声",
                both("环境 / 噪声", "Environment / noise"),
                both("凤宁社区 007 网格", "Fengning, grid 007"),
                "宝岗大道与南田路口",
                TODO,
                due[1],
                "",
                (ENFORCE,),
            ),
            Row(
                "3",
                "#",
                "7K2X-Q2XD",
                "消防通道被占",
                both("安全隐患 / 消防", "Hazards / fire"),
                both("石溪社区 009 网格", "Shixi, grid 009"),
                "",
                TODO,
                due[3],
                "",
                (FIRE, ESTATE),
            ),
            Row(
                "4",
                "#",
                "7K2T-Q2XD",
                "路灯不亮",
                both("市政设施 / 照明", "Public works / lighting"),
                both("泉塘社区 003 网格", "Quantang, grid 003"),
                "",
                TODO,
                due[2],
                "",
                (LAMPS,),
            ),
            Row(
                "5",
                "#",
                "7K2Q-Q2XD",
                "邻里因装修漏水起争执",
                both("矛盾纠纷 / 邻里", "Disputes / neighbours"),
                both("沙溪社区 015 网格", "Shaxi, grid 015"),
                "",
                TODO,
                due[2],
                "",
                (MEDIATORS,),
            ),
            Row(
                "6",
                "#",
                "7K2B-Q2XD",
                "井盖松动，车过有响声，半夜尤其明显，附近三栋楼的居民都说睡不好",
                both("市政设施 / 井盖", "Public works / covers"),
                both("沙溪社区 011 网格", "Shaxi, grid 011"),
                "沙溪大街 12 号后门",
                DOING,
                due[5],
                both("市政所", "Works office"),
            ),
        ],
        "next_page": "?after=abc",
        "first_page": "",
        "map": town_map(),
        "who": who(),
    }


def town_map() -> Map:
    outlines = [
        ("M20 40 180 20 210 120 150 200 30 170Z", both("泉塘社区", "Quantang"), False),
        ("M180 20 400 50 380 180 300 190 210 120Z", both("凤宁社区", "Fengning"), False),
        ("M30 170 150 200 170 330 60 370 15 280Z", both("沙溪社区", "Shaxi"), False),
        ("M150 200 210 120 300 190 290 320 170 330Z", both("石溪社区", "Shixi"), True),
        ("M300 190 380 180 410 330 330 380 290 320Z", both("瑞宝社区", "Ruibao"), False),
        ("M60 370 170 330 230 430 180 540 40 520Z", both("金碧社区", "Jinbi"), False),
        ("M170 330 290 320 330 380 320 520 180 540 230 430Z", both("新窖社区", "Xinjiao"), False),
    ]
    return Map(
        420,
        560,
        [Outline(path, name, "#", chosen) for path, name, chosen in outlines],
        [
            Dot(95, 110, "7K2T-Q2XD 路灯不亮", "#"),
            Dot(330, 110, "7K2R-Q2XD", "#"),
            Dot(120, 300, "5 件", "#", "leaf", 5),
            Dot(260, 450, "7K2L-Q2XD", "#"),
            Dot(250, 180, "7K3H-Q2XD 夜间施工噪声", "#", "amber"),
            Dot(340, 300, "12 件", "#", "amber", 12),
            Dot(225, 255, "7K2X-Q2XD 消防通道被占", "#", "kapok"),
        ],
    )


def events() -> list[Event]:
    return [
        Event(
            soon(hours=-1),
            both("派遣给水务所", "Assigned to the water office"),
            both("石溪街道综治中心 · 调度员", "Shixi centre · dispatcher"),
            both("同类 41 次由其办结。", "41 like it were settled there."),
            ((both("类别", "Kind"), both("市政设施 / 排水", "Public works / drains")),),
            (),
            "leaf",
        ),
        Event(
            soon(hours=-1.4),
            both("另外 2 位居民同报，已合并", "2 more residents reported it; merged"),
            both("系统", "The program"),
            colour="neutral",
        ),
        Event(
            soon(hours=-2),
            both("上报，定位到石溪社区 012 网格", "Reported; it lies in Shixi grid 012"),
            both("居民（匿名）", "A resident, unnamed"),
            files=(File("#", "现场照片.jpg", 182_044), File("#", "说明.pdf", 48_000)),
        ),
    ]


def matter() -> dict[str, Any]:
    return {
        "matter": {
            "number": "7K3M-Q2XD",
            "procedure": both("网格事件", "Grid event"),
            "title": "下水道堵塞，污水外溢",
            "text": "工业大道中 284 号门口下水道堵了三天，污水流到人行道，老人小孩经过很容易滑倒。",
            "state": DOING,
            "place": both("海珠区 · 石溪街道 · 石溪社区 · 012 网格", "Haizhu · Shixi · Shixi · grid 012"),
            "address": "工业大道中 284 号",
            "kind": both("市政设施 / 排水", "Public works / drains"),
            "reports": 3,
            "unit": both("水务所", "Water office"),
        },
        "parent": None,
        "original": None,
        "problems": [],
        "happened": [],
        "kept": [],
        "next": {
            "yours": True,
            "acts": [
                Act(both("开始办理", "Start work"), "#", "primary"),
                Act(both("需要暂停", "Pause"), "#", asks=True),
                Act(both("不属本单位，退回", "Not ours: return it"), "#", "quiet", asks=True),
            ],
            "said": in_words(
                both(
                    "请在今天 16:20 前开始办理：派遣后 4 个工作小时，午休不计。",
                    "Start before today 16:20: 4 working hours after it was assigned, midday break apart.",
                )
            ),
        },
        "steps": STEPS,
        "clocks": clocks(),
        "events": events(),
        "parties": [
            Party(both("上报", "Reporter"), both("居民（匿名）等 3 人", "3 residents, unnamed")),
            Party(
                both("办理", "Handler"),
                both("水务所", "Water office"),
                both("何志强", "He Zhiqiang"),
                "020-8411-0000",
            ),
            Party(both("核查", "Checker"), both("012 网格员", "Grid worker 012")),
        ],
        "files": [
            {
                "title": both("照片", "Photos"),
                "at": soon(hours=-2),
                "files": [File("#", "现场照片.jpg", 182_044)],
            }
        ],
        "unseen": 1,
        "children": [
            Related("#", "7K4A-Q2XD", "开挖路面的会签", CHECK, both("交警大队", "Traffic police")),
        ],
        "similar": [
            Related(
                "#", "7K1Z-Q2XD", "污水从井口冒出", DONE, both("38 米外，6 天前", "38 m away, 6 days ago")
            )
        ],
        "record": {"count": 4, "url": "#"},
        "comments": [
            {
                "who": both("水务所 · 何志强", "Water office · He"),
                "at": soon(minutes=-20),
                "text": "已联系养护队。",
            }
        ],
        "comment": "#",
        "seq": 4,
        "key": "k",
        "who": who(),
    }


def fields(*, with_errors: bool = False) -> list[Field]:
    """One field of every type."""
    wrong = ("请写一下经过。",) if with_errors else ()
    majors = [
        Group(
            both("市政设施", "Public works"),
            [
                Option("drain", both("排水", "Drains")),
                Option("lamp", both("照明", "Lighting")),
                Option("cover", both("井盖", "Covers")),
            ],
        ),
        Group(
            both("环境", "Environment"),
            [
                Option("noise", both("噪声", "Noise")),
                Option("smoke", both("油烟", "Cooking smoke")),
                Option("waste", both("垃圾", "Waste")),
            ],
        ),
        Group(
            both("安全隐患", "Hazards"),
            [
                Option("fire", both("消防通道", "Fire lanes")),
                Option("wire", both("飞线充电", "Loose charging cables")),
            ],
        ),
    ]
    return [
        Field(
            "result",
            "text",
            both("办理经过", "What was done"),
            both("做了什么、结果怎样。", "What was done and what came of it."),
            max=2000,
            errors=wrong,
        ),
        Field("contact", "text", both("联系人", "Contact"), required=False, max=60, value="何志强"),
        Field(
            "category",
            "kind",
            both("类别", "Kind"),
            groups=majors,
            value="drain",
            suggested=(
                Option(
                    "drain", both("排水", "Drains"), both("词：下水道、污水", "Words: drain, sewage"), 0.91
                ),
            ),
        ),
        Field(
            "unit",
            "unit",
            both("交给哪个单位", "Which unit"),
            choices=UNITS,
            suggested=(FIRE, ESTATE),
            errors=(("请选一个单位。",) if with_errors else ()),
        ),
        Field(
            "helpers",
            "units",
            both("协办单位", "Units that help"),
            required=False,
            choices=UNITS,
            value=["water"],
        ),
        Field(
            "cause",
            "choice",
            both("原因", "Cause"),
            choices=(Option("rain", both("暴雨", "Heavy rain")), Option("waste", both("杂物堵塞", "Waste"))),
        ),
        Field("people", "integer", both("涉及人数", "People concerned"), value=3, min=1, max=999),
        Field("cost", "money", both("费用", "Cost"), required=False),
        Field("day", "date", both("完成日期", "Day it was done")),
        Field("visit", "datetime", both("上门时间", "Time of the visit"), required=False),
        Field("again", "yesno", both("是否需要复查", "Does it need a second check?"), value=True),
        Field(
            "where",
            "place",
            both("地点", "Place"),
            value=PlaceAnswer(
                "工业大道中 284 号",
                "440105017003012",
                both("石溪社区 012 网格", "Shixi, grid 012"),
                113.2671,
                23.0741,
            ),
            lookup="/places",
        ),
        Field("photos_after", "files", both("办理后的照片", "Photos afterwards"), max=9, required=False),
        Field("papers", "files", both("文件", "Files"), max=3, required=False),
    ]


def act(*, with_errors: bool = False) -> dict[str, Any]:
    return {
        "action": {
            "title": both("办理完成", "Finish"),
            "said": both("之后由 012 网格员到现场核查。", "Grid worker 012 then goes and checks."),
            "tone": "primary",
        },
        "matter": {"number": "7K3M-Q2XD", "title": "下水道堵塞，污水外溢", "url": "#"},
        "happened": [],
        "problems": [],
        "fields": fields(with_errors=with_errors),
        "seq": 4,
        "key": "k",
        "who": who(),
    }


def report() -> dict[str, Any]:
    return {
        "fields": [
            Field("photos", "files", both("照片", "Photos"), required=False, max=9),
            Field(
                "where",
                "place",
                both("在哪里", "Where"),
                both("写地址、路口或附近的店名。", "An address, a crossing or a shop nearby."),
                value=PlaceAnswer("工业大道中 284 号"),
                lookup="/places",
            ),
            Field(
                "what",
                "text",
                both("说一句", "Say what it is"),
                max=2000,
                value="下水道堵了三天，污水流到人行道",
            ),
        ],
        "key": "k",
        "problems": [],
        "title": both("网格事件", "Grid event"),
        "others": [],
        "watched": "what",
        "suggest": "/report/suggest",
        "kind": None,
        "kinds": [
            Option("drain", both("排水", "Drains"), "", 0.91),
            Option("cover", both("井盖", "Manhole covers"), "", 0.05),
        ],
        "near": [
            {
                "number": "7K1Z-Q2XD",
                "title": "污水从井口冒出",
                "state": DOING,
                "at": timezone.now() - timedelta(hours=16),
                "distance": 38,
                "reports": 2,
            },
        ],
    }


def received() -> dict[str, Any]:
    return {
        "number": "7K3M-Q2XD",
        "url": "#",
        "link": "https://mumian.example/track/7K3M-Q2XD/7WMH2NBVCEZEY0X9A6DV",
        "joined": False,
        "place": both("石溪社区 012 网格", "Shixi, grid 012"),
        "unit": both("石溪街道综治中心", "Shixi centre"),
        "steps": (STEPS[0], Step(STEPS[1].title, "now"), Step(STEPS[2].title, "ahead"), *STEPS[3:]),
        "clocks": [Clock(both("答复", "Answer"), soon(hours=20), 0.0)],
        "tell": {**tell(), "lines": ()},
    }


def tell() -> dict[str, Any]:
    lines = (
        Line(UUID(int=1), "mail", "a…@example.com", waits=True),
        Line(UUID(int=2), "push", in_words(both("一台设备", "A device")), waits=False),
    )
    return {"url": "#", "lines": lines, "key": "BP4z9Ks", "worker": "/notices/worker.js"}


def notices() -> dict[str, Any]:
    told = (both("经办人", "Handler"), in_words(both("派遣", "Assign")))
    return {
        "email": "officer@example.com",
        "mailed": True,
        "tell": tell(),
        "occasions": [Occasion(both("网格事件", "Grid event"), [told])],
        "administers": True,
    }


def hooks() -> dict[str, Any]:
    hook = {"pk": 1, "title": in_words(both("市平台", "City")), "url": "https://city.example/in"}
    more = {
        "procedure": "",
        "place": "4401",
        "actions": [],
        "gone": False,
        "done": 20,
        "waiting": 1,
        "lost": 2,
    }
    failed = {
        "event": {"subject": "7K3M-Q2XD", "type": "mumian.grid-event.assign"},
        "hook": hook,
        "get_state_display": in_words(both("已放弃", "given up")),
        "tries": 8,
        "told_at": soon(hours=-1),
        "said": "503",
    }
    sent = dict.fromkeys(("title", "url", "procedure", "place", "actions"), "")
    return {
        "hooks": [{**hook, **more}],
        "failing": [failed],
        "procedures": [("grid-event", both("网格事件", "Grid event"))],
        "secret": "whsec_AAAA",
        "problem": "",
        "sent": sent,
    }


def track() -> dict[str, Any]:
    """To the holder of the link; `openly` is to anybody who knows the number."""
    desk = matter()
    shared = ("problems", "happened", "kept", "steps", "files", "comments", "comment", "record", "seq", "key")
    return {
        **{name: desk[name] for name in shared},
        "matter": desk["matter"],
        "next": {
            "said": in_words(both("现由水务所处理。", "It is with the water office.")),
            "acts": [
                Act(both("没有办好", "It is not fixed"), "#", asks=True),
                Act(both("评价", "Leave a mark"), "#", asks=True, scale=MARKS, scaled="mark", given="4"),
            ],
        },
        "tell": tell(),
        "clocks": [Clock(both("办结", "Settled by"), soon(days=6), 0.07, why=WHY)],
        "events": events(),
    }


MARKS = (Option("5", both("很满意", "Very good")), Option("4", both("满意", "Good")))


def openly() -> dict[str, Any]:
    whole = track()
    return {
        "matter": {
            "number": "7K3M-Q2XD",
            "procedure": both("网格事件", "Grid event"),
            "title": both("网格事件", "Grid event"),
            "state": DOING,
            "place": "",
            "text": "",
        },
        "next": {"said": "", "acts": []},
        **{name: whole[name] for name in ("steps", "clocks", "events")},
        **dict.fromkeys(("problems", "files", "comments"), ()),
        "comment": "",
        "record": None,
        "tell": None,
    }


def record() -> dict[str, Any]:
    whole = {"at": soon(hours=-1), "title": both("上报", "Report"), "hash": "ab" * 32}
    return {
        "matter": {"number": "7K3M-Q2XD", "title": "下水道堵塞，污水外溢", "url": "#"},
        "entries": [{**whole, "seq": 1, "fault": ""}, {**whole, "seq": 2, "fault": "写入之后被改动过。"}],
        "missing": [3],
        "holds": False,
    }


def several() -> dict[str, Any]:
    """The form of one action for several matters."""
    whole = act()
    del whole["matter"], whole["seq"]
    each = {"id": "1", "seq": 4, "number": "7K3M-Q2XD", "title": "下水道堵塞，污水外溢"}
    return {**whole, "matter": None, "several": [each], "name": "assign", "back": "/board"}


def sign_in() -> dict[str, Any]:
    def control(name: str) -> SimpleNamespace:
        return SimpleNamespace(id_for_label=f"id_{name}", value=None, errors=[])

    return {
        "form": SimpleNamespace(errors=[], username=control("username"), password=control("password")),
        "next": "/",
    }


PAGES: dict[str, Any] = {
    "home.html": lambda: {"signed_in": False},
    "sign_in.html": sign_in,
    "error.html": lambda: {"status": 404, "title": "没有", "reason": "原因。", "cure": "办法。"},
    "report.html": report,
    "received.html": received,
    "track.html": track,
    "board.html": board,
    "matter.html": matter,
    "act.html": act,
    "act.html for several": several,
    "track.html for anybody": openly,
    "record.html": record,
    "notices.html": notices,
    "notices_hooks.html": hooks,
    "notices_letter.html": lambda: {"asks": "agree", "done": False, "address": "a@example.com"},
}
"""Every page with a context that fills it. Called when drawn, so that words are in the active language."""
