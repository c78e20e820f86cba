"""`/rs`: data of people and organisations, each field behind its scope."""

import re
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from lkmr_esia.claims import parse_scopes
from lkmr_gosuslugi_stand_in import grants, pages, person_data
from lkmr_gosuslugi_stand_in.accounts import Person
from lkmr_gosuslugi_stand_in.grants import Grant
from lkmr_gosuslugi_stand_in.person_data import Json
from lkmr_gosuslugi_stand_in.scopes import granted_scope
from lkmr_gosuslugi_stand_in.world import World

_EMBED = re.compile(r"([a-z]+)(?:\.elements)?(?:-[0-9]+)?", re.IGNORECASE)
_COLLECTIONS = {
    "contacts": ("ctts", frozenset({"contacts", "mobile", "email"})),
    "addresses": ("addrs", frozenset({"addresses"})),
    "documents": ("docs", frozenset({"id_doc", "medical_doc"})),
    "vehicles": ("vhls", frozenset({"vehicles"})),
    "organizations": ("orgs", frozenset({"usr_org"})),
    "kids": ("kids", frozenset({"kid_fullname"})),
    "roles": ("roles", frozenset({"usr_org"})),
}
_BY_PATH = {path: (name, needed) for name, (path, needed) in _COLLECTIONS.items()}


class RestFault(Exception):
    """An answer of the REST interface that is not data."""

    def __init__(self, status: int, code: str, name: str) -> None:
        super().__init__(code)
        self.status, self.code, self.name = status, code, name


INVALID = ("ESIA-005011", "invalidToken")
EXPIRED = ("ESIA-005013", "expiredToken")
NOT_ALLOWED = ("ESIA-005029", "scopeNotAllowed")


class Reader:
    """One bearer token: whose data it opens."""

    def __init__(self, world: World, grant: Grant, site: str) -> None:
        self.world, self.grant, self.site = world, grant, site
        text = granted_scope(f"{grant.scope} {grant.scope_org}".strip(), grant.oid)
        self._scopes = parse_scopes(text)

    def granted(self, name: str) -> bool:
        """Whether a personal scope was granted for the person of the token."""
        oid = str(self.grant.oid)
        return any(scope.name == name and scope.oid in {None, oid} for scope in self._scopes)

    def organization_granted(self, oid: int) -> bool:
        """By `org_*?org_oid=`, or by an organisation scope of a person who works there."""
        if any(scope.org_oid == str(oid) for scope in self._scopes):
            return True
        person = self.world.accounts.by_oid(self.grant.oid)
        if person is None or not self.granted("usr_org"):
            return False
        return any(person_data.organization_oid(job.organization) == oid for job in person.jobs)


def rest_router(world: World) -> APIRouter:
    """Paths with and without a trailing slash."""
    router = APIRouter()

    @router.get("/rs/prns/{oid}")
    @router.get("/rs/prns/{oid}/", include_in_schema=False)
    async def person(oid: str, request: Request) -> Response:
        return _answer(world, request, lambda reader: _person(reader, oid, request))

    @router.get("/rs/prns/{oid}/{path}")
    @router.get("/rs/prns/{oid}/{path}/", include_in_schema=False)
    async def collection(oid: str, path: str, request: Request) -> Response:
        return _answer(world, request, lambda reader: _collection(reader, oid, path, request))

    @router.get("/rs/prns/{oid}/{path}/{element}")
    @router.get("/rs/prns/{oid}/{path}/{element}/", include_in_schema=False)
    async def element(oid: str, path: str, element: str, request: Request) -> Response:
        return _answer(world, request, lambda reader: _element(reader, oid, path, element))

    @router.get("/rs/orgs/{oid}")
    @router.get("/rs/orgs/{oid}/", include_in_schema=False)
    async def organization(oid: str, request: Request) -> Response:
        return _answer(world, request, lambda reader: _organization(reader, oid))

    return router


def _answer(world: World, request: Request, read: Any) -> Response:
    try:
        return JSONResponse(read(_reader(world, request)))
    except RestFault as fault:
        return fault_answer(world, fault)


