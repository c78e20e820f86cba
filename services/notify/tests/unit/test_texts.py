import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_notify.domain.channel import Channel, Group
from lkmr_notify.domain.rules import Rules
from lkmr_notify.domain.texts import Template, Texts
from lkmr_notify.domain.words import SAFE, day_in_words, names_in, plural, safe_only
from lkmr_notify.main import load_data
from lkmr_notify.messaging.facts import event_class

TEXTS, RULES = load_data()
EVERY = [pytest.param(one, id=f"{one.kind}-v{one.version}") for one in TEXTS.all()]
VALUES = {
    "specialty": "терапия",
    "record_date": date(2026, 3, 5),
    "expire_date": date(2031, 3, 5),
    "old_start_date": date(2026, 11, 30),
    "start_date": date(2026, 12, 2),
    "end_date": date(2026, 12, 4),
    "effective_date": date(2027, 3, 1),
    "deadline": date(2026, 12, 18),
    "days": 30,
    "count": 3,
}
MEDICAL = re.compile(
    r"диагноз|пациент|анализ|болезн|рецепт|снилс|полис|паспорт|телефон|родил|фамили|отчеств"
    r"|специальност|терапи|кардиолог|хирург|инвалид|беремен|прививк|вич\b",
    re.IGNORECASE,
)


def outside_of(template: Template) -> list[str]:
    return [template.title, template.subject, *template.letter, template.sms]


@pytest.mark.parametrize("template", EVERY)
def test_what_leaves_the_cabinet_has_no_place_for_a_person_or_an_illness(
    template: Template,
) -> None:
    for text in outside_of(template):
        assert set(names_in(text)) <= SAFE, text
        assert not MEDICAL.search(text), text


@pytest.mark.parametrize("template", EVERY)
def test_values_that_could_name_a_person_do_not_get_out(template: Template) -> None:
    planted = dict.fromkeys([*VALUES, "person", "days", "deadline", "count"], "Иванова Анна")

    assert safe_only(planted) == {}
    made = template.outside(VALUES)
    assert "Иванова" not in " ".join([made.subject, *made.paragraphs, made.sms])
    assert "{" not in " ".join([made.subject, *made.paragraphs, made.sms])


@pytest.mark.parametrize("template", EVERY)
def test_texts_are_whole_sentences_in_calm_words(template: Template) -> None:
    shown = [template.body(VALUES), template.why, *template.outside(VALUES).paragraphs]

    assert template.why
    assert template.letter
    for text in [one for one in shown if one]:
        assert text.endswith("."), text
    everything = " ".join([*shown, template.heading(VALUES), template.outside(VALUES).sms])
    assert "!" not in everything
    assert "{" not in everything
    assert "  " not in everything
    assert not re.search(r"\w\([а-я]{1,3}\)", everything)
    assert not template.heading(VALUES).endswith(".")


@pytest.mark.parametrize("template", EVERY)
def test_a_short_preposition_never_ends_a_line(template: Template) -> None:
    for sentence in (*template.sentences, *template.letter, template.why):
        assert not re.search(r"(?:^| )[ВвСсКкОоИиУу] ", sentence), sentence


@pytest.mark.parametrize("template", EVERY)
def test_an_sms_fits_into_three_parts(template: Template) -> None:
    assert len(template.outside(VALUES).sms) <= 201


def test_every_rule_has_a_text_and_a_contract() -> None:
    for rule in RULES.all():
        assert TEXTS.latest(rule.kind)
        if rule.event:
            fields = event_class(rule.event).DESCRIPTOR.fields_by_name
            assert rule.about in fields, rule
            assert set(rule.only) <= set(fields), rule
            known = {*fields, *VALUES, "state"}
            needed = {n for one in TEXTS.latest(rule.kind).sentences for n in names_in(one)}
            assert needed <= known, rule
    assert {group for group in Group if any(one.group is group for one in RULES.all())}


def test_a_sentence_whose_value_is_unknown_is_left_out() -> None:
    text = TEXTS.latest("ACCREDITATION_RECORDED").body({"specialty": "терапия"})

    assert "Дата внесения" not in text
    assert "«терапия»" in text


def test_days_are_written_out() -> None:
    assert day_in_words(date(2026, 3, 5)) == "5\u00a0марта 2026\u00a0г."


@pytest.mark.parametrize(
    ("number", "words"),
    [
        *[(1, "1 день"), (2, "2 дня"), (4, "4 дня"), (5, "5 дней"), (0, "0 дней")],
        *[(11, "11 дней"), (12, "12 дней"), (14, "14 дней"), (21, "21 день"), (22, "22 дня")],
        *[(111, "111 дней"), (101, "101 день"), (365, "365 дней"), (180, "180 дней")],
    ],
)
def test_plurals_have_three_forms(number: int, words: str) -> None:
    assert plural(number, "день|дня|дней") == words.replace(" ", "\u00a0")


@given(st.integers(0, 10_000))
def test_hundreds_do_not_change_the_form(number: int) -> None:
    assert plural(number, "а|б|в")[-1] == plural(number % 100, "а|б|в")[-1]


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_a_day_in_words_names_its_day_and_year(day: date) -> None:
    words = day_in_words(day)

    assert words.startswith(f"{day.day}\u00a0")
    assert str(day.year) in words
    assert words != day_in_words(day + timedelta(days=1))


def test_an_annulled_entry_is_told_by_sms_too_and_cannot_be_muted() -> None:
    rule = RULES.kind("ACCREDITATION_ANNULLED")

    assert rule.critical
    assert Channel.SMS in rule.channels


RAW = {"title": "Т", "sentences": ["Было {a}."], "subject": "Т", "letter": ["Было."], "why": "В."}


def test_an_old_version_stays_readable() -> None:
    texts = Texts({"KIND": {"v1": RAW, "v2": {**RAW, "title": "Новый"}, "v10": RAW}})

    assert texts.latest("KIND").version == 10
    assert texts.version("KIND", 2).title == "Новый"


@pytest.mark.parametrize(
    "wrong",
    [
        {"letter": ["Было {a}."]},
        {"subject": "{a}"},
        {"title": "{specialty}"},
        {"sms": "{a}"},
        {"sms": ""},
        {"why": "{a}"},
    ],
)
def test_a_text_that_would_carry_values_outside_does_not_load(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Texts({"KIND": {"v1": {**RAW, **wrong}}})


RULE = {
    "event": "e",
    "about": "a",
    "kind": "KIND",
    "to": ["SUBJECT"],
    "group": "NEWS",
    "urgency": "NOW",
    "channels": ["EMAIL"],
    "link": "/",
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "OTHER"},
        {"to": []},
        {"to": ["EVERYBODY"]},
        {"channels": ["FAX"]},
        {"channels": ["SMS"], "critical": True},
        {"fallback": ["EMAIL"]},
        {"colour": "red"},
    ],
)
def test_a_rule_that_cannot_be_meant_does_not_load(wrong: dict[str, object]) -> None:
    with pytest.raises((ValueError, LookupError, TypeError)):
        Rules({"rule": [{**RULE, **wrong}]}, frozenset({"KIND"}))
