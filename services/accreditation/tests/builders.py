"""Cards for tests: what does not matter is hidden here."""

import uuid
from datetime import UTC, date, datetime

from lkmr_accreditation.domain.accreditation import Entry
from lkmr_accreditation.domain.worker import Card, Job, PersonalFacts
from lkmr_servicekit.personal import Personal

NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def an_entry(number: str = "7723 031234567", **changes: object) -> Entry:
    values: dict[str, object] = {
        "registry_number": number,
        "kind": "PERIODIC",
        "specialty_code": "49",
        "specialty": "терапия",
        "commission": "ЦАК",
        "protocol_number": "41",
        "protocol_date": date(2023, 11, 30),
        "record_date": date(2023, 12, 18),
        "expire_date": date(2028, 12, 18),
    }
    return Entry(**(values | changes))  # type: ignore[arg-type]


def a_card(
    *entries: Entry, worker: str | None = None, version: int = 1, name: str = "Образцова"
) -> Card:
    return Card(
        worker=worker or str(uuid.uuid4()),
        version=version,
        personal=Personal(
            PersonalFacts(
                family_name=name,
                given_name="Проба",
                patronymic="Тестовна",
                birth_date="1984-03-12",
                snils="90000103798",
            )
        ),
        jobs=(
            Job(
                organization_oid="1.2.643.5.1.13.13.12.2.77.90001",
                organization_name="Поликлиника (проба)",
                position="врач-терапевт",
                specialty="терапия",
                start_date=date(2020, 1, 1),
            ),
        ),
        entries=entries,
        fetch_time=NOON,
    )
