"""Pages of the registration: `/registration` always shows the item that comes next."""

import re
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from lkmr_gosuslugi_stand_in import pages, problems, registration
from lkmr_gosuslugi_stand_in.faults import EsiaFault
from lkmr_gosuslugi_stand_in.mail import MailNotSent
from lkmr_gosuslugi_stand_in.pages import Problem
from lkmr_gosuslugi_stand_in.parameters import Parameters, read_form
from lkmr_gosuslugi_stand_in.phones import masked_phone, normal_phone
from lkmr_gosuslugi_stand_in.registration import Faults, Registration, Step
from lkmr_gosuslugi_stand_in.routes_identity import choices
from lkmr_gosuslugi_stand_in.sms import SmsNotSent
from lkmr_gosuslugi_stand_in.world import World
from lkmr_servicekit.clock import MOSCOW, day_in
from lkmr_servicekit.telemetry import log

_HOME = "/registration"
_LOOK_SECONDS = 5


def registration_router(world: World) -> APIRouter:  # noqa: C901 - a list of routes
    """Each item is sent to an address of its own and answers with a redirect to the next."""
    router = APIRouter()

    @router.get(_HOME)
    async def show(request: Request) -> Response:
        return _page(world, request, registration.of_browser(world, pages.browser_of(request)))

    @router.post(f"{_HOME}/phone")
    async def take_phone(request: Request) -> Response:
        form, one = await _at(world, request, "phone")
        if form is None:
            return _lost(world, request)
        phone = normal_phone(form.get("phone", ""))
        if phone is None:
            faults = {"phone": "Введите номер в виде +7 900 000-00-00."}
            return _page(world, request, one, typed=form, faults=faults)
        if world.accounts.find(phone) is not None:
            return _page(world, request, one, typed=form, problem=problems.TAKEN)
        return await _send_code(world, request, one, phone)

    @router.post(f"{_HOME}/code")
    async def take_code(request: Request) -> Response:
        form, one = await _at(world, request, "code")
        if form is None:
            return _lost(world, request)
        passed = registration.try_code(world, one, re.sub(r"\s", "", form.get("code", "")))
        if passed is None:
            again = registration.of_browser(world, pages.browser_of(request))
            return _page(world, request, again, problem=problems.registration_code(again.code_left))
        return _next(world, request)

    @router.post(f"{_HOME}/code/resend")
    async def resend(request: Request) -> Response:
        form, one = await _at(world, request, "code")
        if form is None:
            return _lost(world, request)
        if seconds := registration.seconds_to_resend(world, one):
            return _page(world, request, one, problem=problems.resend_early(seconds))
        return await _send_code(world, request, one, one.phone)

    @router.post(f"{_HOME}/person")
    async def take_person(request: Request) -> Response:
        form, one = await _at(world, request, "person")
        if form is None:
            return _lost(world, request)
        try:
            values = registration.person_values(form, day_in(MOSCOW, world.now()))
        except Faults as wrong:
            return _page(world, request, one, typed=form, faults=wrong.faults)
        registration.to_step(world, one, "passport", "PERSON", values=values)
        return _next(world, request)

    @router.post(f"{_HOME}/passport")
    async def take_passport(request: Request) -> Response:
        form, one = await _at(world, request, "passport")
        if form is None:
            return _lost(world, request)
        try:
            values = registration.passport_values(form)
        except Faults as wrong:
            return _page(
                world, request, one, typed=form, faults=wrong.faults, problem=problems.PASSPORT
            )
        if world.accounts.find(values["snils"]) is not None:
            return _page(world, request, one, typed=form, problem=problems.SNILS_TAKEN)
        registration.to_step(world, one, "password", "SYSTEM", values={**one.values, **values})
        return _next(world, request)

    @router.post(f"{_HOME}/password")
    async def take_password(request: Request) -> Response:
        form, one = await _at(world, request, "password")
        if form is None:
            return _lost(world, request)
        try:
            email, password = registration.email_and_password(form)
        except Faults as wrong:
            weak = problems.WEAK_PASSWORD if "password" in wrong.faults else None
            return _page(world, request, one, typed=form, faults=wrong.faults, problem=weak)
        if world.accounts.find(email) or world.accounts.find(one.phone):
            return _page(world, request, one, typed=form, problem=problems.TAKEN)
        person = registration.make_account(world, one, password)
        log.info("registration.account_made")
        one = registration.to_step(
            world, one, "email", "PERSON", email=email, oid=person.esia_oid or 0, values={}
        )
        return await _send_link(world, request, one)

    return router


