"""What the definitions of justice cannot say, in pure Python: conditions, effects and one computed limit."""

from collections.abc import Callable, Mapping

from mumian.engine.limits import Limit, Span
from mumian.engine.rules import RULES, Act, Circumstances, Condition, Effect, Job
from mumian.systems.justice import rights as _rights  # noqa: F401  (registers them)
from mumian.systems.justice.defence import rules as _defence  # noqa: F401  (registers them)
from mumian.systems.justice.packages import rules as _packages  # noqa: F401

SEAL_CASE, SEAL_BELOW, NOTE_TURN = "justice.seal-case", "justice.seal-below", "justice.note-turn"
EXTENSIONS = ("first", "second", "third")
"""The steps by which custody for investigation is prolonged, in their order: 刑事诉讼法 156, 158, 159."""
SEALED_UP_TO_MONTHS = 60
"""Records of minors sentenced to five years or less are sealed: 刑事诉讼法 286."""

Words = Mapping[str, str]


def _shown(around: Circumstances) -> bool:
    """Whether it is only asked if the form can be shown: then there are no answers beside the matter's own."""
    return around.data is around.matter.data


def _only_if(name: str, holds: Callable[[Circumstances], bool], zh: str, en: str) -> None:
    """Registers a condition on what is known already."""

    def condition(around: Circumstances) -> Words | None:
        return None if holds(around) else {"zh": zh, "en": en}

    RULES.condition(name)(condition)


def _once_answered(condition: Condition) -> Condition:
    """A condition on the answers themselves, which holds until there are any."""
    return lambda around: None if _shown(around) else condition(around)


# --- custody ----------------------------------------------------------------------------------------

_only_if(
    "in-custody",
    lambda around: around.matter.data.get("in_custody") is True,
    "只适用于被告人在押的案件",
    "It is for cases in which the person is in custody",
)
_only_if(
    "not-in-custody",
    lambda around: around.matter.data.get("in_custody") is not True,
    "当事人在押，不适用；请先变更强制措施",
    "The person is in custody; release him or her first",
)
_only_if(
    "reconsidered",
    lambda around: bool(around.matter.data.get("reconsiderations")),
    "须先要求复议（公安规定 141）",
    "Ask for reconsideration first (公安规定 141)",
)
_only_if(
    "identity-was-unknown",
    lambda around: around.matter.data.get("identity_unknown") is True,
    "身份并非不明",
    "The identity is known",
)
_only_if(
    "own-case",
    lambda around: around.matter.data.get("source") == "own",
    "只适用于检察院直接受理的案件（167）",
    "It is for the procuratorate's own cases (167)",
)
_only_if(
    "from-supervision",
    lambda around: around.matter.data.get("source") == "supervision",
    "只适用于监察机关移送的案件（170）",
    "It is for cases transferred from supervision (170)",
)


@RULES.condition("next-custody-extension")
def next_extension(around: Circumstances) -> Words | None:
    """Extensions of custody come one after another, each once: 刑事诉讼法 156, 158, 159."""
    had = around.matter.data.get("extended")
    number = EXTENSIONS.index(had) + 1 if had in EXTENSIONS else 0
    if number == len(EXTENSIONS):
        return {
            "zh": "三次延长均已用完；期限届满应当释放或变更强制措施（刑诉法 98）",
            "en": "All three extensions are used; release or change the measure when the term is over (98)",
        }
    if _shown(around) or around.data.get("step") == EXTENSIONS[number]:
        return None
    return {
        "zh": f"应当按顺序延长：下一次是第 {number + 1} 次",
        "en": f"Extensions follow in order: the next is number {number + 1}",
    }


# --- prosecution and trial --------------------------------------------------------------------------


@RULES.condition("counsel-was-present")
@_once_answered
def counsel_was_present(around: Circumstances) -> Words | None:
    """A plea is signed in the presence of counsel or a duty lawyer: 刑事诉讼法 174."""
    if around.data.get("counsel_present") is True:
        return None
    return {
        "zh": "应当在辩护人或值班律师在场时签署（刑诉法 174）；请安排到场后再签",
        "en": "It is signed in the presence of counsel or a duty lawyer (174); have one come first",
    }