def fault_answer(world: World, fault: RestFault) -> Response:
    """A refusal in the shape that the switch asks for."""
    body: Any = {"code": fault.code, "message": f"SecurityErrorEnum.{fault.name}"}
    shape = [body] if world.switches.rest_error_shape == "array" else body
    return JSONResponse(shape, fault.status)


def grant_of(world: World, request: Request) -> Grant:
    """What the bearer token stands for. Raises RestFault."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise RestFault(401, *INVALID)
    grant, late = grants.find_access(world, token.strip())
    if grant is None:
        raise RestFault(401, *INVALID)
    if late:
        raise RestFault(401, *EXPIRED)
    return grant


def _reader(world: World, request: Request) -> Reader:
    return Reader(world, grant_of(world, request), pages.site_of(world, request))


def _owner(reader: Reader, oid: str) -> Person:
    """The person of the path, who must be the person of the token."""
    person = reader.world.accounts.by_oid(reader.grant.oid)
    if person is None or oid != str(person.esia_oid):
        raise RestFault(403, *NOT_ALLOWED)
    return person


def _person(reader: Reader, oid: str, request: Request) -> Json:
    person = _owner(reader, oid)
    data = person_data.person_json(person, reader.granted)
    for name in _embedded(request):
        if name in _COLLECTIONS and any(map(reader.granted, _COLLECTIONS[name][1])):
            data[name] = person_data.collection(_elements(reader, person, name))
        elif name in _COLLECTIONS and reader.world.switches.missing_scope == "403":
            raise RestFault(403, *NOT_ALLOWED)
    return data


def _collection(reader: Reader, oid: str, path: str, request: Request) -> Json:
    person = _owner(reader, oid)
    name = _opened(reader, path)
    elements = _elements(reader, person, name)
    if name == "roles" or "elements" in _embedded(request):
        return person_data.collection(elements)
    return person_data.collection([_link(reader, oid, path, element) for element in elements])


def _element(reader: Reader, oid: str, path: str, element: str) -> Json:
    person = _owner(reader, oid)
    for found in _elements(reader, person, _opened(reader, path)):
        if str(found.get("id")) == element:
            return found
    raise RestFault(404, "ESIA-005008", "objectNotFound")


def _organization(reader: Reader, oid: str) -> Json:
    if not (oid.isascii() and oid.isdigit() and reader.organization_granted(int(oid))):
        raise RestFault(403, *NOT_ALLOWED)
    return person_data.organization(int(oid))


def _opened(reader: Reader, path: str) -> str:
    """The collection of a path, if any scope that opens it was granted."""
    if path not in _BY_PATH:
        raise RestFault(404, "ESIA-005008", "objectNotFound")
    name, needed = _BY_PATH[path]
    if not any(map(reader.granted, needed)):
        raise RestFault(403, *NOT_ALLOWED)
    return name


def _elements(reader: Reader, person: Person, name: str) -> list[Json]:
    match name:
        case "contacts":
            return person_data.contacts(person, reader.granted)
        case "documents":
            return person_data.documents(
                person, reader.granted, reader.world.accounts.passport(person.esia_oid or 0)
            )
        case "roles":
            return person_data.roles(person)
        case "organizations":
            return [person_data.organization(role["oid"]) for role in person_data.roles(person)]
    return []  # nobody of the demo set has addresses, vehicles or children


def _link(reader: Reader, oid: str, path: str, element: Json) -> str:
    if path == "orgs":
        return f"{reader.site}/rs/orgs/{element['oid']}"
    return f"{reader.site}/rs/prns/{oid}/{path}/{element['id']}"


def _embedded(request: Request) -> list[str]:
    """Names in `embed=(contacts.elements-1,documents.elements)`."""
    text = request.query_params.get("embed", "").strip("() ")
    found = (_EMBED.fullmatch(item.strip()) for item in text.split(",") if item.strip())
    return [match[1] for match in found if match]
