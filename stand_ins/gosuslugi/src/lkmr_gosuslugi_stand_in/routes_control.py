"""`/_control` of this stand-in: people, client systems, switches, and what arrived."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException
from pydantic import ValidationError

from lkmr_gosuslugi_stand_in.clients import ClientRecord
from lkmr_gosuslugi_stand_in.sign_in import lock_name
from lkmr_gosuslugi_stand_in.world import World
from lkmr_servicekit.telemetry import log

Change = Annotated[dict[str, Any], Body()]
_SECRETS = re.compile(r"(^|&)(password|repeat|code|new|current|client_secret|token)=[^&]*")


def people_and_clients_router(world: World) -> APIRouter:  # noqa: C901 - a list of routes
    """Routes beside those that all stand-ins have; the journal of requests hides secrets."""
    router = APIRouter(prefix="/_control")

    @router.get("/requests")
    async def list_requests(path: str = "") -> list[dict[str, Any]]:
        entries = (one for one in world.control.requests if one["path"].startswith(path))
        return [{**one, "body": _SECRETS.sub(r"\1\2=***", one["body"])} for one in entries]

    @router.get("/people")
    async def list_people() -> list[dict[str, str]]:
        return [
            {"login": one.login, "level": one.esia_level, "case": one.case}
            for one in world.accounts.all()
        ]

    @router.get("/people/{login}")
    async def get_person(login: str) -> dict[str, Any]:
        if world.accounts.get(login) is None:
            raise HTTPException(404, "no such person")
        return world.accounts.document(login)

    @router.patch("/people/{login}")
    async def change_person(login: str, change: Change) -> dict[str, Any]:
        try:
            world.accounts.change(login, change)
        except ValueError as fault:
            raise HTTPException(422, str(fault)) from None
        log.info("person.changed", fields=sorted(change))
        return world.accounts.document(login)

    @router.post("/people/{login}/unlock", status_code=204)
    async def unlock(login: str) -> None:
        """The support of Gosuslugi opens an account closed after failed sign-ins."""
        person = world.accounts.get(login)
        if person is None:
            raise HTTPException(404, "no such person")
        world.locks.clear(lock_name(person, login))

    @router.get("/clients")
    async def list_clients() -> dict[str, Any]:
        return {one.client_id: one.record.model_dump() for one in world.clients.all()}

    @router.get("/clients/{client_id}")
    async def get_client(client_id: str) -> dict[str, Any]:
        client = world.clients.get(client_id)
        if client is None:
            raise HTTPException(404, "no such client")
        hashes = [certificate.hash for certificate in client.certificates]
        return {**client.record.model_dump(), "certificate_hashes": hashes}

    @router.put("/clients/{client_id}")
    async def put_client(client_id: str, record: ClientRecord) -> dict[str, Any]:
        try:
            client = world.clients.put(client_id, record)
        except ValueError as fault:
            raise HTTPException(422, str(fault)) from None
        log.info("client.registered", client=client_id)
        return {
            "client_id": client_id,
            **client.record.model_dump(),
            "certificate_hashes": [certificate.hash for certificate in client.certificates],
        }

    @router.delete("/clients/{client_id}", status_code=204)
    async def delete_client(client_id: str) -> None:
        if not world.clients.delete(client_id):
            raise HTTPException(404, "no such client")

    @router.get("/signed-strings")
    async def signed_strings(client_id: str = "") -> list[dict[str, Any]]:
        return world.signed.export(client_id)

    @router.get("/switches")
    async def get_switches() -> dict[str, Any]:
        return world.switches.model_dump()

    @router.put("/switches")
    async def put_switches(change: Change) -> dict[str, Any]:
        try:
            return world.change_switches(change).model_dump()
        except ValidationError as fault:
            raise HTTPException(422, fault.errors(include_url=False, include_input=False)) from None

    @router.post("/token-keys/rotate")
    async def rotate_keys() -> dict[str, int]:
        """ESIA signs with new keys from now on; certificates of both are published."""
        return {"number": world.keys.rotate()}

    @router.get("/sms")
    async def kept_sms() -> list[dict[str, Any]]:
        """Messages that wait here because no mailbox is configured, newest first."""
        return list(world.sms.kept)

    return router