def registration_mail_router(world: World) -> APIRouter:  # noqa: C901 - a list of routes
    """The link in the letter, a new start, and what tests may look at."""
    router = APIRouter()

    @router.post(f"{_HOME}/email/resend")
    async def resend_link(request: Request) -> Response:
        form, one = await _at(world, request, "email")
        if form is None:
            return _lost(world, request)
        return await _send_link(world, request, one)

    @router.get(f"{_HOME}/email")
    async def show_link(request: Request, token: str = "") -> Response:
        return pages.page(world, request, "email_link.html", token=token, done=False)

    @router.post(f"{_HOME}/email/confirm")
    async def confirm_link(request: Request) -> Response:
        form = await _form(world, request)
        if form is None:
            return _lost(world, request)
        if not registration.take_link(world, form.get("token", "")):
            return pages.problem_page(world, request, problems.LINK_OLD)
        log.info("registration.email_confirmed")
        return pages.page(world, request, "email_link.html", token="", done=True)

    @router.post(f"{_HOME}/restart")
    async def start_again(request: Request) -> Response:
        if await _form(world, request) is None:
            return _lost(world, request)
        registration.restart(world, registration.of_browser(world, pages.browser_of(request)))
        return _next(world, request)

    @router.get("/_control/registrations")
    async def logs() -> list[dict[str, Any]]:
        return registration.logs(world)

    @router.get("/_control/mail")
    async def kept_mail() -> list[dict[str, Any]]:
        """Letters that wait here because no mail server is configured, newest first."""
        return list(world.mail.kept)

    return router


async def _form(world: World, request: Request) -> Parameters | None:
    try:
        form = await read_form(request)
    except EsiaFault:
        return None
    return form if form is not None and pages.csrf_fits(world, request, form) else None


async def _at(world: World, request: Request, step: Step) -> tuple[Parameters | None, Registration]:
    """The form, when this browser's registration is at this item."""
    form = await _form(world, request)
    one = registration.of_browser(world, pages.browser_of(request))
    return (form if one.step == step else None), one


def _lost(world: World, request: Request) -> Response:
    """Another item is on, or the form is not of this browser: show where the registration is."""
    if not request.cookies.get(pages.BROWSER_COOKIE):
        return pages.problem_page(world, request, problems.NO_COOKIES)
    return _next(world, request)


def _next(world: World, request: Request) -> Response:
    return pages.redirect(f"{pages.site_of(world, request)}{_HOME}", 303)


async def _send_code(world: World, request: Request, one: Registration, phone: str) -> Response:
    one, digits = registration.new_code(world, one, phone)
    text = f"Код для регистрации на Госуслугах: {digits}. Никому его не сообщайте."
    try:
        await world.sms.send(phone, text)
    except SmsNotSent:
        return _page(world, request, one, problem=problems.SMS_NOT_SENT)
    return _next(world, request)


async def _send_link(world: World, request: Request, one: Registration) -> Response:
    token = registration.new_link(world, one)
    link = f"{world.settings.base}{_HOME}/email?token={token}"
    text = (
        f"Чтобы привязать этот адрес к учётной записи, откройте ссылку:\n\n{link}\n\n"
        "Она действует сутки.\n"
    )
    try:
        await world.mail.send(one.email, "Подтвердите адрес электронной почты", text)
    except MailNotSent:
        return _page(world, request, one, problem=problems.MAIL_NOT_SENT)
    return _next(world, request)


def _page(
    world: World,
    request: Request,
    one: Registration,
    *,
    typed: Parameters | None = None,
    faults: dict[str, str] | None = None,
    problem: Problem | None = None,
) -> Response:
    status = problem.status if problem else 422 if faults else 200
    number = registration.STEPS.index(one.step) + 1
    answer = pages.page(
        world,
        request,
        "registration.html",
        status=status,
        step=one.step,
        number=min(number, len(registration.STEPS) - 1),
        total=len(registration.STEPS) - 1,
        typed={k: v for k, v in (typed or {}).items() if k not in {"password", "repeat", "code"}},
        faults=faults or {},
        problem=problem,
        phone=masked_phone(one.phone) if one.phone else "",
        email=one.email,
        seconds=registration.seconds_to_resend(world, one) if one.step == "code" else 0,
        oid=one.oid,
        **choices(),
    )
    if one.step == "email" and not problem:
        answer.headers["Refresh"] = str(_LOOK_SECONDS)
    return answer
