"""A report's words lead to the kind of matter they tell, and where they tell none nothing is chosen."""

import csv
from pathlib import Path

import pytest

from mumian.intake.classify import CatalogueKind, KeywordClassifier, TextModel, learn_text
from mumian.intake.keeping import ModelError
from mumian.intake.learning import Facts, Ground, LearningError, Past

CATALOGUE = [
    CatalogueKind("03.01", {"zh": "占道经营", "en": "Street vending"}, ["占道", "摆摊", "street vendor"]),
    CatalogueKind("03.02", {"zh": "噪声扰民", "en": "Noise"}, ["噪音", "夜间施工", "扰民", "noise"]),
    CatalogueKind("04.01", {"zh": "路灯", "en": "Street lamps"}, ["路灯不亮", "street lamp"]),
    CatalogueKind("04.02", {"zh": "电动车停放", "en": "Parking of bicycles"}, ["电动车", "占道"]),
    CatalogueKind("04.03", {"zh": "电动车充电", "en": "Charging"}, ["电动车飞线充电", "ramp"]),
]
WORDS = {
    "水务": ["自来水管爆裂漏水", "井盖破损污水外溢", "停水三天没有通知", "河道水质发黑发臭"],
    "噪声": ["工地夜间施工噪音", "广场舞音响太吵", "楼下酒吧深夜喧哗", "装修电钻声扰民"],
    "交通": ["路口红绿灯坏了", "公交车久等不来", "人行道被汽车占用", "道路坑洼难行"],
}


@pytest.fixture(scope="module")
def keywords() -> KeywordClassifier:
    return KeywordClassifier(CATALOGUE)


@pytest.fixture(scope="module")
def history() -> list[Past]:
    return [
        Past(text=f"{before}{text}{after}", label=label)
        for label, texts in WORDS.items()
        for text in texts
        for before in ("您好，", "我们小区", "")
        for after in ("，请尽快处理", "，谢谢")
    ]


@pytest.fixture(scope="module")
def model(history: list[Past]) -> TextModel:
    return learn_text(history)[0]


def test_a_keyword_leads_to_its_kind_and_is_named_as_the_reason(keywords: KeywordClassifier) -> None:
    advice = keywords.suggest("小区后面夜间施工，吵得睡不着")
    assert advice.choice == "03.02"
    reason = advice.suggestions[0].reason
    assert reason is not None
    assert reason.ground is Ground.KEYWORDS
    assert reason.words == ("夜间施工",)
    assert reason.said["zh"] == "含关键词“夜间施工”"


def test_a_longer_keyword_hides_the_shorter_one_within_it(keywords: KeywordClassifier) -> None:
    assert [each.code for each in keywords.suggest("楼道里电动车飞线充电").suggestions] == ["04.03"]


def test_a_keyword_of_two_kinds_leaves_the_choice_to_a_person(keywords: KeywordClassifier) -> None:
    advice = keywords.suggest("有人占道")
    assert {each.code for each in advice.suggestions} == {"03.01", "04.02"}
    assert advice.choice is None


def test_a_second_keyword_settles_what_one_left_open(keywords: KeywordClassifier) -> None:
    assert keywords.suggest("有人占道摆摊").choice == "03.01"


def test_words_of_no_kind_give_no_suggestion(keywords: KeywordClassifier) -> None:
    for text in ("", "今天天气很好", "😀"):
        assert keywords.suggest(text).suggestions == ()


def test_width_and_case_make_no_difference_and_english_words_stand_alone(keywords: KeywordClassifier) -> None:
    assert keywords.suggest("ＮＯＩＳＥ at night").choice == "03.02"
    assert keywords.suggest("two street lamps are out").choice == "04.01"
    assert keywords.suggest("he was cramped and noiseless").suggestions == ()


def test_many_texts_are_suggested_for_as_each_alone(keywords: KeywordClassifier) -> None:
    texts = ["摆摊", "路灯不亮", "无"]
    assert keywords.suggest_many(texts) == [keywords.suggest(text) for text in texts]


def test_a_model_learns_kinds_from_the_wording_of_past_matters(model: TextModel) -> None:
    advice = model.suggest(Facts(text="自来水管又漏水了"))
    first = advice.suggestions[0]
    assert first.code == "水务"
    assert first.reason is not None
    assert first.reason.ground is Ground.WORDING
    assert set("".join(first.reason.words)) <= set("自来水管又漏水了")
    assert sum(each.share for each in advice.suggestions) == pytest.approx(1)


def test_a_model_is_not_sure_of_a_text_unlike_any_it_knows(model: TextModel) -> None:
    assert model.suggest(Facts(text="")).choice is None
    assert model.suggest(Facts(text="咨询落户政策")).choice is None


def test_a_model_measured_on_held_out_matters_says_how_it_did(history: list[Past]) -> None:
    model, measured = learn_text(history, wanted=0.9)
    assert model.measurement == measured
    assert (measured.rows, measured.held_out, measured.labels) == (len(history), len(history), 3)
    assert measured.accuracy > 0.9
    assert measured.curve[-1] == pytest.approx((1.0, measured.accuracy))
    assert [cover for cover, _ in measured.curve] == sorted(cover for cover, _ in measured.curve)


def test_the_same_history_gives_the_same_model_and_fingerprint(history: list[Past], model: TextModel) -> None:
    again, measured = learn_text(history)
    facts = [Facts(text="路口公交车噪音")]
    assert model.measurement is not None
    assert measured.fingerprint == model.measurement.fingerprint
    assert again.suggest_many(facts) == model.suggest_many(facts)
    changed = [*history[:-1], Past(text="换了一件", label="交通")]
    assert learn_text(changed)[1].fingerprint != measured.fingerprint


def test_a_stored_model_suggests_what_it_suggested_before(model: TextModel) -> None:
    stored = TextModel.loads(model.dumps())
    facts = [Facts(title="漏水", text="请处理"), Facts(text="公交车")]
    assert stored.suggest_many(facts) == model.suggest_many(facts)
    assert stored.measurement == model.measurement
    assert stored.suggest(facts[0]) == model.suggest(facts[0])


def test_what_is_no_stored_model_is_refused_with_the_cure() -> None:
    with pytest.raises(ModelError, match="mumian learn"):
        TextModel.loads(b"not a model")


def test_no_facts_give_no_advice(model: TextModel) -> None:
    assert model.suggest_many([]) == []


def test_too_short_a_history_is_refused() -> None:
    with pytest.raises(LearningError, match="too few"):
        learn_text([Past(text="漏水", label="水务")] * 50)


def test_residents_messages_find_their_class_among_seven(shared: Path) -> None:
    with (shared / "data/messages/labelled_494.csv").open(encoding="utf-8-sig", newline="") as file:
        history = [
            Past(title=row["subject"], text=row["text"], label=row["label"]) for row in csv.DictReader(file)
        ]
    _, measured = learn_text(history, seed=0)
    assert (measured.held_out, measured.labels) == (494, 7)
    assert measured.macro_f1 >= 0.77
    assert measured.precision >= 0.85
    assert measured.coverage >= 0.6
