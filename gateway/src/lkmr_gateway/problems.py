"""The one table from refusals to what a person or a program is shown."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files

import orjson

from lkmr_servicekit.clock import MOSCOW
from lkmr_servicekit.errors import Category, FieldFault, ServiceError

PROBLEM_JSON = b"application/problem+json"
_OWN = "gateway"
_UPGRADE_REQUIRED = 426
_BY_CATEGORY = {
    Category.INVALID_ARGUMENT: "LKMR-SYS-008",
    Category.NOT_FOUND: "LKMR-SYS-004",
    Category.ALREADY_EXISTS: "LKMR-SYS-013",
    Category.FAILED_PRECONDITION: "LKMR-SYS-013",
    Category.PERMISSION_DENIED: "LKMR-SYS-016",
    Category.UNAUTHENTICATED: "LKMR-SESS-001",
    Category.CONFLICT: "LKMR-SYS-013",
    Category.RATE_LIMITED: "LKMR-SYS-003",
    Category.UNAVAILABLE: "LKMR-SYS-010",
    Category.TIMED_OUT: "LKMR-SYS-011",
    Category.INTERNAL: "LKMR-SYS-001",
}
_FIELD_WORDS = {
    "name": "фамилия, имя, отчество",
    "family_name": "фамилия",
    "given_name": "имя",
    "patronymic": "отчество",
    "birth_date": "дата рождения",
    "policy_number": "номер полиса ОМС",
    "snils": "СНИЛС",
}
_ACTIONS = {
    "sign_in": {"id": "sign_in", "label": "Попробовать ещё раз", "href": "/auth/login"},
    "step_up": {"id": "step_up", "label": "Подтвердить, что это вы", "href": "/step-up"},
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One code of the catalogue."""

    code: str
    status: int
    title: str
    detail: str
    detail_with: str
    instruction: tuple[str, ...]
    reasons: tuple[str, ...]
    fields: tuple[str, ...]
    action: str
    portal: str = ""
    """The page of Gosuslugi where it is mended, by its name in `portal.py`."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal in the words of the catalogue. `retry_after` is in seconds, 0 for none."""

    entry: Entry
    reason: str
    domain: str = _OWN
    metadata: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[FieldFault, ...] = ()
    retry_after: int = 0
    allow: str = ""

    @property
    def code(self) -> str:
        """What a person reads out to support, as LKMR-AUTH-002."""
        return self.entry.code

    @property
    def status(self) -> int:
        """HTTP status."""
        return self.entry.status

    @property
    def detail(self) -> str:
        """The cause in words, with the figures of the metadata when they came along."""
        if self.entry.detail_with:
            try:
                return self.entry.detail_with.format_map(_worded(self.metadata))
            except KeyError:
                pass
        return self.entry.detail

    @property
    def differing_fields(self) -> tuple[str, ...]:
        """Names of the fields that differ between Gosuslugi and a register."""
        named = (name.strip() for name in self.metadata.get("fields", "").split(","))
        return tuple(name for name in named if name) or self.entry.fields

    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """Headers that belong to the refusal."""
        made: list[tuple[bytes, bytes]] = []
        if self.retry_after:
            made.append((b"retry-after", b"%d" % self.retry_after))
        if self.status == _UPGRADE_REQUIRED:
            made.append((b"upgrade", b"TLS/1.3"))
            made.append((b"connection", b"upgrade"))
        if self.allow:
            made.append((b"allow", self.allow.encode()))
        return tuple(made)

    def to_json(self, trace_id: str, moment: datetime) -> bytes:
        """The answer for programs (RFC 9457)."""
        body: dict[str, object] = {
            "type": f"urn:lkmr:error:{self.domain}:{self.reason}",
            "title": self.entry.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "reason": self.reason,
            "instruction": list(self.entry.instruction),
            "actions": [_ACTIONS[self.entry.action]] if self.entry.action else [],
            "metadata": dict(self.metadata),
            "retry_after": self.retry_after,
            "trace_id": trace_id,
            "time": moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        }
        if self.errors:
            body["errors"] = [
                {"field": one.field, "code": one.code, "detail": one.detail or "Не подходит."}
                for one in self.errors
            ]
        return orjson.dumps(body)


