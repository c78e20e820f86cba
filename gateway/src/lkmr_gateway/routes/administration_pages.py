"""Pages of administrators: people and roles, requests for roles."""

import asyncio
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request, Response

from lkmr_gateway import items
from lkmr_gateway.access import RULES
from lkmr_gateway.administration_schemas import Decision
from lkmr_gateway.body import wanted_fields
from lkmr_gateway.gate import request_id_of
from lkmr_gateway.pages.views.administration import (
    ActItem,
    Choice,
    FaultItem,
    PeopleView,
    PersonItem,
    PersonView,
    RequestItem,
    RequestsView,
    RoleItem,
)
from lkmr_gateway.parts import Parts
from lkmr_gateway.problems import by_reason
from lkmr_gateway.roles import all_roles, role_word
from lkmr_gateway.routes.accreditations import unread_count
from lkmr_gateway.routes.administration import ROLE_FIELDS
from lkmr_gateway.routing import router, see_other, signed_in

PAGE_SIZE = 50
_STATES = {
    "ACTIVE": ("действует", "ok"),
    "NOT_ACTIVATED": ("не подтверждена", "warn"),
    "BLOCKED": ("заблокирована", "bad"),
    "ERASED": ("данные уничтожены", "info"),
}
_SOURCES = {
    "IMPORT": "Из загрузки организации",
    "ADMIN": "Назначена администратором",
    "REGISTER": "По записи о работе в ФРМР",
}
_ACTS = {
    "account.block": "Вход заблокирован",
    "account.unblock": "Вход разблокирован",
    "account.code_unlock": "Снята блокировка кодов",
    "account.role_assign": "Назначена роль",
    "account.role_revoke": "Отозвана роль",
    "account.session_end": "Завершён сеанс",
}
_NOTICES = {
    "assigned": "Роль назначена и уже действует.",
    "waits": "Запрос отправлен: роль начнёт действовать после решения руководителя.",
    "revoked": "Роль отозвана, сеансы под ней завершены.",
    "changed": "Готово.",
    "decided": "Решение принято.",
}


def page_routes(parts: Parts) -> APIRouter:
    """`/admin/people…`, `/admin/roles…`, `/admin/requests…`."""
    made = router(parts.gate, api=False)
    _people(made, parts)
    _changes(made, parts)
    _requests(made, parts)
    return made


def _people(made: APIRouter, parts: Parts) -> None:
    @made.get("/admin/people")
    async def people(request: Request, query: str = "", page_token: str = "") -> Response:
        exchange, entry = signed_in(request)
        text = query.strip()[:100]
        found, unread = await asyncio.gather(
            parts.administration.people(
                query=text, page_size=PAGE_SIZE, page_token=page_token[:512], token=entry.token
            ),
            unread_count(parts, entry),
        )
        page = orjson.loads(found.body)
        kept = {"query": text} if text else {}
        onward = {**kept, "page_token": page["next_page_token"]}
        view = PeopleView(
            items=tuple(_person(one) for one in page["items"]),
            query=text,
            next_href=f"/admin/people?{urlencode(onward)}" if page["next_page_token"] else "",
            first_href=f"/admin/people?{urlencode(kept)}" if page_token else "",
        )
        return parts.composer.page(exchange, view, unread=unread)

    @made.get("/admin/people/{person}")
    async def person(request: Request, person: str, done: str = "") -> Response:
        exchange, entry = signed_in(request)
        found, places, unread = await asyncio.gather(
            parts.administration.person(person, entry.token),
            parts.administration.organizations(entry.token),
            unread_count(parts, entry),
        )
        card = orjson.loads(found.body)
        may_change = bool(RULES["POST", "/admin/roles/{role}/revoke"].scope_for(entry.roles))
        view = PersonView(
            person=_person(card),
            in_register=card["in_worker_register"],
            employee_number=card["employee_number"],
            acts=tuple(_act(one) for one in card.get("acts", ())),
            faults=tuple(_fault(one) for one in card["faults"]),
            session_count=len(card["sessions"]),
            organizations=tuple(
                Choice(value=one["id"], word=one["name"])
                for one in orjson.loads(places.body)["items"]
            ),
            roles=tuple(Choice(value=code, word=word) for code, word in all_roles()),
            may_assign=bool(RULES["POST", "/admin/people/{person}/roles"].scope_for(entry.roles)),
            may_change=may_change,
            may_block=may_change and "SUPPORT" not in entry.roles,
            notice=_NOTICES.get(done, ""),
        )
        return parts.composer.page(exchange, view, unread=unread)


