"""Pages of accreditations and of checked extracts."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from frame_samples import GUEST, NOW, PART_FAULT, POOR, PROFILES, with_current

from lkmr_gateway.pages.views.accreditation import (
    AccreditationItem,
    AccreditationListView,
    AccreditationView,
    Extension,
    ExtractContent,
    OldVersion,
    Source,
    VerifyOfflineView,
    VerifyView,
)
from lkmr_gateway.pages.views.frame import Chrome

SOURCE = Source(system="ФРМР", version="7", fetch_time=NOW.replace(hour=6, minute=10))
ITEM = AccreditationItem(
    id="5f0c7f0e-7c1c-4c43-9f7e-111111111111",
    specialty="кардиология",
    kind="PERIODIC",
    state="EXPIRING",
    registry_number="7721 031204417",
    record_date=date(2021, 12, 18),
    expire_date=date(2026, 12, 18),
    days_left=25,
    organizations=(PROFILES[0].organization, PROFILES[1].organization),
    source=SOURCE,
)


def an_item(number: int, **parts: Any) -> AccreditationItem:
    made: AccreditationItem = replace(ITEM, id=ITEM.id[:-1] + str(number), **parts)
    return made


ITEMS = (
    ITEM,
    an_item(
        2,
        specialty="функциональная диагностика",
        state="ACTIVE",
        record_date=date(2024, 6, 4),
        expire_date=date(2029, 6, 4),
        days_left=924,
        kind="PRIMARY_SPECIALIZED",
        registry_number="7724 060412345",
    ),
    an_item(3, specialty="терапия", state="EXPIRED", expire_date=date(2025, 3, 5), days_left=-263),
    an_item(4, specialty="ревматология", state="ANNULLED", days_left=None),
    an_item(
        5,
        specialty="рентгенэндоваскулярные диагностика и лечение",
        state="NOT_ADMITTED_YET",
        record_date=None,
        expire_date=None,
        days_left=None,
        organizations=(),
        source=replace(SOURCE, stale=True, fetch_time=NOW - timedelta(days=2)),
    ),
    an_item(6, specialty="гериатрия", state="EXTENDED", days_left=130),
    an_item(
        7,
        specialty="кардиология",
        kind="CERTIFICATE",
        state="EXPIRED",
        registry_number="0177241234567",
        expire_date=date(2021, 12, 1),
        days_left=-1818,
    ),
    an_item(8, specialty="неонатология", state="IN_RENEWAL", days_left=60),
    an_item(9, specialty="новое состояние регистра", state="SOMETHING_NEW", kind="SOMETHING_NEW"),
)
CONTENT = ExtractContent(
    extract_id="7d5f6a52-5b0c-4a39-8a48-222222222222",
    code="bXk3Zk1pT2ZtWnB3",
    create_time=NOW - timedelta(days=3),
    name="Петров Илья Андреевич",
    birth_date=date(1980, 4, 12),
    snils="***-***-*29 02",
    specialty="кардиология",
    kind="PERIODIC",
    registry_number="7721 031204417",
    record_date=date(2021, 12, 18),
    expire_date=date(2026, 12, 18),
    effective_expire_date=date(2027, 6, 1),
    source_system="ФРМР",
    source_version="7",
    extension="приказ 1234н от 01.02.2026",
    commission="Центральная аккредитационная комиссия, г. Москва",
    protocol_number="41",
    protocol_date=date(2021, 11, 30),
    organizations=((PROFILES[0].organization, "врач-кардиолог"),),
    annulled=True,
)
HISTORY = (
    OldVersion(
        version=1,
        replace_time=NOW - timedelta(days=300),
        kind="PERIODIC",
        specialty="кардиология",
        registry_number="7721 031204417",
        record_date=date(2021, 12, 18),
        expire_date=None,
        annulled=True,
    ),
)
DETAIL = AccreditationView(
    item=ITEM,
    records=ITEMS,
    extract_href=f"/api/v1/accreditations/{ITEM.id}/extract.pdf",
    version=3,
    update_time=NOW - timedelta(days=1),
    specialty_code="29",
    education_level="высшее",
    commission="Центральная аккредитационная комиссия",
    protocol_number="41",
    protocol_date=date(2021, 11, 30),
    printed_expire_date=date(2026, 6, 18),
    extension=Extension(
        order="1234н от 01.02.2026",
        source="publication.pravo.gov.ru",
        valid_until=date(2026, 12, 18),
    ),
    history=HISTORY,
)


def _detail(number: int) -> AccreditationView:
    item = ITEMS[number - 1]
    return AccreditationView(
        item=item,
        records=(item,),
        extract_href=f"/api/v1/accreditations/{item.id}/extract.pdf",
        version=1,
        update_time=NOW,
        printed_expire_date=item.expire_date,
    )


PAGES: dict[str, tuple[Any, Chrome]] = {
    "accreditations-least": (AccreditationListView(), POOR),
    "accreditations-fault": (
        AccreditationListView(fault=PART_FAULT),
        with_current("/accreditations"),
    ),
    "accreditations-none": (
        AccreditationListView(state="ANNULLED", specialty="хирургия"),
        with_current("/accreditations"),
    ),
    "accreditations": (
        AccreditationListView(
            items=ITEMS,
            state="",
            specialty="кардиология",
            specialties=("кардиология", "терапия"),
            order_by="-expire_date",
            next_href="/accreditations?page_token=abc",
            first_href="/accreditations",
        ),
        with_current("/accreditations"),
    ),
    "accreditation": (DETAIL, with_current("/accreditations")),
    "accreditation-replaced": (
        replace(_detail(3), records=(ITEMS[2], replace(ITEM, specialty=ITEMS[2].specialty))),
        with_current("/accreditations"),
    ),
    "accreditation-annulled": (_detail(4), with_current("/accreditations")),
    "accreditation-expired": (_detail(3), with_current("/accreditations")),
    "accreditation-waiting": (_detail(5), with_current("/accreditations")),
    "accreditation-certificate": (_detail(7), with_current("/accreditations")),
    "verify": (
        VerifyView(
            content=replace(
                CONTENT, annulled=False, extension="", effective_expire_date=date(2026, 12, 18)
            ),
            matches_register=True,
            state="EXPIRING",
            sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ),
        GUEST,
    ),
    "verify-offline": (VerifyOfflineView(), GUEST),
    "verify-stale": (
        VerifyView(
            content=replace(CONTENT, annulled=False, as_of=NOW - timedelta(days=5)),
            matches_register=True,
            state="ACTIVE",
            sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ),
        GUEST,
    ),
    "verify-outdated": (
        VerifyView(
            content=CONTENT, matches_register=False, state="ANNULLED", sha256="9f86d081884c7d659a2f"
        ),
        GUEST,
    ),
    "verify-least": (
        VerifyView(
            content=replace(
                CONTENT,
                record_date=None,
                expire_date=None,
                effective_expire_date=None,
                extension="",
                commission="",
                protocol_number="",
                protocol_date=None,
                organizations=(),
            ),
            matches_register=True,
            state="NOT_ADMITTED_YET",
            sha256="00",
        ),
        GUEST,
    ),
}
