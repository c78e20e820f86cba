"""What services and scanners told, as facts with words for people."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from lkmr_rig.evidence.fact import Fact, absent, fact
from lkmr_servicekit.clock import real_now

Told = Mapping[str, Any]
_PLACES = {"TABLE": "под рукой", "ARCHIVE": "в архиве", "ENDED": "срок закончился"}


def journal(told: Told) -> Fact:
    """The chain of acts, verified now."""
    found = told["journal"]
    verdict = "цел" if found["sound"] else "НАРУШЕН"
    acts = ", ".join(f"{one['result']} {one['acts']}" for one in told["acts"])
    line = (
        f"журнал {verdict}: проверено строк {found['rows']}, последняя {found['head']},"
        f" подписанных отметок {found['statements']}, месяцев в архиве {found['archived_months']}"
    )
    lines = [line, f"действия за 90 дней: {acts or 'нет'}"]
    return fact(lines, {"journal": found, "acts": told["acts"]}, found["flaws"])


def retention(told: Told) -> Fact:
    """Where months of the journal lie, and until when."""
    found = told["retention"]
    lines = [f"под рукой {found['hot_months']} мес., всего {found['whole_months']} мес."]
    lines += [
        f"{one['month']}: {_PLACES[one['place']]}, строки {one['first']}…{one['last']},"
        f" в архив с {one['archive_on']}, до {one['end_on']}"
        for one in found["months"]
    ]
    late = [
        f"{one['month']} лежит не там, где велит срок" for one in found["months"] if one["late"]
    ]
    return fact(lines, found, late)


def consents(told: Told) -> Fact:
    """How many people decided what, by purpose."""
    rows = told["consents"]
    lines = [f"«{one['purpose']}»: {one['decision']} — {one['people']} чел." for one in rows]
    return fact(lines or ["решений ещё нет"], rows)


def data_requests(told: Told) -> Fact:
    """Requests of people about their data, and terms that were kept."""
    rows = told["data_requests"]
    lines = [
        f"{one['kind']}: всего {one['total']}, отвечено {one['answered']}, в срок {one['in_time']}"
        for one in rows
    ]
    late = [f"{one['kind']}: просрочено {one['overdue']}" for one in rows if one["overdue"]]
    return fact(lines or ["обращений ещё не было"], rows, late)


def incidents(told: Told) -> Fact:
    """Incidents by kind, and both clocks of each leak."""
    rows, leaks = told["incidents"], told["leaks"]
    lines = [f"{one['kind']}, {one['state']}: {one['incidents']}" for one in rows]
    lines += [
        f"утечка № {one['number']}: обнаружена {one['discover_time']}, первое сообщение (24 ч)"
        f" {one['notice_time'] or 'ещё нет'}, итог (72 ч) {one['result_time'] or 'ещё нет'}"
        for one in leaks
    ]
    late = [
        f"утечка № {one['number']}: срок {hours} ч не выдержан"
        for one in leaks
        for name, hours in (("notice_kept", 24), ("result_kept", 72))
        if not one[name]
    ]
    return fact(lines or ["инцидентов не было"], {"incidents": rows, "leaks": leaks}, late)


def sessions(told: Told) -> Fact:
    """Open sessions, and why others ended: SUSPICIOUS is the guard's doing."""
    rows = told["sessions"]
    lines = [f"{one['state']} {one['reason']}".strip() + f": {one['sessions']}" for one in rows]
    return fact(lines or ["сеансов ещё не было"], rows)


def sign_ins(told: Told) -> Fact:
    """Sign-ins, second factors and locks of the last 90 days."""
    rows = told["sign_ins"]
    lines = [f"{one['operation']} {one['result']}: {one['acts']}" for one in rows]
    return fact(lines or ["входов за 90 дней не было"], rows)


def assessments(told: Told) -> Fact:
    """What the operator assessed, and what is due."""
    rows = told["assessments"]
    lines, to_do = [], []
    for one in rows:
        if one["last"]:
            done = f"{one['last']}, значение «{one['value']}», {one['document']}"
            lines.append(f"{one['words']}: {done}; следующая до {one['due_on']} ({one['source']})")
        else:
            to_do.append(f"{one['words']}: ещё не проводилась, нужна до {one['due_on']}")
        if one["late"]:
            to_do.append(f"{one['words']}: просрочена с {one['due_on']}")
    return fact(lines, rows, to_do)


BY_AUTH: Mapping[str, Callable[[Told], Fact]] = {
    "journal": journal,
    "retention": retention,
    "consents": consents,
    "data_requests": data_requests,
    "incidents": incidents,
    "sessions": sessions,
    "sign_ins": sign_ins,
    "assessments": assessments,
}


def keys(rings: Sequence[tuple[str, Any]]) -> Fact:
    """The key ring of each service with the ages of its keys."""
    now, lines, to_do = real_now(), [], []
    for service, ring in rings:
        if ring is None:
            to_do.append(f"{service}: ключи не прочитаны")
            continue
        due = datetime.fromisoformat(ring["rotate_by"]) if ring["rotate_by"] else None
        made = {one["id"]: one["made"] for one in ring["keys"]}[ring["active"]]
        lines.append(
            f"{service}: ключей {len(ring['keys'])}, активный {ring['active']}"
            f" с {made or 'неизвестного дня'}, под ними ключей данных"
            f" {sum(one['data_keys'] for one in ring['keys'])}, закрыт: {ring['sealed_by']}"
        )
        if due is None:
            to_do.append(f"{service}: возраст активного ключа неизвестен, смените его")
        elif due < now:
            to_do.append(f"{service}: срок смены ключа прошёл {due.date()}")
    return fact(lines, [ring for _, ring in rings], to_do)


def law(told: Any) -> Fact:
    """The registry of norms."""
    if told is None:
        return absent("служба accreditation не ответила")
    late = [
        f"норма {one['key']} ({one['owner']}) не пересмотрена к {one['review_on']}"
        for one in told["late"]
    ]
    line = f"реестр норм {told['version']}: всего {told['norms']}, в силе {told['in_force']}"
    return fact([line], told, late)


def scan(report: Any) -> Fact:
    """The report of the scanners."""
    if report is None:
        return absent("проверка не выполнилась")
    to_do = [f"{one['name']}: не выполнено ({one['absent']})" for one in _not_run(report)]
    lines = []
    for one in report["scanners"]:
        if not one["ran"]:
            continue
        states = Counter(found["state"] for found in one["findings"])
        lines.append(f"{one['name']}: находок {len(one['findings'])} {dict(states) or ''}".rstrip())
        to_do += [
            f"{found['key']}: {found['severity']}, {found['age_days']} дн.,"
            f" исправить до {found['fix_until']}"
            for found in one["findings"]
            if not found["harmless"]
        ]
    ages = [one["age_days"] for one in report["packages"]["items"]]
    if ages:
        lines.append(f"пакетов {len(ages)}, старший {max(ages)} дн.; проверка {report['day']}")
    return fact(lines, report, to_do)


def _not_run(report: Told) -> list[Told]:
    return [one for one in report["scanners"] if not one["ran"]]