def _changes(made: APIRouter, parts: Parts) -> None:
    @made.post("/admin/people/{person}/roles")
    async def assign(request: Request, person: str) -> Response:
        exchange, entry = signed_in(request)
        fields = wanted_fields(exchange, *ROLE_FIELDS)
        done = await parts.administration.assign_role(
            person, fields, request_id_of(exchange), entry.token
        )
        return see_other(f"/admin/people/{person}?done={'waits' if done.waits else 'assigned'}")

    @made.post("/admin/people/{person}/account")
    async def account(request: Request, person: str) -> Response:
        exchange, entry = signed_in(request)
        fields = wanted_fields(exchange, "act", "reason")
        await parts.administration.change_account(
            person,
            act=fields["act"],
            reason=fields["reason"],
            request_id=request_id_of(exchange),
            token=entry.token,
        )
        return see_other(f"/admin/people/{person}?done=changed")

    @made.post("/admin/roles/{role}/revoke")
    async def revoke(request: Request, role: str) -> Response:
        exchange, entry = signed_in(request)
        fields = wanted_fields(exchange, "person", "reason")
        name = await parts.administration.revoke_role(
            role, fields["reason"], request_id_of(exchange), entry.token
        )
        return see_other(f"/admin/people/{name.rpartition('/')[2]}?done=revoked")


def _requests(made: APIRouter, parts: Parts) -> None:
    @made.get("/admin/requests")
    async def requests(request: Request, done: str = "") -> Response:
        exchange, entry = signed_in(request)
        found, unread = await asyncio.gather(
            parts.administration.role_requests("PENDING", entry.token),
            unread_count(parts, entry),
        )
        view = RequestsView(
            items=tuple(_request(one) for one in orjson.loads(found.body)["items"]),
            notice=_NOTICES.get(done, ""),
        )
        return parts.composer.page(exchange, view, unread=unread)

    @made.post("/admin/requests/{role_request}/decide")
    async def decide(request: Request, role_request: str) -> Response:
        exchange, entry = signed_in(request)
        approve = Decision.read(wanted_fields(exchange, "decision")["decision"])
        await parts.administration.decide(
            role_request,
            approve=approve,
            request_id=request_id_of(exchange),
            token=entry.token,
        )
        return see_other("/admin/requests?done=decided")


def full_name(person: items.Json) -> str:
    """«Иванова Анна Сергеевна»; a patronymic may be absent."""
    words = (person["family_name"], person["given_name"], person["patronymic"])
    return " ".join(word for word in words if word)


def _person(one: items.Json) -> PersonItem:
    state, tone = _STATES[one["state"]]
    return PersonItem(
        id=one["id"],
        name=full_name(one),
        account_number=one["account_number"],
        state=state,
        tone="ok" if tone == "ok" else "warn" if tone == "warn" else "bad",
        blocked=one["state"] == "BLOCKED",
        code_locked=one["code_locked"],
        checked=one["in_worker_register"],
        roles=tuple(
            RoleItem(
                id=role["id"],
                organization=role["organization"]["short_name"] or role["organization"]["name"],
                role=role_word(role["role"]),
                position=role["position"],
                source=_SOURCES[role["source"]],
                effective=role["effective"],
            )
            for role in one["roles"]
        ),
    )


def _act(one: items.Json) -> ActItem:
    return ActItem(
        time=items.moment(one["time"]),
        words=_ACTS.get(one["operation"]) or str(one["operation"]),
        actor=one["actor"].removeprefix("persons/"),
        reason=one["reason"],
    )


def _fault(one: items.Json) -> FaultItem:
    known = by_reason(one["reason"]) if one["reason"] else None
    return FaultItem(
        time=items.moment(one["time"]),
        code=known.code if known else "",
        cause=known.title if known else "",
        operation=one["operation"],
        trace_id=one["trace_id"],
    )


def _request(one: items.Json) -> RequestItem:
    return RequestItem(
        id=one["id"],
        person=full_name(one["person"]),
        organization=one["organization"]["short_name"] or one["organization"]["name"],
        role=role_word(one["role"]),
        reason=one["reason"],
        requester=full_name(one["requester"]),
        time=items.moment(one["create_time"]),
    )
