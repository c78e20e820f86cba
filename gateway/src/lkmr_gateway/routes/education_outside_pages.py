"""What others say about studies as pages: codes, files, confirmations, kept notices."""

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_gateway.body import typed_fields
from lkmr_gateway.entry import Entry
from lkmr_gateway.exchange import Exchange
from lkmr_gateway.pages.views.education_outside import ConfirmationsView, KeptNoticesView
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import Problem, problem_of
from lkmr_gateway.routes.accreditations import worker_of
from lkmr_gateway.routes.education import EducationActs
from lkmr_gateway.routes.education_lists import PAGE_SIZE, Lists
from lkmr_gateway.routes.education_outside import (
    CONFIRMATION,
    attached,
    certificate_file,
    confirmed,
    proposed,
)
from lkmr_gateway.routes.education_pages import EducationPages, form_fault, shown
from lkmr_gateway.routing import router, see_other, signed_in
from lkmr_servicekit.errors import Category, ServiceError

_NOTICES = {
    "confirmed": "Документ подтверждён, часы засчитаны с пометкой.",
    "replayed": "Сведения приняты.",
    "dismissed": "Запись закрыта, сведения не учтены.",
}


class OutsidePages:
    """Draws confirmations and kept notices."""

    def __init__(self, parts: Parts) -> None:
        self._parts, self._lists = parts, Lists(parts)

    async def confirmations(
        self,
        exchange: Exchange,
        entry: Entry,
        *,
        page_token: str = "",
        notice: str = "",
        typed: Mapping[str, str] | None = None,
        fault: Problem | None = None,
    ) -> Response:
        """Documents for which the personnel office may vouch."""
        found = await self._lists.listed(
            entry,
            self._parts.education_outside.confirmations(
                entry.token, page_size=PAGE_SIZE, page_token=page_token
            ),
            "/education/confirmations",
            page_token,
        )
        view = ConfirmationsView(
            items=found.items,
            notice=notice,
            next_href=found.next_href,
            first_href=found.first_href,
            typed=typed or {},
            fault=form_fault(fault),
            away=found.away,
        )
        return self._lists.drawn(exchange, view, found.unread, fault)

    async def kept(
        self,
        exchange: Exchange,
        entry: Entry,
        *,
        resolved: bool = False,
        page_token: str = "",
        notice: str = "",
        fault: Problem | None = None,
    ) -> Response:
        """Notices that were not believed."""
        found = await self._lists.listed(
            entry,
            self._parts.education_outside.kept(
                entry.token, resolved=resolved, page_size=PAGE_SIZE, page_token=page_token
            ),
            "/education/kept-notices",
            page_token,
            resolved="true" if resolved else "",
        )
        view = KeptNoticesView(
            items=found.items,
            waiting=found.page.get("waiting", 0),
            resolved=resolved,
            notice=notice,
            next_href=found.next_href,
            first_href=found.first_href,
            fault=form_fault(fault),
            away=found.away,
        )
        return self._lists.drawn(exchange, view, found.unread, fault)


def routes(parts: Parts, acts: EducationActs) -> APIRouter:
    """Below `/education`: codes, files of certificates, confirmations, kept notices."""
    made, pages = router(parts.gate, api=False), OutsidePages(parts)
    _own_routes(made, parts, acts)
    _confirmation_routes(made, parts, acts, pages)
    _kept_routes(made, parts, acts, pages)
    return made


