"""The regional health authority (орган управления): takes signed reports and checks them."""

import base64
import binascii
from hashlib import sha256
from typing import Any, Literal

import orjson
from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from lkmr_egisz_stand_in.answers import answer, refusal
from lkmr_gost import load_certificate
from lkmr_gost.certificates import CertificateUnreadable
from lkmr_gost.cms import CmsRefused, verify_signed
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.telemetry import log
from lkmr_stand_in_kit.behaviour import as_utc
from lkmr_stand_in_kit.store import Store

REPORT, BY_ID, VERDICT, RECEIVED = "authority_report", "authority_id", "authority_verdict", "report"
_MAX = 4 * 1024 * 1024


class Handed(BaseModel):
    """A signed report; `content`, `signature` and `certificate` are base64."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    report_id: str = Field(min_length=1, max_length=100)
    organization_oid: str = Field(min_length=1, max_length=100)
    kind: str = Field(min_length=1, max_length=40)
    period_start: str
    period_end: str
    version: int = Field(ge=1)
    content: str = Field(max_length=_MAX)
    signature: str = Field(max_length=_MAX)
    certificate: str = Field(max_length=_MAX)


class Verdict(BaseModel):
    """What becomes of the next reports of an organisation; null ends that."""

    model_config = ConfigDict(extra="forbid")

    organization_oid: str
    state: Literal["ACCEPTED", "REJECTED", "RECEIVED"] | None
    reason: str = ""


class Authority:
    """Reports by number; the same report handed over again gets the same number."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def take(self, handed: Handed) -> dict[str, Any]:
        """Take a report in; what is wrong with it is a verdict, not a refusal."""
        key = f"{handed.report_id}:{handed.version}"
        known = self._store.find(BY_ID, key)
        if known is not None:
            return self.report(known)
        place = self._store.append(RECEIVED, key)
        now = as_utc(self._clock.now())
        number = f"ДЗ-{now[:4]}-{place:06d}"
        fault, digest = _fault(handed), ""
        if not fault:
            digest = sha256(base64.b64decode(handed.content)).hexdigest()
        stored = {
            "number": number,
            "reportId": handed.report_id,
            "version": handed.version,
            "organizationOid": handed.organization_oid,
            "receivedAt": now,
            "fault": fault,
            "sha256": digest,
        }
        self._store.put(REPORT, number, stored)
        self._store.put(BY_ID, key, number)
        return self.report(number)

    def report(self, number: str) -> dict[str, Any]:
        """A report with its verdict and receipt (квитанция). Raises LookupError."""
        stored = self._store.find(REPORT, number)
        if stored is None:
            raise LookupError(number)
        forced = self._store.find(VERDICT, stored["organizationOid"]) or {}
        state = forced.get("state") or ("REJECTED" if stored["fault"] else "ACCEPTED")
        reason = stored["fault"] or (forced.get("reason", "") if state == "REJECTED" else "")
        if stored["fault"]:
            state = "REJECTED"
        receipt = None
        if state == "ACCEPTED":
            receipt = {key: stored[key] for key in ("number", "reportId", "version", "sha256")}
            receipt["acceptedAt"] = stored["receivedAt"]
        return {"number": number, "state": state, "reason": reason, "receipt": receipt}

    def force(self, verdict: Verdict) -> None:
        """Decide about reports of an organisation beforehand."""
        self._store.put(VERDICT, verdict.organization_oid, verdict.model_dump())


def authority_router(authority: Authority) -> APIRouter:
    """`/authority/v1`."""
    router = APIRouter(prefix="/authority/v1")

    @router.post("/reports")
    async def take(handed: Handed) -> Response:
        made = authority.take(handed)
        log.info("report.received", number=made["number"], state=made["state"])
        return answer(made, 202)

    @router.get("/reports/{number}")
    async def get(number: str) -> Response:
        try:
            return answer(authority.report(number))
        except LookupError:
            return refusal(404, "REPORT_NOT_FOUND", "no report with this number")

    return router


def authority_steering_router(authority: Authority) -> APIRouter:
    """`/_control/authority`."""
    router = APIRouter(prefix="/_control/authority")

    @router.put("/verdict")
    async def force(verdict: Verdict) -> dict[str, Any]:
        if verdict.state == "REJECTED" and not verdict.reason:
            raise HTTPException(422, "a rejection has a reason")
        authority.force(verdict)
        return verdict.model_dump()

    return router


def _fault(handed: Handed) -> str:
    """What is wrong with a report: the signature, the form, or sums that do not meet."""
    try:
        content = base64.b64decode(handed.content, validate=True)
        certificate = load_certificate(base64.b64decode(handed.certificate, validate=True))
        verify_signed(base64.b64decode(handed.signature, validate=True), content, certificate)
    except (CmsRefused, CertificateUnreadable, binascii.Error):
        return "Подпись не соответствует отчёту"
    try:
        form = orjson.loads(content)
        staff = form["staff"]
        whole = staff["total"] == sum(staff["groups"].values())
        meant = form["organization"]["oid"] == handed.organization_oid
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return "Отчёт не соответствует форме"
    if not meant:
        return "Отчёт составлен за другую организацию"
    return "" if whole else "Численность не равна сумме групп"
