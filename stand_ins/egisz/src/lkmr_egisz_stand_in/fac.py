"""REST JSON of the accreditation centre: `/fac/v1`, and how it is steered: `/_control/fac`."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from lkmr_egisz_stand_in.answers import answer, refusal
from lkmr_egisz_stand_in.center import ApplicationUnknown, Center
from lkmr_egisz_stand_in.register import WorkerUnknown
from lkmr_stand_in_kit.server import CUT
from lkmr_stand_in_kit.snils import InvalidSnils, normalise_snils

PAGE_LIMIT = 1000


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class FileSet(_Body):
    """A set of files of an application; acts carry the same body with their reason."""

    file_set: int = Field(ge=1)
    snils: str
    specialty: str = Field(min_length=1)
    education_level: str = ""
    answers: dict[str, str] = {}
    agreement: Literal["AGREED", "REFUSED", "NOT_NEEDED", "NONE"] = "NONE"
    agreement_signature: str = ""
    reason: str = ""


class Steering(BaseModel):
    """A step that the centre takes now; `status` may be a word that nobody knows."""

    model_config = ConfigDict(extra="forbid")

    status: str = Field(min_length=1, max_length=60)
    text: str = ""
    remarks: list[str] = []


class PaceChange(BaseModel):
    """How the centre works from now on."""

    model_config = ConfigDict(extra="forbid")

    automatic: bool | None = None
    registration_seconds: float | None = Field(default=None, ge=0)
    lost_answers: int | None = Field(default=None, ge=0)


def fac_router(center: Center) -> APIRouter:
    """Sets of files, withdrawals, appeals, the feed of changes."""
    router = APIRouter(prefix="/fac/v1")

    @router.put("/applications/{application}")
    async def take(application: str, asked: FileSet, request: Request) -> Response:
        try:
            snils = normalise_snils(asked.snils)
        except InvalidSnils as fault:
            return refusal(422, "SNILS_INVALID", str(fault))
        body = asked.model_dump(by_alias=True) | {"snils": snils}
        return _told(center, request, center.take(application, body), 202)

    @router.post("/applications/{application}/withdrawal")
    async def withdraw(application: str, _: FileSet, request: Request) -> Response:
        try:
            return _told(center, request, center.withdraw(application), 200)
        except ApplicationUnknown:
            return _unknown()

    @router.post("/applications/{application}/appeals")
    async def appeal(application: str, asked: FileSet, request: Request) -> Response:
        try:
            return _told(center, request, center.appeal(application, asked.reason), 202)
        except ApplicationUnknown:
            return _unknown()

    _add_reads(router, center)
    return router


def _add_reads(router: APIRouter, center: Center) -> None:
    @router.get("/applications/{application}")
    async def read(application: str) -> Response:
        try:
            return answer(_shown(center.find(application)))
        except ApplicationUnknown:
            return _unknown()

    @router.get("/changes")
    async def changes(
        since: str = "", limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 100
    ) -> Response:
        if since and not since.isdecimal():
            return refusal(400, "CURSOR_INVALID", "the cursor is unreadable")
        return answer(center.changes(int(since or 0), limit))


def fac_control(center: Center) -> APIRouter:
    """Steps at will, pace, lost answers."""
    router = APIRouter(prefix="/_control/fac")

    @router.get("/applications")
    async def list_applications() -> list[dict[str, Any]]:
        return [_shown(one) for one in center.all()]

    @router.post("/applications/{application}")
    async def steer(application: str, asked: Steering) -> dict[str, Any]:
        try:
            made = center.steer(application, asked.status, text=asked.text, remarks=asked.remarks)
        except (ApplicationUnknown, WorkerUnknown) as fault:
            raise HTTPException(404, f"unknown: {fault}") from None
        return _shown(made)

    @router.put("/pace")
    async def pace(change: PaceChange) -> dict[str, Any]:
        for name, value in change.model_dump(exclude_none=True).items():
            setattr(center.pace, name, value)
        return {
            "automatic": center.pace.automatic,
            "registration_seconds": center.pace.registration_seconds,
            "lost_answers": center.pace.lost_answers,
        }

    return router


def _told(center: Center, request: Request, made: dict[str, Any], status: int) -> Response:
    """The answer, or a broken connection after the work was done, as often as was asked for."""
    if center.pace.lost_answers:
        center.pace.lost_answers -= 1
        request.scope[CUT]()
    return answer(_shown(made), status)


def _shown(one: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in one.items() if key != "snils"}


def _unknown() -> Response:
    return refusal(404, "APPLICATION_NOT_FOUND", "no such application")
