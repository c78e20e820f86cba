"""Starts the stand-in: `python -m lkmr_egisz_stand_in`."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress

import httpx2
from fastapi import FastAPI

from lkmr_egisz_stand_in.authority import (
    Authority,
    authority_router,
    authority_steering_router,
)
from lkmr_egisz_stand_in.center import Center
from lkmr_egisz_stand_in.config import EgiszSettings
from lkmr_egisz_stand_in.demo_studies import seed
from lkmr_egisz_stand_in.fac import fac_control, fac_router
from lkmr_egisz_stand_in.ferzl import ferzl_router
from lkmr_egisz_stand_in.frdo import DocumentRegister, frdo_router
from lkmr_egisz_stand_in.frmo import frmo_router
from lkmr_egisz_stand_in.frmr import frmr_router
from lkmr_egisz_stand_in.insured import InsuredRegister
from lkmr_egisz_stand_in.learning_steering import learning_steering_router
from lkmr_egisz_stand_in.licences import LicenceRegister, licences_router
from lkmr_egisz_stand_in.nmo import nmo_router
from lkmr_egisz_stand_in.page import page_router
from lkmr_egisz_stand_in.papers import papers_router
from lkmr_egisz_stand_in.portal import Portal
from lkmr_egisz_stand_in.reference import Organizations
from lkmr_egisz_stand_in.register import Register
from lkmr_egisz_stand_in.steering import steering_router
from lkmr_egisz_stand_in.webhooks import Webhook, client_context
from lkmr_servicekit.clock import Clock, SystemClock
from lkmr_stand_in_kit.control import BehaviourMiddleware, Control, control_router
from lkmr_stand_in_kit.server import Listener, run
from lkmr_stand_in_kit.store import Store

SYSTEMS = ("frmr", "frmo", "ferzl", "nmo", "frdo", "fac", "licences", "authority")


def system_of(path: str) -> str | None:
    """The outside system that a path belongs to."""
    first = path.split("/", 2)[1]
    return first if first in SYSTEMS else None


async def start(stack: AsyncExitStack, settings: EgiszSettings, clock: Clock) -> Sequence[Listener]:
    """Open the registers and say what listens where."""
    store = stack.enter_context(Store(settings.data_dir / "egisz.db"))
    control = Control(clock, systems=SYSTEMS)
    organizations = Organizations()
    count = settings.generated_workers
    register = Register(store, clock, organizations, generated=count)
    insured = InsuredRegister(store, register.generator, generated=count)
    documents = DocumentRegister(store, clock, register)
    portal = Portal(
        store,
        clock,
        register,
        documents,
        programmes=settings.programmes,
        generated_credits=settings.generated_credits,
    )
    seed(portal, store)
    center = Center(store, clock, register)
    licences = LicenceRegister(store, clock, organizations)
    authority = Authority(store, clock)
    protocols = (
        fac_router(center),
        frmr_router(register, store, clock),
        frmo_router(organizations),
        licences_router(licences),
        ferzl_router(insured, organizations, clock, token=settings.ferzl_token.get_secret_value()),
        nmo_router(portal),
        frdo_router(documents),
        authority_router(authority),
    )
    plain, mutual = (FastAPI(openapi_url=None) for _ in range(2))
    for router in protocols:
        plain.include_router(router)
        mutual.include_router(router)
    plain.include_router(control_router(control))
    plain.include_router(steering_router(register, insured, organizations))
    plain.include_router(learning_steering_router(portal, documents))
    plain.include_router(fac_control(center))
    plain.include_router(papers_router(register, licences, organizations))
    plain.include_router(authority_steering_router(authority))
    plain.include_router(page_router(register, organizations, control))
    stack.push_async_callback(_cancel, asyncio.create_task(center.run()))
    await _start_webhooks(stack, settings, register, store, control)
    listeners = [Listener(settings.listen, _behaving(plain, control))]
    if tls := settings.mutual_tls():
        listeners.append(Listener(settings.mtls_listen, _behaving(mutual, control), tls))
    return listeners


def _behaving(app: FastAPI, control: Control) -> BehaviourMiddleware:
    return BehaviourMiddleware(app, control, system_of=system_of)


async def _start_webhooks(
    stack: AsyncExitStack,
    settings: EgiszSettings,
    register: Register,
    store: Store,
    control: Control,
) -> None:
    if not settings.webhook_urls:
        return
    http = await stack.enter_async_context(
        httpx2.AsyncClient(verify=client_context(settings), trust_env=False)
    )
    for url in settings.webhook_urls:
        webhook = Webhook(
            url, register=register, store=store, behaviours=control.behaviours, http=http
        )
        stack.push_async_callback(_cancel, asyncio.create_task(webhook.run()))


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def main() -> None:
    """Read the settings and run until told to stop."""
    settings = EgiszSettings()  # type: ignore[call-arg] # the environment gives the rest
    clock = SystemClock.from_env()
    run("stand-in-egisz", lambda stack: start(stack, settings, clock))


if __name__ == "__main__":
    main()
