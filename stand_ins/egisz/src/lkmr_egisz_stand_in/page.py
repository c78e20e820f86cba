"""The page at `/`: what the registers hold, how the stand-in behaves, what changed last."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader

from lkmr_egisz_stand_in.reference import Organizations
from lkmr_egisz_stand_in.register import Register
from lkmr_stand_in_kit.control import Control
from lkmr_stand_in_kit.snils import mask_snils

_PAGES = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)


def page_router(register: Register, organizations: Organizations, control: Control) -> APIRouter:
    """The page; SNILS are masked on it."""
    router = APIRouter()

    @router.get("/", response_class=HTMLResponse)
    async def show() -> str:
        names = (None, *control.behaviours.systems)
        return _PAGES.get_template("page.html").render(
            total=register.total,
            stored=register.stored,
            organizations=len(organizations.all),
            behaviours=[(name or "все", control.behaviours.of(name)) for name in names],
            changes=[
                {
                    "time": moment,
                    "snils": mask_snils(card["snils"]),
                    "version": card["version"],
                    "status": card["status"],
                }
                for moment, card in register.last_changes()
            ],
        )

    return router
