"""Identification online: at the end of a registration, or later from the profile."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from lkmr_gosuslugi_stand_in import media, pages, problems, registration
from lkmr_gosuslugi_stand_in.accounts import Person
from lkmr_gosuslugi_stand_in.identification import (
    PHOTO_SAMPLES,
    SAMPLE_FILES,
    VIDEO_SAMPLES,
    photos_fault,
    video_fault,
)
from lkmr_gosuslugi_stand_in.pages import Problem
from lkmr_gosuslugi_stand_in.parameters import Parameters
from lkmr_gosuslugi_stand_in.sign_in import person_of
from lkmr_gosuslugi_stand_in.uploads import TooLarge, read_upload
from lkmr_gosuslugi_stand_in.world import World
from lkmr_servicekit.telemetry import log

_TYPES = {"png": "image/png", "y4m": "video/x-yuv4mpeg"}


def choices() -> dict[str, Any]:
    """The ready-made media that a page offers."""
    return {
        "photos": [(key, one[0]) for key, one in PHOTO_SAMPLES.items()],
        "videos": [(key, one[0]) for key, one in VIDEO_SAMPLES.items()],
        "files": sorted(SAMPLE_FILES),
    }


def identity_router(world: World) -> APIRouter:
    """`/identity`, and the synthetic media to try it with."""
    router = APIRouter()

    @router.get("/identity")
    async def show(request: Request) -> Response:
        person = _whom(world, request)
        if person is None:
            return pages.redirect(f"{pages.site_of(world, request)}/login?to=/identity")
        return _page(world, request, person)

    @router.post("/identity")
    async def check(request: Request) -> Response:
        person = _whom(world, request)
        try:
            given = await read_upload(request)
        except TooLarge:
            given = None
        if person is None or given is None or not pages.csrf_fits(world, request, given[0]):
            return pages.problem_page(world, request, problems.NO_COOKIES)
        fault = _judge(*given)
        log.info("identity.checked", passed=fault is None)
        if fault is not None:
            return _page(world, request, person, fault)
        world.accounts.change(person.login, {"esia_level": "confirmed"})
        waiting = registration.of_browser(world, pages.browser_of(request))
        if waiting.step == "identity" and waiting.oid == person.esia_oid:
            registration.to_step(world, waiting, "done", "SYSTEM")
            return pages.redirect(f"{pages.site_of(world, request)}/registration", 303)
        return pages.redirect(f"{pages.site_of(world, request)}/identity", 303)

    @router.get("/identity/samples/{name}")
    async def sample(name: str) -> Response:
        if name not in SAMPLE_FILES:
            raise HTTPException(404)
        return Response(media.sample(name), media_type=_TYPES[name.rpartition(".")[2]])

    return router


def _whom(world: World, request: Request) -> Person | None:
    """Who registers in this browser, or who is signed in."""
    waiting = registration.of_browser(world, pages.browser_of(request))
    if waiting.step == "identity":
        return world.accounts.by_oid(waiting.oid)
    return person_of(world, request)


def _judge(form: Parameters, files: dict[str, bytes]) -> Problem | None:
    """What was given decides: own files first, else the ready-made ones that were chosen."""
    if form.get("method") == "video":
        chosen = VIDEO_SAMPLES.get(form.get("sample", ""))
        video = files.get("video") or (media.sample(chosen[1]) if chosen else b"")
        return video_fault(video) if video else problems.NO_MEDIA
    photos = PHOTO_SAMPLES.get(form.get("sample", ""))
    passport = files.get("passport") or (media.sample(photos[1]) if photos else b"")
    selfie = files.get("selfie") or (media.sample(photos[2]) if photos else b"")
    return photos_fault(passport, selfie) if passport and selfie else problems.NO_MEDIA


def _page(
    world: World, request: Request, person: Person, problem: Problem | None = None
) -> Response:
    return pages.page(
        world,
        request,
        "identity.html",
        status=problem.status if problem else 200,
        confirmed=person.esia_level == "confirmed",
        problem=problem,
        **choices(),
    )