def problem_of(error: ServiceError) -> Problem:
    """What a refusal of a service means to the outside; a reason unknown here by its category."""
    entry = by_reason(error.reason) or catalogue()[_BY_CATEGORY[error.category]]
    hidden = error.category is Category.INTERNAL
    faults = error.fields
    if not faults and error.category is Category.INVALID_ARGUMENT and "field" in error.metadata:
        faults = (FieldFault(error.metadata["field"], error.reason),)
    return Problem(
        entry,
        "INTERNAL" if hidden else error.reason,
        error.domain or _OWN,
        {} if hidden else error.metadata,
        faults,
        _seconds(error.metadata, entry.status),
    )


def problem(
    reason: str,
    *,
    errors: Sequence[FieldFault] = (),
    seconds: int = 0,
    allow: str = "",
    **metadata: str,
) -> Problem:
    """A refusal of the gateway itself. Raises LookupError for a reason without a code."""
    entry = by_reason(reason)
    if entry is None:
        raise LookupError(reason)
    if seconds:
        metadata["seconds"] = str(seconds)
    return Problem(entry, reason, _OWN, metadata, tuple(errors), seconds, allow)


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, Entry]:
    """All codes, in the order of the file."""
    text = files("lkmr_gateway").joinpath("catalogue.toml").read_text(encoding="utf-8")
    return {
        code: Entry(
            code=code,
            status=row["status"],
            title=row["title"],
            detail=row["detail"],
            detail_with=row.get("detail_with", ""),
            instruction=tuple(row["instruction"]),
            reasons=tuple(row["reasons"]),
            fields=tuple(row.get("fields", ())),
            action=row.get("action", ""),
            portal=row.get("portal", ""),
        )
        for code, row in tomllib.loads(text).items()
    }


@lru_cache(maxsize=1)
def _reasons() -> Mapping[str, Entry]:
    return {reason: entry for entry in catalogue().values() for reason in entry.reasons}


def by_reason(reason: str) -> Entry | None:
    """The code under which a reason is shown; None when the catalogue does not name it."""
    return _reasons().get(reason)


def catalogue_markdown() -> str:
    """`docs/errors.md`: all codes with status, reasons, text and what to do."""
    lines = [
        "# Коды ошибок",
        "",
        "Создано из `gateway/src/lkmr_gateway/catalogue.toml`; правится там.",
        "",
        "| Код | HTTP | Причины (`reason`) | Сообщение | Что делать |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {one.code} | {one.status} | {', '.join(f'`{reason}`' for reason in one.reasons)} "
        f"| {one.title} | {' '.join(one.instruction)} |"
        for one in catalogue().values()
    ]
    return "\n".join(lines) + "\n"


def _seconds(metadata: Mapping[str, str], status: int) -> int:
    try:
        return max(1, min(int(float(metadata["seconds"])), 86_400))
    except (KeyError, ValueError, OverflowError):
        return 5 if status in (429, 503) else 0


def _worded(metadata: Mapping[str, str]) -> dict[str, str]:
    """Metadata as words of a Russian sentence."""
    words = dict(metadata)
    if "fields" in words:
        names = (name.strip() for name in words["fields"].split(","))
        words["fields"] = "; ".join(_FIELD_WORDS.get(name, name) for name in names)
    for name in ("end_time", "fetch_time"):
        if words.get(name):
            try:
                moment = datetime.fromisoformat(words[name])
            except ValueError:
                del words[name]
            else:
                words[name] = f"{moment.astimezone(MOSCOW):%d.%m.%Y %H:%M} МСК"
        else:
            words.pop(name, None)
    return words
