"""The catalogue of the НМО portal: programme `i` is computed from `i`, the same on every machine.

Days are counted from the first day of the portal, so that the catalogue lies ahead of it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from typing import Any

from lkmr_egisz_stand_in.reference import HIGHER, SPECIALTIES, Specialty

EDITION = "1"
_SEED = b"lkmr-nmo"
_AHEAD_DAYS = 420
_PER_DAY = 6
_LONG = 144
_KINDS = (
    *("PK",) * 9,
    *("DISTANCE",) * 5,
    *("EVENT", "SEMINAR", "WEBINAR", "CONFERENCE"),
    *("IOM",) * 3,
)
_HOURS = {
    "PK": (18, 36, 36, 36, 72, 144),
    "DISTANCE": (16, 18, 36, 36, 72),
    "EVENT": (6, 12),
    "SEMINAR": (4, 6),
    "WEBINAR": (1, 2, 3),
    "CONFERENCE": (6, 12, 18),
    "IOM": (1, 2),
}
_PROVIDERS = (
    "Российская медицинская академия (демо)",
    "Сибирский медицинский университет (демо)",
    "Приволжский институт последипломного образования (демо)",
    "Уральская медицинская академия (демо)",
    "Центр повышения квалификации медицинских кадров (демо)",
    "Северо-Западный медицинский университет (демо)",
    "Южный институт усовершенствования врачей (демо)",
    "Дальневосточный учебно-методический центр (демо)",
    "Столичный медицинский колледж (демо)",
    "Научное общество практикующих врачей (демо)",
    "Ассоциация медицинских сестёр (демо)",
    "Клинический учебный центр симуляционных технологий (демо)",
)
_CITIES = (
    *("Москва", "Санкт-Петербург", "Новосибирск", "Казань", "Екатеринбург", "Ростов-на-Дону"),
    *("Владивосток", "Самара", "Томск", "Саратов"),
)
_TOPICS = {
    "терапия": (
        *(
            "Артериальная гипертензия",
            "Пневмонии",
            "Бронхиальная астма",
            "Анемии",
            "Сахарный диабет",
        ),
        *("Хроническая болезнь почек", "Полиморбидный пациент", "Лихорадка неясного генеза"),
    ),
    "сестринское дело": (
        *("Сестринский уход", "Сосудистый доступ", "Инфекционная безопасность", "Уход за раной"),
        *("Подготовка к исследованиям", "Боль и её оценка", "Пролежни", "Вакцинация"),
    ),
    "педиатрия": (
        *("Вакцинопрофилактика у детей", "Острые респираторные инфекции у детей"),
        *("Нарушения питания у детей", "Недоношенный ребёнок", "Атопический дерматит"),
    ),
    "кардиология": (
        *("Аритмии", "Ишемическая болезнь сердца", "Хроническая сердечная недостаточность"),
        *("Фибрилляция предсердий", "Кардиомиопатии", "Лёгочная гипертензия", "Дислипидемии"),
    ),
    "неврология": (
        *(
            "Ишемический инсульт",
            "Эпилепсия",
            "Мигрень",
            "Рассеянный склероз",
            "Болезнь Паркинсона",
        ),
    ),
    "хирургия": (
        *("Острый аппендицит", "Грыжи передней брюшной стенки", "Раны и раневая инфекция"),
        *("Желчнокаменная болезнь", "Эндоскопическая хирургия"),
    ),
    "офтальмология": ("Глаукома", "Катаракта", "Возрастная макулодистрофия", "Кератиты"),
    "лечебное дело": (
        *("Неотложная помощь на догоспитальном этапе", "Травмы", "Острый коронарный синдром"),
        *("Отравления", "Роды вне стационара"),
    ),
    "рентгенология": (
        *("Компьютерная томография лёгких", "Магнитно-резонансная томография суставов"),
        *("Маммография", "Лучевая диагностика инсульта"),
    ),
    "функциональная диагностика": (
        *("Электрокардиография", "Эхокардиография", "Спирометрия", "Суточное мониторирование"),
    ),
    "общая врачебная практика (семейная медицина)": (
        *("Диспансеризация", "Паллиативная помощь на дому", "Хроническая боль", "Ожирение"),
    ),
    "клиническая лабораторная диагностика": (
        *("Коагулологические исследования", "Иммуноферментный анализ", "Контроль качества"),
    ),
    "акушерское дело": (
        "Физиологические роды",
        "Кровотечения в акушерстве",
        "Грудное вскармливание",
    ),
    "лабораторная диагностика": ("Преаналитический этап", "Микроскопия мочи", "Взятие крови"),
    "сестринское дело в педиатрии": ("Патронаж новорождённого", "Уход за больным ребёнком"),
    "организация здравоохранения и общественное здоровье": (
        *("Управление качеством медицинской помощи", "Экономика медицинской организации"),
        *("Кадровая политика", "Внутренний контроль", "Бережливое производство"),
    ),
}
_ASPECTS = (
    *(
        "диагностика и лечение",
        "современные подходы",
        "клинические рекомендации",
        "ошибки и осложнения",
    ),
    *("профилактика", "трудный пациент", "междисциплинарное ведение", "разбор клинических случаев"),
    *("фармакотерапия", "реабилитация", "амбулаторное наблюдение", "неотложные состояния"),
    *("организация помощи", "симуляционный практикум", "доказательная медицина"),
)
# What posts demand besides hours: a programme in so many gives it.
_ATTESTATIONS = (
    ("CPR", "Базовая сердечно-лёгочная реанимация"),
    ("LABOUR_SAFETY", "Охрана труда в медицинской организации"),
    ("TEMPORARY_DISABILITY", "Экспертиза временной нетрудоспособности"),
    ("RADIATION_SAFETY", "Радиационная безопасность персонала"),
    ("NARCOTICS", "Оборот наркотических средств и психотропных веществ"),
)
_ANY_TOPIC = ("Коммуникация с пациентом", "Цифровые технологии в медицине")
_EACH_ATTESTATION = 200


@dataclass(frozen=True, slots=True)
class Programmes:
    """Programmes 0 … `count` - 1 of a portal whose first day is `anchor`."""

    anchor: date
    count: int

    def page(self, after: int, limit: int) -> list[dict[str, Any]]:
        """Programmes behind a place."""
        return [self.programme(place) for place in range(after, min(after + limit, self.count))]

    def programme(self, index: int) -> dict[str, Any]:
        """One programme as the portal gives it out."""
        draw = blake2b(index.to_bytes(8, "big"), key=_SEED, digest_size=24).digest()
        specialty = SPECIALTIES[draw[0] % len(SPECIALTIES)]
        kind = _KINDS[draw[1] % len(_KINDS)]
        hours = _HOURS[kind][draw[2] % len(_HOURS[kind])]
        attestation, title = self._title(index, draw, specialty)
        start, end = self._days(kind, hours, draw)
        beside = SPECIALTIES[draw[12] % len(SPECIALTIES)]
        names = dict.fromkeys([specialty.name, *([beside.name] if draw[13] < 40 else [])])  # noqa: PLR2004 - a share
        return {
            "id": f"nmo-{index + 1:06d}",
            "title": title,
            "provider": _PROVIDERS[draw[3] % len(_PROVIDERS)],
            "kind": kind,
            "hours": hours,
            "specialties": list(names),
            "level": _level(specialty, draw[4]),
            "startDate": start and start.isoformat(),
            "endDate": end and end.isoformat(),
            "form": "DISTANCE" if kind in {"DISTANCE", "WEBINAR", "IOM"} else _form(draw[5]),
            "city": ""
            if kind in {"DISTANCE", "WEBINAR", "IOM"}
            else _CITIES[draw[6] % len(_CITIES)],
            "price": 0 if kind not in {"PK", "DISTANCE"} else hours * (100 + draw[7] % 90),
            "url": f"https://nmo.example/programmes/{index + 1}",
            "annotation": f"{title}. Для специалистов: {', '.join(names)}. {hours} ч.",
            "attestation": attestation,
            "newCompetence": draw[8] < 12,  # noqa: PLR2004 - a share
        }

    def _title(self, index: int, draw: bytes, specialty: Specialty) -> tuple[str, str]:
        if index % _EACH_ATTESTATION == 0:
            return _ATTESTATIONS[index // _EACH_ATTESTATION % len(_ATTESTATIONS)]
        topics = _TOPICS.get(specialty.name, _ANY_TOPIC)
        topic, aspect = topics[draw[9] % len(topics)], _ASPECTS[draw[10] % len(_ASPECTS)]
        return "", f"{topic}: {aspect}"

    def _days(self, kind: str, hours: int, draw: bytes) -> tuple[date | None, date | None]:
        if kind == "IOM":
            return None, None
        start = self.anchor + timedelta(days=7 + (draw[11] << 8 | draw[14]) % _AHEAD_DAYS)
        return start, start + timedelta(days=-(-hours // _PER_DAY) - 1)


def _level(specialty: Specialty, draw: int) -> int | None:
    if draw < 16:  # noqa: PLR2004 - the level of some programmes is not told
        return None
    return 7 + draw % 2 if specialty.level == HIGHER else 5 + draw % 2


def _form(draw: int) -> str:
    return "FULL_TIME" if draw % 3 else "PART_TIME"
