from pathlib import Path
from typing import Any

import orjson
import pytest

from lkmr_egisz_stand_in.cards import UnknownOrganization, years_later
from lkmr_egisz_stand_in.frmr import SignerCheck, signer_fault
from lkmr_egisz_stand_in.generator import snils_of
from lkmr_egisz_stand_in.insured import InsuredIncomplete, InsuredRegister
from lkmr_egisz_stand_in.reference import Organizations
from lkmr_egisz_stand_in.register import (
    CursorForeign,
    CursorInvalid,
    PersonIncomplete,
    Register,
    WorkerUnknown,
)
from lkmr_servicekit.clock import FakeClock
from lkmr_stand_in_kit.people import UnknownFields, load_people
from lkmr_stand_in_kit.snils import check_digits
from lkmr_stand_in_kit.store import Store

IVANOVA, VASILEV, GUSEVA, SMIRNOVA, MOROZOV = (
    "90000103798",
    "90001762944",
    "90001970345",
    "90000622216",
    "90001037008",
)
STRANGER = "900500123" + check_digits("900500123")


def opened(folder: Path, generated: int = 0, clock: FakeClock | None = None) -> Register:
    store = Store(folder / "egisz.db")
    return Register(store, clock or FakeClock(), Organizations(), generated=generated)


def read(register: Register, cursor: str = "", limit: int = 7) -> tuple[list[dict[str, Any]], str]:
    cards: list[dict[str, Any]] = []
    while True:
        page = orjson.loads(register.changes(cursor, limit))
        cards += page["cards"]
        cursor = page["nextCursor"]
        if not page["hasMore"]:
            return cards, cursor


def test_the_first_day_enters_medical_staff_with_their_terms(tmp_path: Path) -> None:
    register = opened(tmp_path)
    ivanova = register.find(IVANOVA)
    assert ivanova is not None
    (entry,) = ivanova["accreditations"]
    assert (entry["specialty"], entry["validTo"]) == ("терапия", "2027-04-22")
    assert entry["registryNumber"].startswith("7722 03")
    assert ivanova["personalFiles"][0]["positionCode"] == "110"
    smirnova = register.find(SMIRNOVA)
    assert smirnova is not None
    assert (smirnova["accreditations"], len(smirnova["personalFiles"])) == ([], 1)
    vasilev = register.find(VASILEV)
    assert vasilev is not None
    assert vasilev["birthDate"] == "1965-02-27"
    assert register.find(MOROZOV) is None
    assert register.find(GUSEVA) is None
    assert register.total == 16


def test_terms_count_from_the_first_day_and_not_from_a_later_start(tmp_path: Path) -> None:
    clock = FakeClock()
    first = opened(tmp_path, 5, clock)
    before = first.find(IVANOVA), first.find(snils_of(0))
    clock.move(days=400)
    second = opened(tmp_path, 5, clock)
    for was, now in zip(before, (second.find(IVANOVA), second.find(snils_of(0))), strict=True):
        assert was is not None
        assert now is not None
        assert {**was, "asOf": ""} == {**now, "asOf": ""}


def test_the_feed_gives_each_card_once_and_then_only_changes(tmp_path: Path) -> None:
    register = opened(tmp_path, 20)
    cards, cursor = read(register)
    assert [card["snils"] for card in cards[:20]] == [snils_of(index) for index in range(20)]
    assert len({card["id"] for card in cards}) == len(cards) == register.total == 36
    assert read(register, cursor) == ([], cursor)
    register.patch(IVANOVA, {"family_name": "Иванова-Петрова"})
    register.patch(snils_of(3), {"accreditation_days_left": 5})
    register.patch(IVANOVA, {"given_name": "Инна"})
    changed, _ = read(register, cursor)
    assert [(card["snils"], card["version"]) for card in changed] == [
        (snils_of(3), 2),
        (IVANOVA, 3),
    ]


