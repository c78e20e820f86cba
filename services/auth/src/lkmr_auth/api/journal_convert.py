"""Entries of the journal as JSON."""

import hashlib
from datetime import datetime

import orjson
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_auth.domain.access_log import Entry, Who, who_did
from lkmr_auth.domain.journal import moment
from lkmr_auth.domain.words import Words
from lkmr_auth.usecases.read_journal import AccessPage, AuditPage

Json = dict[str, object]


def audit_page_to_document(page: AuditPage, words: Words) -> JsonDocument:
    """A page for the auditor."""
    return _document(
        [_audit_item(one, page.accounts.get(one.actor, ""), words) for one in page.entries],
        page,
    )


def access_page_to_document(page: AccessPage, words: Words) -> JsonDocument:
    """A page for the person whose data it is."""
    disputes = {one.event_id: one.create_time for one in page.disputes}
    return _document(
        [_access_item(one, page, words, disputes.get(one.event_id)) for one in page.entries],
        page,
    )


def _audit_item(entry: Entry, account: str, words: Words) -> Json:
    return {
        "seq": entry.seq,
        "id": str(entry.event_id),
        "time": moment(entry.time),
        "actor": entry.actor,
        "actor_account": account,
        "roles": list(entry.roles),
        "organization": entry.organization,
        "operation": entry.operation,
        "title": words.act(entry.operation),
        "object": entry.object,
        "subject": entry.subject,
        "result": entry.result,
        "reason": entry.reason,
        "purpose": entry.purpose,
        "basis": entry.basis,
        "session": entry.session,
        "source": entry.source,
        "trace_id": entry.trace_id,
        "device": entry.device,
    }


def _access_item(entry: Entry, page: AccessPage, words: Words, disputed: datetime | None) -> Json:
    kind = who_did(entry, page.reader)
    name = entry.actor.partition("/")[2]
    if kind in {Who.SELF, Who.PERSON}:
        known = page.names.get(entry.actor)
        name = known.open() if known is not None else ""
    elif kind is Who.PROGRAM:
        name = words.program(name)
    return {
        "id": str(entry.event_id),
        "time": moment(entry.time),
        "actor": {"kind": kind.value, "name": name},
        "automatic": kind in {Who.PROGRAM, Who.PARTNER},
        "role": entry.roles[0] if entry.roles else "",
        "organization": page.organizations.get(entry.organization, ""),
        "operation": entry.operation,
        "title": words.act(entry.operation),
        "object": entry.object,
        "result": entry.result,
        "reason": entry.reason,
        "purpose": words.purpose(entry.purpose),
        "basis": entry.basis,
        "device": entry.device,
        "dispute": {"create_time": moment(disputed)} if disputed else None,
    }


def _document(items: list[Json], page: AuditPage | AccessPage) -> JsonDocument:
    told: Json = {"items": items, "next_page_token": page.next_page_token}
    if page.archived_before is not None:
        told["archived_before"] = page.archived_before
    body = orjson.dumps(told)
    return JsonDocument(body=body, etag=hashlib.sha256(body).hexdigest()[:32])
