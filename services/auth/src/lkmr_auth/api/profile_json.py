"""The own account as JSON."""

import hashlib
from datetime import UTC, datetime

import orjson
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_auth.domain.legal import DecisionRecord
from lkmr_auth.domain.person import masked_phone
from lkmr_auth.usecases.consents import ConsentState, OwnProfile


def own_profile_to_proto(found: OwnProfile) -> JsonDocument:
    """Contacts are masked: the person knows them, who looks over the shoulder does not."""
    person = found.person
    phone, email = person.contacts.phone.open(), person.contacts.email.open()
    body = orjson.dumps(
        {
            "account_number": person.account_number,
            "family_name": person.names.family_name.open(),
            "given_name": person.names.given_name.open(),
            "patronymic": person.names.patronymic.open(),
            "phone": masked_phone(phone) if phone else "",
            "email": _masked_email(email),
            "password_set": found.password_set,
            "consents": [_consent(one) for one in found.consents],
            "history": [_decision(one) for one in found.history],
        }
    )
    return JsonDocument(body=body, etag=hashlib.sha256(body).hexdigest()[:32])


def _masked_email(email: str) -> str:
    name, at, host = email.partition("@")
    return f"{name[:1]}***@{host}" if at else ""


def _consent(state: ConsentState) -> dict[str, object]:
    document, decision = state.document, state.decision
    return {
        "id": document.id,
        "kind": document.kind.value,
        "version": document.version,
        "title": document.title,
        "purpose": document.purpose,
        "paragraphs": list(document.paragraphs),
        "text_hash": document.text_hash.hex(),
        "decision": decision.decision.value if decision else None,
        "decided_version": decision.version if decision else None,
        "decide_time": _text(decision.time) if decision else None,
    }


def _decision(record: DecisionRecord) -> dict[str, object]:
    return {
        "document": record.document,
        "version": record.version,
        "text_hash": record.text_hash.hex(),
        "decision": record.decision.value,
        "time": _text(record.time),
    }


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
