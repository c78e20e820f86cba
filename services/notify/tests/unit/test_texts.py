import re

import pytest

from lkmr_notify.domain.delivery import Channel
from lkmr_notify.domain.texts import Texts, day_in_words
from lkmr_notify.main import load_texts
from lkmr_notify.messaging.handlers import KINDS

VALUES = {
    "specialty": "терапия",
    "record_date": day_in_words("2026-03-05"),
    "expire_date": day_in_words("2031-03-05"),
}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_letter_says_nothing_about_the_person_or_the_specialty(kind: str) -> None:
    template = load_texts().latest(kind)

    outside = " ".join([template.title, template.subject, *template.letter, template.sms])
    assert "{" not in outside
    assert "специальност" not in outside.lower()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_text_in_the_cabinet_is_whole_sentences(kind: str) -> None:
    text = load_texts().latest(kind).fill(VALUES)

    assert "«терапия»" in text
    assert "{" not in text
    assert "!" not in text
    assert text.endswith(".")


def test_a_sentence_whose_value_is_unknown_is_left_out() -> None:
    text = load_texts().latest("ACCREDITATION_RECORDED").fill({"specialty": "терапия"})

    assert "Дата внесения" not in text
    assert "«терапия»" in text


def test_days_are_written_out() -> None:
    assert day_in_words("2026-03-05") == "5\u00a0марта 2026\u00a0г."
    assert day_in_words("") == ""


def test_an_annulled_entry_is_told_by_sms_too() -> None:
    texts = load_texts()

    assert texts.latest("ACCREDITATION_ANNULLED").channels == (Channel.EMAIL, Channel.SMS)
    assert texts.latest("ACCREDITATION_CHANGED").channels == (Channel.EMAIL,)


def test_a_short_preposition_never_ends_a_line() -> None:
    for kind in KINDS:
        template = load_texts().latest(kind)
        for sentence in (*template.sentences, *template.letter):
            assert not re.search(r"(?:^| )[ВвСсКкОоИи] ", sentence), sentence


RAW = {
    "title": "Т",
    "sentences": ["Было {a}."],
    "channels": ["EMAIL"],
    "subject": "Т",
    "letter": ["Было."],
}


def test_an_old_version_stays_readable() -> None:
    texts = Texts({"KIND": {"v1": RAW, "v2": {**RAW, "title": "Новый"}, "v10": RAW}})

    assert texts.latest("KIND").version == 10
    assert texts.version("KIND", 2).title == "Новый"


@pytest.mark.parametrize(
    "wrong",
    [
        {"letter": ["Было {a}."]},
        {"subject": "{a}"},
        {"title": "{a}"},
        {"channels": ["EMAIL", "SMS"]},
        {"sms": "Текст"},
        {"channels": ["FAX"]},
    ],
)
def test_a_text_that_would_carry_values_outside_does_not_load(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Texts({"KIND": {"v1": {**RAW, **wrong}}})
