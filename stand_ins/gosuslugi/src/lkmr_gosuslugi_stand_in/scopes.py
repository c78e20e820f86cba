"""Scopes (области доступа) that ESIA knows, and what the consent page calls them."""

from lkmr_esia.claims import Scope

PERSONAL = {
    "openid": "Подтверждение входа",
    "fullname": "Фамилия, имя и отчество",
    "birthdate": "Дата рождения",
    "birthplace": "Место рождения",
    "gender": "Пол",
    "snils": "СНИЛС",
    "inn": "ИНН",
    "id_doc": "Документ, удостоверяющий личность, и гражданство",
    "medical_doc": "Полис обязательного медицинского страхования",
    "email": "Адрес электронной почты",
    "mobile": "Номер мобильного телефона",
    "contacts": "Контакты",
    "addresses": "Адреса",
    "vehicles": "Транспортные средства",
    "usr_org": "Список организаций и роли в них",
}
_MORE = """drivers_licence_doc foreign_passport_doc birth_cert_doc military_doc residence_doc
temporary_residence_doc history_passport_doc change_fullname_cert_doc marriage_cert_doc
divorce_cert_doc paternity_cert_doc kid_fullname kid_birthdate kid_gender kid_snils kid_inn
kid_birth_cert_doc kid_medical_doc kid_mobile kid_email educational_doc student_ticket
self_employed bank_account electronic_workbook remd_medical_doc bio ext_auth_result usr_avt
usr_reg_cxt prm_chg"""
_ORGANIZATION = """org_shortname org_fullname org_type org_ogrn org_inn org_leg org_kpp
org_agencyterrange org_agencytype org_oktmo org_ctts org_addrs org_vhls org_grps org_emps org_brhs
org_inf org_invts org_profile"""
ORGANIZATION = frozenset(_ORGANIZATION.split())
KNOWN = frozenset(PERSONAL) | frozenset(_MORE.split()) | ORGANIZATION


def names_of(scope: str) -> tuple[str, ...]:
    """Names in a request, once each and in order; ValueError for an item that cannot be read."""
    return tuple(dict.fromkeys(Scope.parse(item).name for item in scope.split(" ") if item))


def granted_scope(scope: str, oid: int) -> str:
    """The `scope` of a token: each personal scope is bound to the person by `?oid=`."""
    items = []
    for item in dict.fromkeys(part for part in scope.split(" ") if part):
        bound = item == "openid" or "?" in item or "/" in item
        items.append(item if bound else f"{item}?oid={oid}")
    return " ".join(items)


def wording(name: str) -> str:
    """What the consent page calls a scope."""
    if name in ORGANIZATION:
        return f"Сведения об организации ({name})"
    return PERSONAL.get(name, f"Сведения «{name}»")