def test_a_changed_generated_card_stands_once_in_a_reading_from_the_start(tmp_path: Path) -> None:
    register = opened(tmp_path, 20)
    register.patch(snils_of(3), {"family_name": "Новая"})
    cards, _ = read(register)
    (card,) = [one for one in cards if one["snils"] == snils_of(3)]
    assert (card["surname"], card["version"]) == ("Новая", 2)
    assert len(cards) == register.total == 36


def test_a_reader_who_passed_gets_the_workers_of_a_register_made_longer(tmp_path: Path) -> None:
    _, cursor = read(opened(tmp_path, 20))
    longer = opened(tmp_path, 25)
    longer.patch(IVANOVA, {"given_name": "Инна"})
    cards, after = read(longer, cursor)
    assert [card["snils"] for card in cards] == [*(snils_of(n) for n in range(20, 25)), IVANOVA]
    assert read(longer, after)[0] == []
    assert longer.total == 41


def test_the_latest_cursor_stands_at_the_end_and_single_changes_come_without_mass_import(
    tmp_path: Path,
) -> None:
    latest = orjson.loads(opened(tmp_path, 20).changes("latest", 1))
    assert (latest["cards"], latest["hasMore"]) == ([], False)
    longer = opened(tmp_path, 25)
    longer.patch(IVANOVA, {"given_name": "Инна"})
    single = orjson.loads(longer.changes(latest["nextCursor"], 100, bulk=False))
    assert ([card["snils"] for card in single["cards"]], single["hasMore"]) == ([IVANOVA], False)
    whole, _ = read(longer, single["nextCursor"])
    assert len(whole) == 5


def test_cursors_of_others_are_refused(tmp_path: Path) -> None:
    _, cursor = read(opened(tmp_path / "one"))
    with pytest.raises(CursorForeign):
        opened(tmp_path / "two").changes(cursor, 10)
    for unreadable in ("%%%", "abc", cursor[:-3] + "!!!"):
        with pytest.raises(CursorInvalid):
            opened(tmp_path / "one").changes(unreadable, 10)


def test_who_is_absent_is_created_from_what_is_known(tmp_path: Path) -> None:
    register = opened(tmp_path)
    jobs = [{"organization": "org-gp1", "position": "врач-хирург", "specialty": "хирургия"}]
    guseva = register.patch(GUSEVA, {"jobs": jobs})
    assert (guseva["surname"], guseva["version"]) == ("Гусева", 1)
    assert guseva["accreditations"][0]["validTo"] == "2029-05-11"
    with pytest.raises(PersonIncomplete, match="birth_date"):
        register.patch(STRANGER, {"family_name": "Новикова"})
    made = register.patch(
        STRANGER, {"family_name": "Новикова", "given_name": "Ия", "birth_date": "1990-01-01"}
    )
    assert (made["sex"], made["patronymic"], made["status"]) == ("F", None, "ACTIVE")
    found = register.find_by_id(made["id"])
    assert found is not None
    assert found["snils"] == STRANGER


def test_who_leaves_the_register_is_announced_and_can_return(tmp_path: Path) -> None:
    register = opened(tmp_path, 2)
    _, cursor = read(register)
    total = register.total
    register.patch(snils_of(1), {"in_worker_register": False})
    assert register.find(snils_of(1)) is None
    assert register.total == total - 1 == opened(tmp_path, 2).total
    (gone,), cursor = read(register, cursor)
    assert (gone["status"], gone["version"]) == ("REMOVED", 2)
    register.patch(snils_of(1), {"given_name": "Ия"})
    (back,), _ = read(register, cursor)
    assert (back["status"], back["version"]) == ("ACTIVE", 3)
    assert register.total == total


def test_days_left_move_the_entry_of_each_specialty(tmp_path: Path) -> None:
    register = opened(tmp_path, 1)
    before = register.find(IVANOVA)
    assert before is not None
    after = register.patch(IVANOVA, {"accreditation_days_left": -1})
    assert [e["registryNumber"] for e in after["accreditations"]] == [
        e["registryNumber"] for e in before["accreditations"]
    ]
    assert after["accreditations"][0]["validTo"] == "2026-11-22"
    generated = register.patch(snils_of(0), {"accreditation_days_left": 30})
    own = generated["personalFiles"][0]["specialty"]
    latest = max(
        entry["validTo"] for entry in generated["accreditations"] if entry["specialty"] == own
    )
    assert latest == "2026-12-23"