_only_if(
    "plea-is-signed",
    lambda around: around.matter.data.get("plea") is True,
    "速裁须先签署认罪认罚具结书（刑诉法 222）",
    "The fast track needs a signed plea (222)",
)
_only_if(
    "not-on-fast-track",
    lambda around: around.matter.data.get("track") != "fast",
    "速裁案件不得延长；请先转为普通程序",
    "The fast track is not extended; leave it first",
)
_only_if(
    "on-fast-track",
    lambda around: around.matter.data.get("track") == "fast",
    "未适用速裁",
    "It is not on the fast track",
)
_only_if(
    "something-paused",
    lambda around: any(run.paused_at for run in around.matter.clocks.values()),
    "没有暂停的期限",
    "No term is paused",
)
_only_if(
    "nothing-paused",
    lambda around: not any(run.paused_at for run in around.matter.clocks.values()),
    "期限已经暂停",
    "A term is paused already",
)
_only_if(
    "on-ordinary-track",
    lambda around: around.matter.data.get("track") == "ordinary",
    "只有普通程序可以延长；请先变更审理程序",
    "Only the ordinary track is extended; change the track first",
)
_only_if(
    "lengthened-before",
    lambda around: bool(around.matter.data.get("longer")),
    "须先延长至三个月",
    "Extend to three months first",
)
_only_if(
    "is-minor",
    lambda around: around.matter.data.get("minor") is True,
    "附条件不起诉只适用于未成年人（刑诉法 282）",
    "Conditional non-prosecution is for minors (282)",
)
_only_if(
    "was-convicted",
    lambda around: around.matter.data.get("verdict", "convicted") == "convicted",
    "未判处刑罚，请结案",
    "There is no sentence to carry out; close the case",
)
_only_if(
    "was-not-convicted",
    lambda around: around.matter.data.get("verdict", "convicted") != "convicted",
    "有罪判决应当交付执行",
    "A sentence is handed to execution",
)


@RULES.condition("fast-needs-plea")
@_once_answered
def fast_needs_plea(around: Circumstances) -> Words | None:
    """Fast track is for those who plead and agree, minors not: 刑事诉讼法 222, 223."""
    data = {**around.matter.data, **around.data}
    if data.get("track") != "fast" or (data.get("plea") is True and data.get("minor") is not True):
        return None
    return {
        "zh": "速裁只适用于认罪认罚的成年人（刑诉法 222、223）；请选择其他程序",
        "en": "The fast track is for adults who plead (222, 223); choose another",
    }


@RULES.limit("probation-months")
def probation_months(around: Circumstances) -> Limit:
    """As many months as were decided, six to twelve: 刑事诉讼法 283."""
    return Limit(int(around.matter.data["months"]), Span.MONTH)


# --- afterwards -------------------------------------------------------------------------------------


@RULES.effect("opinion-answered")
def opinion_answered(around: Circumstances) -> list[Effect]:
    """What an agency answers to an opinion on custody goes to those who gave it: 刑事诉讼法 95."""
    matter = around.matter
    if matter.parent is None or matter.data.get("sort") != "necessity":
        return []
    return [Act(matter.parent, "answered", {"answer": matter.data["answer"]})]


@RULES.effect("seal-where-due")
def seal_where_due(around: Circumstances) -> list[Effect]:
    """Whether the records of one under eighteen are to be sealed is looked at each time a part of the case ends."""
    data = around.matter.data
    if data.get("minor") is not True:
        return []
    return [Job(SEAL_CASE, {"case": data.get("case") or around.matter.id.hex})]


@RULES.effect("seal-below")
def seal_below(around: Circumstances) -> list[Effect]:
    """What ends below a sealed matter is sealed with it."""
    return [Job(SEAL_BELOW, {"matter": around.matter.id.hex})] if around.matter.parent else []


@RULES.effect("note-turn")
def note_turn(around: Circumstances) -> list[Effect]:
    """A lawyer who was named has had a turn."""
    return [Job(NOTE_TURN, {"lawyer": around.matter.data["lawyer"], "at": around.now.isoformat()})]
