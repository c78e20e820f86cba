"""Words and codes of the registers: specialties, posts, organisations.

Codes follow the reference books of specialties (1.2.643.5.1.13.13.11.1066) and posts
(1.2.643.5.1.13.13.11.1002) where they are publicly known; the others are ours.
"""

from dataclasses import dataclass

from lkmr_stand_in_kit.people import Organization, load_people


@dataclass(frozen=True, slots=True)
class Specialty:
    """A specialty (специальность), its level of education, and the post it is usually held in."""

    code: str
    name: str
    level: str
    position: str
    department: str


HIGHER, SECONDARY = "HIGHER", "SECONDARY"
SPECIALTIES = (
    Specialty("27", "терапия", HIGHER, "врач-терапевт участковый", "терапевтическое отделение"),
    Specialty(
        "219", "сестринское дело", SECONDARY, "медицинская сестра", "терапевтическое отделение"
    ),
    Specialty("22", "педиатрия", HIGHER, "врач-педиатр участковый", "педиатрическое отделение"),
    Specialty("118", "кардиология", HIGHER, "врач-кардиолог", "кардиологическое отделение"),
    Specialty("14", "неврология", HIGHER, "врач-невролог", "неврологическое отделение"),
    Specialty("30", "хирургия", HIGHER, "врач-хирург", "хирургическое отделение"),
    Specialty("62", "офтальмология", HIGHER, "врач-офтальмолог", "офтальмологическое отделение"),
    Specialty("206", "лечебное дело", SECONDARY, "фельдшер", "терапевтическое отделение"),
    Specialty("24", "рентгенология", HIGHER, "врач-рентгенолог", "отделение лучевой диагностики"),
    Specialty(
        "35",
        "функциональная диагностика",
        HIGHER,
        "врач функциональной диагностики",
        "отделение функциональной диагностики",
    ),
    Specialty(
        "16",
        "общая врачебная практика (семейная медицина)",
        HIGHER,
        "врач общей практики (семейный врач)",
        "отделение общей врачебной практики",
    ),
    Specialty(
        "13",
        "клиническая лабораторная диагностика",
        HIGHER,
        "врач клинической лабораторной диагностики",
        "клинико-диагностическая лаборатория",
    ),
    Specialty("207", "акушерское дело", SECONDARY, "акушерка", "женская консультация"),
    Specialty(
        "215",
        "лабораторная диагностика",
        SECONDARY,
        "медицинский лабораторный техник",
        "клинико-диагностическая лаборатория",
    ),
    Specialty(
        "220",
        "сестринское дело в педиатрии",
        SECONDARY,
        "медицинская сестра участковая",
        "педиатрическое отделение",
    ),
    Specialty(
        "90",
        "организация здравоохранения и общественное здоровье",
        HIGHER,
        "главный врач",
        "администрация",
    ),
)
BY_NAME = {one.name: one for one in SPECIALTIES}

POSITION_CODES = {
    "врач-терапевт": "109",
    "врач-терапевт участковый": "110",
    "врач-кардиолог": "34",
    "врач клинической лабораторной диагностики": "35",
    "врач общей практики (семейный врач)": "49",
    "врач-оториноларинголог": "53",
    "врач-педиатр": "58",
    "врач-педиатр участковый": "59",
    "врач-рентгенолог": "94",
    "врач функциональной диагностики": "121",
    "врач-хирург": "122",
    "врач-невролог": "47",
    "врач-офтальмолог": "55",
    "главный врач": "2",
    "заведующий терапевтическим отделением": "7",
    "медицинская сестра": "159",
    "старшая медицинская сестра": "150",
    "медицинская сестра участковая": "163",
    "фельдшер": "195",
    "акушерка": "140",
    "медицинский лабораторный техник": "156",
    "медицинский регистратор": "204",
    "медицинский статистик": "205",
}

COMMISSIONS = {
    HIGHER: "Центральная аккредитационная комиссия специалистов с высшим образованием",
    SECONDARY: "Центральная аккредитационная комиссия специалистов со средним образованием",
}

REGIONS = (
    *(1, 2, 3, 5, 10, 11, 12, 13, 14, 16, 18, 19, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32),
    *(33, 34, 35, 36, 37, 38, 39, 40, 42, 43, 44, 45, 46, 47, 48, 50, 51, 52, 53, 54, 55, 56, 57),
    *(58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 76, 78),
)
GENERATED_ORGANIZATIONS = 500
_KINDS = (
    ("ГБУЗ «Городская поликлиника № {n}»", "ГП № {n}"),
    ("ГБУЗ «Городская больница № {n}»", "ГБ № {n}"),
    ("ГБУЗ «Центральная районная больница № {n}»", "ЦРБ № {n}"),
    ("ГБУЗ «Детская поликлиника № {n}»", "ДП № {n}"),
    ("ГАУЗ «Областной клинический центр № {n}»", "ОКЦ № {n}"),
)


def generated_organizations() -> tuple[Organization, ...]:
    """The organisations in which generated workers work; the same on every machine."""
    made = []
    for place in range(GENERATED_ORGANIZATIONS):
        region = f"{REGIONS[place % len(REGIONS)]:02d}"
        name, short = _KINDS[place % len(_KINDS)]
        number = 10_000 + place
        made.append(
            Organization(
                id=f"gen-{number}",
                oid=f"1.2.643.5.1.13.13.12.2.{int(region)}.{number}",
                name=name.format(n=place + 1),
                short_name=short.format(n=place + 1),
                region_code=region,
            )
        )
    return tuple(made)


class Organizations:
    """The register of organisations (ФРМО): those of the demo set and the generated ones."""

    def __init__(self) -> None:
        demo = load_people()
        self.all = (*demo.organizations, *generated_organizations())
        self._by_key = {key: one for one in self.all for key in (one.id, one.oid)}
        self._demo_departments: dict[str, list[str]] = {}
        for job in (job for person in demo.people for job in person.jobs):
            names = self._demo_departments.setdefault(job.organization, [])
            if job.department and job.department not in names:
                names.append(job.department)

    def find(self, key: str) -> Organization | None:
        """The organisation with this OID or id of the demo set."""
        return self._by_key.get(key)

    def departments(self, organization: Organization) -> list[tuple[str, str]]:
        """Departments as (OID, name); the OID is that of the organisation with `.0.<n>`."""
        if organization.id in self._demo_departments:
            names = self._demo_departments[organization.id]
        elif organization.id.startswith("gen-"):
            names = sorted({one.department for one in SPECIALTIES})
        else:
            names = []
        return [(f"{organization.oid}.0.{n}", name) for n, name in enumerate(names, start=1)]
