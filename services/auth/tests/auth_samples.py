"""Sample people, organisations and answers, and builders that hide what does not matter."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any

from lkmr_auth.domain.esia import EsiaPerson, EsiaTokens
from lkmr_auth.domain.identity import IdentityCheck, Match, RegisterCard
from lkmr_auth.domain.legal import Legal
from lkmr_auth.domain.person import Contacts, PersonalNames, RegisterJob
from lkmr_auth.domain.profiles import Binding, Organization
from lkmr_servicekit.personal import Personal

LEGAL = Legal.from_data(
    tomllib.loads(files("lkmr_auth").joinpath("legal.toml").read_text(encoding="utf-8"))
)
ORIGIN = "https://cabinet.example"
SNILS = "90000103798"
NOW = datetime(2026, 11, 23, 11, 32, tzinfo=UTC)
CLINIC = Organization(id="org-gp1", oid="1.2.77.90001", name="Поликлиника", short_name="ГП")
HOSPITAL = Organization(id="org-kb2", oid="1.2.77.90002", name="Больница", short_name="КБ")
OPERATOR = Organization(id="org-lkmr", oid="1.2.77.90004", name="Оператор", short_name="Оп")
DOCTOR = Binding(organization=CLINIC, role="DOCTOR", position="врач")
HOSPITAL_DOCTOR = Binding(organization=HOSPITAL, role="DOCTOR", position="врач")
AUDITOR = Binding(organization=OPERATOR, role="AUDITOR", position="аудитор")


def tokens(name: str = "first", expire_time: datetime = NOW + timedelta(hours=1)) -> EsiaTokens:
    return EsiaTokens(
        access_token=Personal(f"access-{name}"),
        refresh_token=Personal(f"refresh-{name}"),
        expire_time=expire_time,
    )


def an_esia_person(**changes: Any) -> EsiaPerson:
    values: dict[str, Any] = {
        "names": PersonalNames(
            family_name=Personal("Образцова"),
            given_name=Personal("Проба"),
            patronymic=Personal("Тестовна"),
        ),
        "birth_date": Personal("1984-03-12"),
        "snils": Personal("900-001-037 98"),
        "trusted": True,
        "policy_number": Personal("7756510887007010"),
        "contacts": Contacts(email=Personal("p@demo.example"), phone=Personal("+79000000001")),
    }
    return EsiaPerson(**(values | changes))


def a_check(*organizations: Organization, **changes: Any) -> IdentityCheck:
    jobs = tuple(
        RegisterJob(organization_oid=one.oid, start_date=date(2020, 1, 1)) for one in organizations
    )
    values: dict[str, Any] = {
        "name": Match.EQUAL,
        "birth_date": Match.EQUAL,
        "policy_number": Match.EQUAL,
        "card": RegisterCard(worker_id="worker-1", version="7", jobs=jobs),
        "check_time": NOW,
    }
    return IdentityCheck(**(values | changes))
