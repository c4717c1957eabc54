"""Names that sound right and belong to nobody: districts, towns, communities, roads, units, people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from mumian.place.codes import Level


@dataclass(frozen=True, slots=True)
class Name:
    """A name in Chinese and in English."""

    zh: str
    en: str


CITY = Name("木棉市", "Mumian City")

DISTRICTS = tuple(
    Name(f"{zh}区", f"{en} District")
    for zh, en in (
        ("红棉", "Hongmian"), ("榕荫", "Rongyin"), ("鹭汀", "Luting"), ("望潮", "Wangchao"), ("江澜", "Jianglan"),
        ("云麓", "Yunlu"), ("荔塘", "Litang"), ("沙陂", "Shabei"), ("青屏", "Qingping"), ("潮音", "Chaoyin"),
        ("梅坞", "Meiwu"),
    )
)  # fmt: skip

_HEADS = {
    "石": "Shi", "沙": "Sha", "梅": "Mei", "荔": "Li", "榕": "Rong", "龙": "Long", "凤": "Feng", "鹤": "He",
    "鹭": "Lu", "莲": "Lian", "竹": "Zhu", "松": "Song", "桂": "Gui", "兰": "Lan", "云": "Yun", "霞": "Xia",
    "月": "Yue", "星": "Xing", "金": "Jin", "银": "Yin", "玉": "Yu", "珠": "Zhu", "翠": "Cui", "青": "Qing",
    "白": "Bai", "红": "Hong", "紫": "Zi", "南": "Nan", "北": "Bei", "东": "Dong", "西": "Xi", "上": "Shang",
    "下": "Xia", "大": "Da", "长": "Chang", "新": "Xin", "永": "Yong", "福": "Fu", "安": "An", "和": "He",
    "兴": "Xing", "文": "Wen", "仁": "Ren", "德": "De", "康": "Kang", "清": "Qing", "泉": "Quan", "江": "Jiang",
    "潮": "Chao", "帆": "Fan", "渔": "Yu", "茶": "Cha", "蕉": "Jiao", "橘": "Ju", "枫": "Feng", "柳": "Liu",
    "桐": "Tong", "杏": "Xing", "桃": "Tao", "棠": "Tang", "双": "Shuang", "三": "San", "朝": "Chao", "晓": "Xiao",
}  # fmt: skip
_TAILS = {
    "溪": "xi", "岗": "gang", "塘": "tang", "湾": "wan", "涌": "chong", "洲": "zhou", "岭": "ling", "坑": "keng",
    "田": "tian", "围": "wei", "桥": "qiao", "头": "tou", "门": "men", "园": "yuan", "井": "jing", "坪": "ping",
    "洞": "dong", "湖": "hu", "山": "shan", "林": "lin", "涧": "jian", "屋": "wu", "埔": "pu", "坊": "fang",
    "浦": "pu", "沥": "li", "滘": "jiao", "里": "li", "台": "tai", "埗": "bu", "前": "qian", "庄": "zhuang",
}  # fmt: skip
_KNOWN = (
    "龙岗 福田 荔湾 南山 南沙 中山 江门 金门 玉林 桂林 银川 清江 江浦 青浦 金山 白山 龙井 龙门 龙山 文山 兴山 大田 长岭 "
    "玉山 安溪 德清 永康 金湾 新会 云溪 东台 大埔 大洞 三台 三门 三江 北林 东湖 西湖 西山 东坑 北门 下里 大头 三头 双头 "
    "月头 上头 长头 下头 德头 仁头 新田 南湖 上林 长洲 和田"
)
"""Combinations that are well-known places, or do not sound well."""

FIRST_TOWN = "石溪"
"""Where the demo accounts are at home, and the name of its first community."""


def stems(rng: Random) -> Iterator[tuple[str, str]]:
    """Two-character place names with their English spelling, all different, without end but for their number."""
    pairs = [
        (head, tail) for head in _HEADS for tail in _TAILS if head + tail not in (FIRST_TOWN, *_KNOWN.split())
    ]
    rng.shuffle(pairs)
    for head, tail in pairs:
        yield head + tail, _HEADS[head] + _TAILS[tail]


def town(stem: tuple[str, str], *, urban: bool) -> Name:
    zh, en = stem
    return Name(f"{zh}街道", f"{en} Subdistrict") if urban else Name(f"{zh}镇", f"{en} Town")


def community(stem: tuple[str, str], *, urban: bool) -> Name:
    zh, en = stem
    return Name(f"{zh}社区", f"{en} Community") if urban else Name(f"{zh}村", f"{en} Village")


def grid(number: int) -> Name:
    return Name(f"{number:03d}网格", f"Grid {number:03d}")


def stem_of(name: str) -> str:
    """`石溪街道` → `石溪`; a district keeps its whole name."""
    return name.removesuffix("街道").removesuffix("社区").removesuffix("镇").removesuffix("村")


def english_stem(name: str) -> str:
    """`Shixi Subdistrict` → `Shixi`."""
    return name.rpartition(" ")[0] or name


ROADS = ("路", "北路", "南路", "东路", "西路", "大街", "横街", "一巷", "二巷", "三巷", "新村", "花园")
_SURNAMES = (
    "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国志文海燕春梅晓东红梅雪琴国庆永安宇航嘉豪子轩欣怡思远俊杰"
    "家明佩仪志强美玲少华惠珍锦荣润生泽宏景行书瑶若彤一鸣亦凡云舒望舒知远卓然皓月清和"
)


def person(rng: Random) -> str:
    """A name of two or three characters."""
    given = rng.choice(_GIVEN) + (rng.choice(_GIVEN) if rng.random() < 0.8 else "")
    return rng.choice(_SURNAMES) + given


_ANY = None
_UNITS: Mapping[str, Mapping[Level | None, tuple[str, str]]] = {
    "agriculture": {_ANY: ("农业农村办公室", "Agriculture Office")},
    "centre": {_ANY: ("综治中心", "Governance Centre")},
    "civil-affairs": {_ANY: ("民政服务站", "Civil Affairs Station")},
    "community": {_ANY: ("居民委员会", "Residents' Committee")},
    "ecology": {_ANY: ("生态环境监督站", "Environment Station")},
    "education": {_ANY: ("教育局", "Education Bureau")},
    "emergency": {_ANY: ("应急管理办公室", "Emergency Management Office")},
    "fire": {_ANY: ("消防救援站", "Fire and Rescue Station")},
    "forestry": {_ANY: ("林业园林站", "Forestry and Parks Station")},
    "government": {
        Level.TOWN: ("街道办事处", "Subdistrict Office"),
        _ANY: ("人民政府", "People's Government"),
    },
    "health": {_ANY: ("卫生健康局", "Health Bureau")},
    "housing": {_ANY: ("住房和建设办公室", "Housing and Construction Office")},
    "labour": {
        Level.DISTRICT: ("人力资源和社会保障局", "Labour and Social Security Bureau"),
        _ANY: ("人力资源和社会保障服务所", "Labour and Social Security Station"),
    },
    "market": {_ANY: ("市场监督管理所", "Market Regulation Station")},
    "mediation": {_ANY: ("人民调解委员会", "People's Mediation Committee")},
    "police": {_ANY: ("派出所", "Police Station")},
    "power": {_ANY: ("供电局", "Power Supply Bureau")},
    "traffic": {_ANY: ("交警中队", "Traffic Police")},
    "transport": {
        Level.DISTRICT: ("交通运输局", "Transport Bureau"),
        _ANY: ("交通运输管理所", "Transport Station"),
    },
    "urban-management": {
        Level.DISTRICT: ("城市管理局", "Urban Management Bureau"),
        _ANY: ("综合行政执法队", "Urban Management Team"),
    },
    "utilities": {_ANY: ("燃气和公用事业服务站", "Gas and Utilities Station")},
    "water": {Level.DISTRICT: ("水务局", "Water Bureau"), _ANY: ("水务所", "Water Station")},
}


def unit(kind: str, place: Name, level: Level) -> Name:
    """What a unit of a kind is called that serves a place: 石溪派出所, 红棉区水务局, 凤田村民委员会."""
    names = _UNITS.get(kind, {_ANY: (kind, kind)})
    zh, en = names.get(level) or names[_ANY]
    if kind == "government" and place.zh.endswith("镇"):
        zh, en = "人民政府", "Government"
    elif kind == "community" and place.zh.endswith("村"):
        zh, en = "民委员会", "Villagers' Committee"
    elif level is Level.TOWN and kind != "centre":
        place = Name(stem_of(place.zh), english_stem(place.en))
    return Name(place.zh + zh, f"{place.en} {en}")
