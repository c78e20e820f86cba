"""Answers of ESIA: faults in all their forms, tokens, people. What is odd is refused."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from lkmr_auth.domain.errors import (
    AccountNotConfirmed,
    EsiaAnswerRefused,
    EsiaCodeRefused,
    EsiaDenied,
    EsiaMaintenance,
    EsiaOverloaded,
    EsiaRequestRefused,
    EsiaUnavailable,
    SecondFactorRefused,
)
from lkmr_auth.domain.esia import EsiaPerson
from lkmr_auth.domain.person import Contacts, PersonalNames, phone_digits
from lkmr_esia import parse_esia_code
from lkmr_servicekit.errors import Refusal
from lkmr_servicekit.personal import Personal

CLOCK_WRONG = "ESIA-007015"
SIGNATURE_WRONG = frozenset({"ESIA-007053", "ESIA-007005"})
PASSING = frozenset({"ESIA-007007", "ESIA-007008"})
RETRY_SECONDS = 30
_MAX_RETRY_SECONDS = 3600
_TOO_MANY, _UNAVAILABLE, _SERVER_FAULT = 429, 503, 500
_MAINTENANCE = re.compile(r"maintenance|(технически|планов|регламентн)\w* работ", re.IGNORECASE)

_BY_CODE: dict[str, type[Refusal]] = {
    "ESIA-007004": EsiaDenied,
    "ESIA-007007": EsiaUnavailable,
    "ESIA-007011": EsiaCodeRefused,
    "ESIA-007019": EsiaDenied,
    "ESIA-007046": SecondFactorRefused,
    "ESIA-007055": AccountNotConfirmed,
}
_BY_WORD: dict[str, type[Refusal]] = {
    "access_denied": EsiaDenied,
    "invalid_grant": EsiaCodeRefused,
    "server_error": EsiaUnavailable,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, read to its end and at most 64 KiB long."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON. Raises EsiaAnswerRefused."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise EsiaAnswerRefused from None

    @property
    def esia_code(self) -> str:
        """`ESIA-nnnnnn` anywhere in the body, or nothing."""
        return parse_esia_code(self.body) or ""


def refusal_of_error(error: str, esia_code: str) -> Refusal:
    """What an OAuth error of ESIA means for the person. The words of its text mean nothing."""
    if esia_code == "ESIA-007008" or (not esia_code and error == "temporarily_unavailable"):
        return EsiaOverloaded(seconds=RETRY_SECONDS)
    if kind := _BY_CODE.get(esia_code):
        return kind()
    if not esia_code and (kind := _BY_WORD.get(error)):
        return kind()
    # All the rest is a fault of our request or registration: an alarm for us, a pause for people.
    return EsiaRequestRefused(esia_code=esia_code) if esia_code else EsiaRequestRefused()


def refusal_of_token_answer(answer: Answer, now: datetime) -> Refusal:
    """Why the token endpoint gave no tokens."""
    if answer.status == _TOO_MANY or (answer.status >= _SERVER_FAULT and not answer.esia_code):
        return refusal_of_status(answer, now)
    try:
        content = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        content = None
    first = content[0] if isinstance(content, list) and content else content
    error = first.get("error") if isinstance(first, dict) else ""
    if not answer.esia_code and not isinstance(error, str):
        return EsiaAnswerRefused()
    if not answer.esia_code and not error:
        return EsiaUnavailable()
    return refusal_of_error(str(error), answer.esia_code)


def refusal_of_status(answer: Answer, now: datetime) -> Refusal:
    """Why ESIA as a whole does not serve: planned works, overload, or a fault."""
    seconds = retry_after(answer.headers.get("retry-after", ""), now)
    if answer.status == _UNAVAILABLE:
        text = answer.body.decode("utf-8", errors="replace")
        if _MAINTENANCE.search(text):
            end = _end_of_works(answer) or (now + timedelta(seconds=seconds) if seconds else None)
            return EsiaMaintenance(end_time=_utc(end)) if end else EsiaMaintenance()
    if answer.status == _TOO_MANY or (answer.status == _UNAVAILABLE and seconds):
        return EsiaOverloaded(seconds=seconds or RETRY_SECONDS)
    return EsiaUnavailable()


def retry_after(text: str, now: datetime) -> int:
    """Seconds of a `Retry-After`, at most an hour; 0 when it says nothing that can be read."""
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), _MAX_RETRY_SECONDS)
    moment = http_date(text)
    if moment is None:
        return 0
    return min(max(round((moment - now).total_seconds()), 0), _MAX_RETRY_SECONDS)


def http_date(text: str) -> datetime | None:
    """A date of HTTP; None when it is none."""
    try:
        return datetime.strptime(text, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    except ValueError:
        return None


def _end_of_works(answer: Answer) -> datetime | None:
    try:
        content = orjson.loads(answer.body)
        text = content.get("until") if isinstance(content, dict) else None
        end = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return end if end is None or end.tzinfo else None


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAnswer:
    """Tokens as they came, not yet checked."""

    access_token: str
    refresh_token: str
    id_token: str


def tokens_of(answer: Answer, state: str, *, with_id: bool) -> TokenAnswer:
    """The tokens of an answer that echoes the `state` of its request. Raises EsiaAnswerRefused."""
    content = answer.json()
    if not isinstance(content, dict) or content.get("state") != state:
        raise EsiaAnswerRefused
    return relayed_tokens_of(answer, with_id=with_id)


def relayed_tokens_of(answer: Answer, *, with_id: bool) -> TokenAnswer:
    """The tokens of a certified gateway, which echoes nothing. Raises EsiaAnswerRefused."""
    content = answer.json()
    if not isinstance(content, dict):
        raise EsiaAnswerRefused
    if str(content.get("token_type", "Bearer")).lower() != "bearer":
        raise EsiaAnswerRefused
    access, refresh = _text(content, "access_token"), _text(content, "refresh_token")
    id_token = _text(content, "id_token")
    if not access or not refresh or (with_id and not id_token):
        raise EsiaAnswerRefused
    return TokenAnswer(
        access_token=access, refresh_token=refresh, id_token=id_token if with_id else ""
    )


def person_of(person: Any, contacts: Sequence[Any], documents: Sequence[Any]) -> EsiaPerson:
    """A person with what the scopes gave. Raises EsiaAnswerRefused without names or birth date."""
    if not isinstance(person, dict):
        raise EsiaAnswerRefused
    family_name, given_name = _text(person, "lastName"), _text(person, "firstName")
    birth_date = _iso_date(_text(person, "birthDate"))
    if not (family_name and given_name and birth_date):
        raise EsiaAnswerRefused
    return EsiaPerson(
        names=PersonalNames(
            family_name=Personal(family_name),
            given_name=Personal(given_name),
            patronymic=Personal(_text(person, "middleName")),
        ),
        birth_date=Personal(birth_date),
        snils=Personal(_text(person, "snils")),
        trusted=person.get("trusted") is True and person.get("status", "REGISTERED") != "DELETED",
        policy_number=Personal(_policy(documents)),
        contacts=Contacts(
            email=Personal(_contact(contacts, "EML")),
            phone=Personal(phone_digits(_contact(contacts, "MBT"))),
        ),
    )


def elements_of(collection: Any) -> list[Any]:
    """The elements of a collection: objects, or addresses to follow. Raises EsiaAnswerRefused."""
    elements = collection.get("elements", []) if isinstance(collection, dict) else None
    if not isinstance(elements, list):
        raise EsiaAnswerRefused
    return elements


def _contact(contacts: Sequence[Any], kind: str) -> str:
    """A contact that ESIA has verified; others could be anybody's."""
    for one in contacts:
        if isinstance(one, dict) and one.get("type") == kind and one.get("vrfStu") == "VERIFIED":
            return _text(one, "value")
    return ""


def _policy(documents: Sequence[Any]) -> str:
    """Number of the policy (полис ОМС); it is usually not verified, and good for comparing only."""
    policies = [
        one for one in documents if isinstance(one, dict) and one.get("type") == "MDCL_PLCY"
    ]
    policies.sort(key=lambda one: one.get("vrfStu") != "VERIFIED")
    return re.sub(r"[ -]", "", _text(policies[0], "number")) if policies else ""


def _iso_date(text: str) -> str:
    day, _, rest = text.partition(".")
    month, _, year = rest.partition(".")
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _text(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    return value.strip() if isinstance(value, str) else ""
