"""Pages of the portal around the sign-in: services, profile, recovery, status."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from lkmr_gosuslugi_stand_in import grants, pages, problems
from lkmr_gosuslugi_stand_in.accounts import Person, password_fits
from lkmr_gosuslugi_stand_in.faults import EsiaFault
from lkmr_gosuslugi_stand_in.parameters import Parameters, read_form
from lkmr_gosuslugi_stand_in.passwords import missing_classes
from lkmr_gosuslugi_stand_in.phones import normal_phone
from lkmr_gosuslugi_stand_in.sign_in import person_of
from lkmr_gosuslugi_stand_in.world import World
from lkmr_servicekit.clock import MOSCOW
from lkmr_servicekit.telemetry import log
from lkmr_stand_in_kit.people import InvalidField

_LEVELS = {"confirmed": "подтверждённая", "standard": "стандартная", "simplified": "упрощённая"}
_FIELDS = (
    ("family_name", "Фамилия", "text", "family-name", True),
    ("given_name", "Имя", "text", "given-name", True),
    ("patronymic", "Отчество", "text", "additional-name", False),
    ("birth_date", "Дата рождения", "date", "bday", True),
    ("phone", "Мобильный телефон", "tel", "tel", False),
    ("email", "Электронная почта", "email", "email", False),
    ("policy_number", "Полис ОМС", "text", "off", False),
)
_STATES = {
    "up": "Портал работает.",
    "slow": "Портал работает медленнее обычного.",
    "down": "Портал недоступен, причина выясняется.",
    "overloaded": "Портал перегружен, вход может не получиться с первого раза.",
    "maintenance": "На портале идут плановые работы.",
}


def portal_router(world: World) -> APIRouter:  # noqa: C901 - a list of routes
    """What a person sees at the portal."""
    router = APIRouter()

    @router.api_route("/", methods=["GET", "HEAD"])  # clients read our clock off `Date`
    async def front(request: Request) -> Response:
        person = person_of(world, request)
        name = f"{person.given_name} {person.family_name}" if person else ""
        return pages.page(world, request, "front.html", name=name)

    @router.get("/medical")
    async def medical(request: Request) -> Response:
        url = f"{world.settings.cabinet_url.rstrip('/')}/auth/login?return_to=/"
        return pages.page(world, request, "medical.html", confirmation_url=url)

    @router.get("/status")
    async def status(request: Request) -> Response:
        behaviour = world.control.behaviours.of()
        return pages.page(
            world,
            request,
            "status.html",
            working=behaviour.availability == "up",
            text=_STATES[behaviour.availability],
            until=behaviour.until.astimezone(MOSCOW) if behaviour.until else None,
            now=world.now().astimezone(MOSCOW),
        )

    @router.get("/static/portal.css")
    async def style() -> Response:
        headers = {"Cache-Control": "max-age=300"}
        return Response(pages.STYLE, media_type="text/css", headers=headers)

    @router.get("/profile")
    async def profile(request: Request) -> Response:
        person = person_of(world, request)
        if person is None:
            return pages.redirect(f"{pages.site_of(world, request)}/login")
        return _profile_page(world, request, person, saved="saved" in request.query_params)

    @router.post("/profile")
    async def save_profile(request: Request) -> Response:
        person, form = person_of(world, request), await _form(world, request)
        if person is None or form is None:
            return pages.problem_page(world, request, problems.NO_COOKIES)
        try:
            world.accounts.change(person.login, _change(form))
        except ValueError as fault:
            return _profile_page(world, request, person, error=_wording(fault))
        log.info("profile.changed")
        return pages.redirect(f"{pages.site_of(world, request)}/profile?saved=1", 303)

    @router.post("/profile/phone")
    async def compare_phone(request: Request) -> Response:
        person, form = person_of(world, request), await _form(world, request)
        if person is None or form is None:
            return pages.problem_page(world, request, problems.NO_COOKIES)
        same = bool(person.phone) and normal_phone(form.get("phone_again", "")) == person.phone
        problem = None if same else problems.PHONE_DIFFERS
        return _profile_page(world, request, person, problem=problem, same_phone=same)

    @router.post("/profile/password")
    async def change_password(request: Request) -> Response:
        person, form = person_of(world, request), await _form(world, request)
        if person is None or form is None:
            return pages.problem_page(world, request, problems.NO_COOKIES)
        if not password_fits(person, form.get("current", "")):
            return _profile_page(world, request, person, error="Текущий пароль не подошёл.")
        if lacks := missing_classes(form.get("new", "")):
            text = f"Новому паролю не хватает: {', '.join(lacks)}."
            return _profile_page(world, request, person, error=text)
        world.accounts.change(person.login, {"password": form["new"]})
        log.info("profile.password_changed")
        return pages.redirect(f"{pages.site_of(world, request)}/profile?saved=1", 303)

    @router.post("/profile/consents")
    async def withdraw(request: Request) -> Response:
        person, form = person_of(world, request), await _form(world, request)
        if person is None or form is None:
            return pages.problem_page(world, request, problems.NO_COOKIES)
        grants.withdraw(world, person.esia_oid or 0, form.get("client_id", ""))
        return pages.redirect(f"{pages.site_of(world, request)}/profile?saved=1", 303)

    return router


async def _form(world: World, request: Request) -> Parameters | None:
    try:
        form = await read_form(request)
    except EsiaFault:
        return None
    return form if form is not None and pages.csrf_fits(world, request, form) else None


def _profile_page(
    world: World,
    request: Request,
    person: Person,
    *,
    saved: bool = False,
    error: str = "",
    problem: pages.Problem | None = None,
    same_phone: bool = False,
) -> Response:
    document = world.accounts.document(person.login)
    names = ("name", "label", "type", "autocomplete", "needed")
    fields = [
        {**dict(zip(names, field, strict=True)), "value": document.get(field[0]) or ""}
        for field in _FIELDS
    ]
    known = (world.clients.get(key) for key in grants.consents_of(world, person.esia_oid or 0))
    return pages.page(
        world,
        request,
        "profile.html",
        status=422 if error or problem else 200,
        level=_LEVELS[person.esia_level],
        oid=person.esia_oid,
        fields=fields,
        second_factor=person.second_factor,
        systems=[{"id": one.client_id, "title": one.title} for one in known if one],
        saved=saved,
        error=error,
        problem=problem,
        same_phone=same_phone,
    )


def _change(form: Parameters) -> dict[str, Any]:
    """Fields of the form; an empty optional field takes the value away."""
    change: dict[str, Any] = {}
    for name, _, _, _, needed in _FIELDS:
        value = form.get(name, "").strip()
        if needed and not value:
            raise InvalidField(name, "is needed")
        change[name] = value or None
    if change["phone"] is not None:
        change["phone"] = normal_phone(change["phone"])
        if change["phone"] is None:
            raise InvalidField("phone", "must be a Russian number")
    if form.get("second_factor") in {"sms", "none"}:
        change["second_factor"] = form["second_factor"]
    return change


def _wording(fault: ValueError) -> str:
    labels = {name: label for name, label, *_ in _FIELDS}
    name = fault.name if isinstance(fault, InvalidField) else ""
    return f"Проверьте поле «{labels.get(name, name)}»."
