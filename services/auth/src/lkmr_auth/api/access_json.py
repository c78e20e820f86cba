"""Delegations, emergency accesses and policies as JSON."""

from datetime import datetime

from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_auth.api.administration_json import Json, document, named, text_of
from lkmr_auth.domain.emergency import EmergencyAccess
from lkmr_auth.domain.person import PersonId
from lkmr_auth.usecases.access.delegate import DelegationRow
from lkmr_auth.usecases.access.emergency import EmergencyRow
from lkmr_auth.usecases.access.policies import PolicyState


def delegations_page(rows: tuple[DelegationRow, ...], own: PersonId) -> JsonDocument:
    """`given` says on which side the reader stands."""
    items = [
        {
            "id": str(row.delegation.id),
            "given": row.delegation.person_id == own,
            "role": row.delegation.role,
            "organization": row.delegation.organization_id,
            "giver": named(row.giver, masked=False),
            "delegate": named(row.delegate, masked=False),
            "start_date": row.delegation.start_date.isoformat(),
            "end_date": row.delegation.end_date.isoformat(),
            "create_time": text_of(row.delegation.create_time),
        }
        for row in rows
    ]
    return document({"items": items})


def own_emergencies_page(found: tuple[EmergencyAccess, ...], now: datetime) -> JsonDocument:
    return document({"items": [_emergency(one, now) for one in found]})


def emergencies_page(rows: tuple[EmergencyRow, ...], now: datetime) -> JsonDocument:
    items = [
        _emergency(row.access, now) | {"person": named(row.person, masked=False)} for row in rows
    ]
    return document({"items": items})


def policies_page(found: tuple[PolicyState, ...]) -> JsonDocument:
    items = [
        {
            "key": one.kind.key,
            "words": one.kind.words,
            "source": one.kind.source,
            "least": one.kind.least,
            "most": one.kind.most,
            "choices": list(one.kind.choices),
            "organization": one.organization,
            "shipped_value": one.kind.value,
            "value": one.value,
            "decisions": [
                {
                    "value": decision.value,
                    "effective_date": decision.effective_date.isoformat(),
                    "decide_time": text_of(decision.decide_time),
                    "reason": decision.reason,
                    "person": named(person, masked=False),
                }
                for decision, person in one.decisions
            ],
        }
        for one in found
    ]
    return document({"items": items})


def _emergency(one: EmergencyAccess, now: datetime) -> Json:
    return {
        "id": str(one.id),
        "object": one.object,
        "organization": one.organization_id,
        "reason_code": one.reason_code,
        "reason": one.reason,
        "start_time": text_of(one.start_time),
        "expire_time": text_of(one.end_time or one.expire_time),
        "open": one.lasts(now),
        "review_due_date": one.review_due_date.isoformat(),
        "review_time": text_of(one.review_time),
        "review_result": one.review_result.value if one.review_result else "",
    }
