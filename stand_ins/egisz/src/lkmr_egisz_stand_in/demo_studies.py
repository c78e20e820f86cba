"""Studies that the demo people have finished before the first day: progress that can be shown."""

from dataclasses import dataclass
from datetime import timedelta

from lkmr_egisz_stand_in.portal import CREDITED, Portal
from lkmr_stand_in_kit.people import load_people
from lkmr_stand_in_kit.snils import normalise_snils
from lkmr_stand_in_kit.store import Store

SEEDED = "nmo_seeded"
_PROVIDER = "Российская медицинская академия (демо)"
_SOCIETY = "Научное общество практикующих врачей (демо)"


@dataclass(frozen=True, slots=True)
class Finished:
    """One study: hours, and days from its end to the first day of the portal."""

    kind: str
    title: str
    hours: int
    days_ago: int


# Hours of each: with the norm of 144, of them 72 of programmes, ivanova lacks 36.
STUDIES: dict[str, tuple[Finished, ...]] = {
    "ivanova": (
        Finished("PK", "Артериальная гипертензия: клинические рекомендации", 36, 900),
        Finished("PK", "Пневмонии: диагностика и лечение", 36, 420),
        Finished("CONFERENCE", "Терапевтический форум", 18, 300),
        Finished("CONFERENCE", "Школа участкового терапевта", 18, 130),
    ),
    "petrov": (
        Finished("PK", "Аритмии: современные подходы", 36, 1000),
        Finished("PK", "Хроническая сердечная недостаточность: фармакотерапия", 36, 500),
        Finished("CONFERENCE", "Конгресс кардиологов", 18, 380),
        Finished("CONFERENCE", "Неотложная кардиология", 18, 200),
        Finished("CONFERENCE", "Кардионеврология", 18, 90),
    ),
    "kuznetsov": (
        Finished("PK", "Полиморбидный пациент: междисциплинарное ведение", 72, 300),
        Finished("CONFERENCE", "Терапевтический форум", 18, 100),
    ),
    "orlova": (Finished("PK", "Управление качеством медицинской помощи", 36, 200),),
    "zaytseva": (Finished("PK", "Инфекционная безопасность: организация помощи", 36, 250),),
    "novikov": (
        Finished("PK", "Раны и раневая инфекция: современные подходы", 36, 320),
        Finished("EVENT", "Хирургический практикум", 6, 60),
    ),
    "vasilev": (Finished("DISTANCE", "Ишемический инсульт: реабилитация", 36, 150),),
    "akhmetov": (
        Finished("PK", "Вакцинопрофилактика у детей: современные подходы", 36, 280),
        Finished("WEBINAR", "Атопический дерматит: разбор клинических случаев", 2, 45),
    ),
}


def seed(portal: Portal, store: Store) -> None:
    """Tell of these studies once, at the first start; whoever has no card is left out."""
    if store.find(SEEDED, "people") is not None:
        return
    people = {person.login: person for person in load_people().people}
    with store.transaction():
        for login, studies in STUDIES.items():
            person = people[login]
            specialty = next((job.specialty for job in person.jobs if job.specialty), "")
            for number, one in enumerate(studies, start=1):
                _tell(portal, normalise_snils(person.snils), specialty, one, f"{login}-{number}")
        store.put(SEEDED, "people", True)


def _tell(portal: Portal, snils: str, specialty: str, one: Finished, identity: str) -> None:
    end = portal.anchor - timedelta(days=one.days_ago)
    programme = one.kind in {"PK", "DISTANCE"}
    days = max(1, -(-one.hours // 6))
    fields = {
        "id": f"demo-{identity}",
        "kind": one.kind,
        "title": one.title,
        "organizer": _PROVIDER if programme else _SOCIETY,
        "startDate": (end - timedelta(days=days - 1)).isoformat(),
        "endDate": end.isoformat(),
        "hours": one.hours,
        "specialty": specialty,
        "source": "PROVIDER" if programme else "PORTAL",
    }
    if not programme:
        portal.begin(snils, {**fields, "state": CREDITED})
        return
    study = portal.begin(snils, fields)
    portal.close(study["id"], issue_date=end + timedelta(days=1))
