"""Roles and sections in words of the interface."""

from lkmr_servicekit.identity import NO_PROFILE

_ROLES = {
    "DOCTOR": "врач",
    "NURSE": "медицинская сестра",
    "HEAD_DEPT": "заведующий отделением",
    "HEAD_ORG": "руководитель организации",
    "HR": "отдел кадров",
    "REGISTRAR": "регистратор",
    "STAT": "статистик",
    "PKU": "ответственный за предметно-количественный учёт",
    "IT_ADMIN": "администратор ИТ",
    "SEC_ADMIN": "администратор безопасности",
    "AUDITOR": "аудитор",
    "REGULATOR": "представитель регулятора",
    "SUPPORT": "сотрудник поддержки",
    "EDU_COORD": "координатор обучения",
    "DEPUTY_DEPT": "замещающий заведующего отделением",
    "DEPUTY_ORG": "замещающий руководителя организации",
    NO_PROFILE: "без текущей работы",
}
_NOT_GIVEN = frozenset({NO_PROFILE, "DEPUTY_DEPT", "DEPUTY_ORG"})
SECTIONS = {
    "accounts": "Сотрудники и роли",
    "incidents": "Инциденты",
    "accreditation_forms": "Согласования",
    "patient_clinical": "Карты пациентов",
    "accreditation": "Документы и аккредитация",
    "education": "Обучение (НМО)",
    "audit": "Журнал безопасности",
}
WHOM_TO_ASK = "руководителя вашей организации или администратора ИТ"


def all_roles() -> tuple[tuple[str, str], ...]:
    """Roles that can be given, with their words."""
    return tuple((code, word) for code, word in _ROLES.items() if code not in _NOT_GIVEN)


def role_word(role: str) -> str:
    """A role in words; one that this release does not know stays a code."""
    return _ROLES.get(role, role)
