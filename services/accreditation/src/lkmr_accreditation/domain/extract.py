"""What stands in an extract (выписка из реестра): facts only, nothing that changes with the day."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime

import orjson

from lkmr_accreditation.domain.accreditation import Entry, Term
from lkmr_accreditation.domain.worker import Job, PersonalFacts
from lkmr_servicekit.clock import MOSCOW


def facts_of(
    personal: PersonalFacts,
    entry: Entry,
    term: Term,
    jobs: Sequence[Job],
    *,
    today: date,
    as_of: str = "",
) -> bytes:
    """The facts of an extract as canonical JSON; equal facts are the same document.

    `as_of` is the moment of stale facts: the register has not confirmed them since. A document of
    them carries the mark and is another one than that of fresh facts.
    The SNILS is masked. Source of the list: order 1082н of 22.11.2021 and the project's own rule.
    """
    name = " ".join(
        part for part in (personal.family_name, personal.given_name, personal.patronymic) if part
    )
    return orjson.dumps(
        ({"as_of": as_of} if as_of else {})
        | {
            "annulled": entry.annulled,
            "birth_date": personal.birth_date,
            "commission": entry.commission,
            "effective_expire_date": _iso(term.effective),
            "expire_date": _iso(term.printed),
            "extension": f"приказ {term.extension.order}" if term.extension else "",
            "kind": entry.kind,
            "name": name,
            "organizations": sorted(
                {(job.organization_name, job.position) for job in jobs if job.current(today)}
            ),
            "protocol_date": _iso(entry.protocol_date),
            "protocol_number": entry.protocol_number,
            "record_date": _iso(entry.record_date),
            "registry_number": entry.registry_number,
            "snils": f"***-***-*{personal.snils[-4:-2]} {personal.snils[-2:]}",
            "specialty": entry.specialty,
        },
        option=orjson.OPT_SORT_KEYS,
    )


def extract_content(
    facts: bytes, *, extract_id: str, code: str, moment: datetime, version: int
) -> bytes:
    """The whole content of an issued extract: its facts, its number, code, moment and source."""
    content = orjson.loads(facts)
    content.update(
        extract_id=extract_id,
        code=code,
        create_time=moment.isoformat(timespec="seconds"),
        source_system="ФРМР",
        source_version=version,
    )
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


FORM = b"lkmr-extract-2:"  # a new form of the document, as with the seal, is a new document


def hash_of(facts: bytes) -> bytes:
    """By what an extract of these facts in the present form is found again."""
    return hashlib.sha256(FORM + facts).digest()


def as_of(content: bytes) -> str:
    """The moment of the stale facts of an issued extract; empty for fresh ones."""
    return str(orjson.loads(content).get("as_of", ""))


def tells(facts: bytes, facts_hash: bytes) -> bool:
    """Whether an extract, in this or an earlier form, was made from these facts."""
    return facts_hash in {hash_of(facts), hashlib.sha256(facts).digest()}


def statement_of(content: bytes) -> bytes:
    """The short statement that the seal signs for the code on paper; `docs/extracts.md` lists it.

    It holds what a reader compares with the paper, so that the code needs no network.
    """
    told = orjson.loads(content)
    statement = {
        "v": 1,
        "id": told["code"],
        "n": told["name"],
        "b": told["birth_date"],
        "s": told["specialty"],
        "k": told["kind"],
        "r": told["registry_number"],
        "d": told["record_date"],
        "e": told["effective_expire_date"],
        "t": told["create_time"],
    }
    if told["annulled"]:
        statement["a"] = 1
    if told.get("as_of"):
        statement["o"] = told["as_of"]
    return orjson.dumps(statement)


def moment_of(time: datetime) -> str:
    """A moment as an extract tells it, Moscow time."""
    return time.astimezone(MOSCOW).isoformat(timespec="minutes")


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
