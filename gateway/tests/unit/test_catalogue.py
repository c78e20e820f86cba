"""The catalogue of codes: whole, worded, and known to every refusal of every service."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lkmr_gateway.problems import by_reason, catalogue, catalogue_markdown, problem, problem_of
from lkmr_gateway.routes.public import AREAS
from lkmr_servicekit.errors import Category, ServiceError

ROOT = Path(__file__).resolve().parents[3]
_WORD = re.compile(r"\b[A-Z]{3,}(?:_[A-Z]+)+\b")
_INSIDE = {"END_TIME"}
NOON = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.proves("F-144")
@pytest.mark.parametrize("code", catalogue())
def test_every_code_has_a_text_and_a_step(code: str) -> None:
    entry = catalogue()[code]

    assert re.fullmatch(r"LKMR-[A-Z]+-\d{3}", code)
    assert 400 <= entry.status < 600
    assert entry.title.endswith(".")
    assert entry.detail.endswith(".")
    assert entry.instruction
    assert all(step.strip() and step[0].isupper() for step in entry.instruction)


def test_every_area_of_codes_has_a_name_on_the_page_of_codes() -> None:
    assert {code.split("-")[1] for code in catalogue()} <= set(AREAS)


def test_a_reason_belongs_to_one_code() -> None:
    named = [reason for entry in catalogue().values() for reason in entry.reasons]

    assert len(named) == len(set(named))


def _refusals_in_contracts() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "proto" / "lkmr").rglob("*_service.proto"):
        text = path.read_text(encoding="utf-8")
        for comment in re.findall(r"((?:^\s*//.*\n)+)", text, re.MULTILINE):
            told = comment.partition("efuses with")[2]
            found |= set(_WORD.findall(re.sub(r"\([^)]*\)", "", told.replace("//", ""))))
    return found


def _refusals_in_services() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "services").glob("*/src/*/domain/errors.py"):
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r'REASON(?:, CATEGORY)? = "([A-Z_]+)"', text))
    return found


def test_every_refusal_of_a_contract_has_a_code() -> None:
    refusals = _refusals_in_contracts()

    assert len(refusals) > 20
    assert {one for one in refusals if by_reason(one) is None} == set()


def test_every_refusal_of_a_service_has_a_code() -> None:
    refusals = _refusals_in_services()

    assert len(refusals) > 20
    assert {one for one in refusals if by_reason(one) is None} == set()


def test_every_refusal_of_the_gateway_has_a_code() -> None:
    sources = (ROOT / "gateway" / "src" / "lkmr_gateway").rglob("*.py")
    named = {
        reason
        for path in sources
        for reason in re.findall(r'problem\(\s*"([A-Z_]+)"', path.read_text(encoding="utf-8"))
    }

    assert len(named) > 10
    assert {one for one in named if by_reason(one) is None} == set()


@pytest.mark.parametrize("category", Category)
def test_an_unknown_reason_is_worded_by_its_category(category: Category) -> None:
    made = problem_of(ServiceError("NEVER_HEARD_OF", category, {"name": "x"}))

    assert made.status >= 400
    assert (made.reason == "INTERNAL") == (category is Category.INTERNAL)


def test_figures_of_the_metadata_stand_in_the_text() -> None:
    assert problem("CODE_WRONG", attempts_left="2").detail == "Осталось попыток: 2."
    assert problem("CODE_WRONG").detail == "Введённый код не подошёл."
    several = problem("IDENTITY_SEVERAL_DIFFER", fields="name, birth_date")
    assert several.detail == "Не совпали: фамилия, имя, отчество; дата рождения."
    assert several.differing_fields == ("name", "birth_date")
    assert problem("ESIA_MAINTENANCE", end_time="soon").detail.startswith("Время окончания")


@pytest.mark.parametrize("seconds", ["7", "7.9", "-5", "nan", "1e999", "soon", ""])
def test_the_wait_is_a_sane_number(seconds: str) -> None:
    made = problem_of(ServiceError("ESIA_OVERLOADED", Category.UNAVAILABLE, {"seconds": seconds}))

    assert 1 <= made.retry_after <= 86_400
    assert b"retry_after" in made.to_json("t", NOON)


def test_the_public_list_names_every_code() -> None:
    text = catalogue_markdown()

    assert all(code in text for code in catalogue())