def _own_routes(made: APIRouter, parts: Parts, acts: EducationActs) -> None:
    own = EducationPages(parts, acts)

    @made.get("/education/certificates/{certificate}/file")
    async def file(request: Request, certificate: str) -> Response:
        exchange, entry = signed_in(request)
        await acts.check(exchange, certificate)
        return await certificate_file(parts, entry, certificate)

    @made.post("/education/certificates/{certificate}/file")
    async def attach(request: Request, certificate: str) -> Response:
        exchange, entry = signed_in(request)
        body = await attached(parts, acts, exchange, entry, certificate)
        activity = orjson.loads(body)["activity"]
        return see_other(f"/education/activities/{activity}?done=file")

    @made.post("/education/certificates/{certificate}/check")
    async def check(request: Request, certificate: str) -> Response:
        exchange, entry = signed_in(request)
        activity = typed_fields(exchange, "activity")["activity"]
        await acts.check(exchange, certificate)
        await acts.check(exchange, activity)
        try:
            await parts.education_outside.check(worker_of(entry), certificate, entry.token)
        except ServiceError as fault:
            return await own.activity(exchange, entry, activity, fault=_refusal(fault))
        return see_other(f"/education/activities/{activity}?done=check")

    @made.post("/education/activities/{activity}/proposal")
    async def propose(request: Request, activity: str) -> Response:
        exchange, entry = signed_in(request)
        found = orjson.loads(await proposed(parts, exchange, entry))
        named = {name: value for name, value in found["proposed"].items() if value}
        notice = _proposal_notice(found, named=bool(named))
        return await own.activity(exchange, entry, activity, notice=notice, typed=named)

    @made.post("/education/codes")
    async def redeem(request: Request) -> Response:
        exchange, entry = signed_in(request)
        code = typed_fields(exchange, "code")["code"]
        try:
            said = await parts.education_outside.redeem(worker_of(entry), code, entry.token)
        except ServiceError as fault:
            refusal = _refusal(fault)
            return await own.overview(exchange, entry, "", code=code, fault=refusal)
        sentence = orjson.loads(said)["sentence"]
        return await own.overview(exchange, entry, "", notice=sentence)


def _confirmation_routes(
    made: APIRouter, parts: Parts, acts: EducationActs, pages: OutsidePages
) -> None:
    @made.get("/education/confirmations")
    async def confirmations(request: Request, page_token: str = "", done: str = "") -> Response:
        exchange, entry = signed_in(request)
        return await pages.confirmations(
            exchange, entry, page_token=page_token[:512], notice=_NOTICES.get(done, "")
        )

    @made.post("/education/confirmations")
    async def confirm(request: Request) -> Response:
        exchange, entry = signed_in(request)
        typed = typed_fields(exchange, *CONFIRMATION)
        try:
            await confirmed(parts, acts, exchange, entry, typed)
        except ServiceError as fault:
            return await pages.confirmations(exchange, entry, typed=typed, fault=shown(fault))
        return see_other("/education/confirmations?done=confirmed")


def _kept_routes(made: APIRouter, parts: Parts, acts: EducationActs, pages: OutsidePages) -> None:
    @made.get("/education/kept-notices")
    async def kept(
        request: Request, resolved: str = "", page_token: str = "", done: str = ""
    ) -> Response:
        exchange, entry = signed_in(request)
        return await pages.kept(
            exchange,
            entry,
            resolved=resolved == "true",
            page_token=page_token[:512],
            notice=_NOTICES.get(done, ""),
        )

    @made.post("/education/kept-notices/{notice}/replay")
    async def replay(request: Request, notice: str) -> Response:
        exchange, entry = signed_in(request)
        typed_fields(exchange)
        await acts.check(exchange, notice)
        try:
            await parts.education_outside.replay(notice, entry.token)
        except ServiceError as fault:
            return await pages.kept(exchange, entry, fault=shown(fault))
        return see_other("/education/kept-notices?done=replayed")

    @made.post("/education/kept-notices/{notice}/dismiss")
    async def dismiss(request: Request, notice: str) -> Response:
        exchange, entry = signed_in(request)
        typed_fields(exchange)
        await acts.check(exchange, notice)
        await parts.education_outside.dismiss(notice, entry.token)
        return see_other("/education/kept-notices?done=dismissed")


def _refusal(fault: ServiceError) -> Problem:
    """Every answer of the portal to a code is shown beside the field."""
    if fault.category in {Category.NOT_FOUND, Category.RATE_LIMITED, Category.UNAVAILABLE}:
        return problem_of(fault)
    return shown(fault)


def _proposal_notice(found: Mapping[str, Any], *, named: bool) -> str:
    if named and found["picture"]:
        return "Поля распознаны по снимку: сверьте каждый знак с документом и внесите его."
    if named:
        return "Поля прочитаны из файла. Проверьте каждое и внесите документ."
    if found["picture"] and not found["reads_pictures"]:
        return "Распознавание снимков на этом сервере не установлено, заполните поля сами."
    if found["picture"] and not found["read"]:
        return (
            "Разобрать этот снимок не удалось: он бледный, мелкий или смазанный."
            " Заполните поля сами или приложите снимок получше."
        )
    return "Прочитать поля из этого файла не удалось, заполните их сами."
