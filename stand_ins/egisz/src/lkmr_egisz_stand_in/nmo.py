"""REST JSON of the НМО portal: `/nmo/v1`."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from lkmr_egisz_stand_in.answers import answer, refusal
from lkmr_egisz_stand_in.certificates import certificate_pdf
from lkmr_egisz_stand_in.portal import Portal, StudyUnknown, file_name
from lkmr_egisz_stand_in.programmes import EDITION
from lkmr_egisz_stand_in.register import CursorForeign, CursorInvalid

PAGE_LIMIT = 5000


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class Cycle(_Body):
    """An open cycle of the person: days of ISO 8601."""

    specialty: str
    start_date: str
    end_date: str


class Redemption(_Body):
    """A code that a person gives (ИКП)."""

    person_id: str
    code: str = Field(min_length=1, max_length=100)
    cycles: list[Cycle] = Field(max_length=50)


def nmo_router(portal: Portal) -> APIRouter:
    """Notices about studies, the catalogue, codes, certificates."""
    router = APIRouter(prefix="/nmo/v1")

    @router.get("/notices")
    async def list_notices(
        since: str = "", limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 500
    ) -> Response:
        try:
            return answer(portal.notices(since, limit))
        except CursorInvalid as fault:
            return refusal(400, "CURSOR_INVALID", str(fault))
        except CursorForeign as fault:
            return refusal(410, "CURSOR_INVALID", str(fault))

    @router.get("/programmes")
    async def list_programmes(
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 500,
    ) -> Response:
        found = portal.programmes.page(after, limit)
        edition = f"{EDITION}-{portal.anchor.isoformat()}-{portal.programmes.count}"
        return answer(
            {
                "programmes": found,
                "edition": edition,
                "next": after + len(found),
                "hasMore": after + len(found) < portal.programmes.count,
                "total": portal.programmes.count,
            }
        )

    @router.post("/codes/redeem")
    async def redeem(asked: Redemption) -> Response:
        cycles = [one.model_dump(by_alias=True) for one in asked.cycles]
        found = portal.redeem(asked.person_id, asked.code, list(cycles))
        said: dict[str, Any] = {"answer": found.answer}
        if found.study is not None:
            said |= {"study": found.study["id"], "hours": found.study["hours"]}
        return answer(said)

    @router.get("/studies/{study}/certificate")
    async def download(study: str) -> Response:
        try:
            found = portal.study(study)
        except StudyUnknown:
            found = {"document": None}
        if found["document"] is None:
            return refusal(404, "CERTIFICATE_NOT_FOUND", "no certificate of this study")
        headers = {"content-disposition": f'attachment; filename="{file_name(found)}"'}
        return Response(certificate_pdf(found), 200, headers, "application/pdf")

    return router