def test_a_new_job_alone_grants_no_accreditation(tmp_path: Path) -> None:
    jobs = [{"organization": "org-kb2", "position": "врач-хирург", "specialty": "хирургия"}]
    card = opened(tmp_path).patch(IVANOVA, {"jobs": jobs})
    assert [entry["specialty"] for entry in card["accreditations"]] == ["терапия"]
    assert card["personalFiles"][0]["organizationOid"].endswith("90002")


def test_a_change_that_cannot_be_made_changes_nothing(tmp_path: Path) -> None:
    register = opened(tmp_path)
    last = register.last_change
    with pytest.raises(UnknownFields):
        register.patch(IVANOVA, {"surname": "Петрова"})
    with pytest.raises(UnknownOrganization, match="org-x"):
        register.patch(IVANOVA, {"jobs": [{"organization": "org-x"}]})
    with pytest.raises(WorkerUnknown):
        register.put_accreditation(STRANGER, {"registryNumber": "1"})
    assert register.last_change == last


def check(**change: str) -> SignerCheck:
    fields = {
        "snils": IVANOVA,
        "surname": "Иванова",
        "name": "Анна",
        "patronymic": "Сергеевна",
        "birthDate": "1984-03-12",
        "organizationOid": "1.2.643.5.1.13.13.12.2.77.90001",
        "positionCode": "110",
    }
    return SignerCheck.model_validate({**fields, **change})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"snils": STRANGER}, "PERSON_NOT_FOUND"),
        ({"snils": MOROZOV}, "PERSON_CARD_NOT_FOUND"),
        ({"surname": "Петрова"}, "VALUE_MISMATCH_METADATA_AND_FRMR"),
        ({"birthDate": "1984-03-13"}, "VALUE_MISMATCH_METADATA_AND_FRMR"),
        ({"positionCode": "34"}, "PERSON_POST_IN_FRMR_MISMATCH"),
        (
            {"organizationOid": "1.2.643.5.1.13.13.12.2.77.90002"},
            "PERSON_POST_IN_FRMR_MISMATCH",
        ),
        ({"on": "2001-01-01"}, "PERSON_POST_IN_FRMR_MISMATCH"),
    ],
)
def test_a_signer_is_checked_against_the_card(
    tmp_path: Path, change: dict[str, str], code: str | None
) -> None:
    assert signer_fault(opened(tmp_path), check(**change), FakeClock().now().date()) == code


def test_the_insured_register_has_its_own_view_and_finds_by_both_numbers(tmp_path: Path) -> None:
    store = Store(tmp_path / "egisz.db")
    register = Register(store, FakeClock(), Organizations(), generated=3)
    insured = InsuredRegister(store, register.generator, generated=3)
    solovyova = load_people().people[17]
    found = insured.find(solovyova.snils)
    assert found is not None
    assert found.policy_number == "7752210892007998" != solovyova.policy_number
    assert insured.find_by_policy("7752210892007998") == found
    generated = insured.find(snils_of(2))
    assert generated is not None
    assert insured.find_by_policy(generated.policy_number) == generated
    assert insured.find(snils_of(3)) is None
    insured.patch(snils_of(2), {"policy_number": "7856410837001230"})
    assert insured.find_by_policy(generated.policy_number) is None
    assert insured.find_by_policy("7856410837001230") is not None
    with pytest.raises(InsuredIncomplete, match="policy_number"):
        insured.patch(STRANGER, {"family_name": "Новикова"})


def test_five_years_after_29_february_is_the_28th() -> None:
    day = FakeClock().now().date().replace(year=2024, month=2, day=29)
    assert years_later(day, 5).isoformat() == "2029-02-28"
