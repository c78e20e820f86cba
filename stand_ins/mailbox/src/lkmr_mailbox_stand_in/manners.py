"""How providers misbehave in the middle of a conversation, where availability does not reach."""

import asyncio
from typing import Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from lkmr_stand_in_kit.control import CONTROL


class Manners(BaseModel):
    """What a sender meets.

    `reply_delay_seconds`: a message is taken, each reply comes late (SMTP: every reply of the
    conversation, a tarpit). `cut`: the connection breaks while the message comes (`in_message`, it
    is lost) or when it is taken and before that is said (`before_reply`). `refuse`: the reply to a
    recipient (SMTP). `times`: for so many messages, without it until the next change.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    reply_delay_seconds: float = Field(default=0, ge=0, le=600)
    cut: Literal["", "in_message", "before_reply"] = ""
    refuse: str = Field(default="", pattern=r"^$|^[45]\d\d [ -~]{1,200}$")
    times: int | None = Field(default=None, ge=1)


class MannersChange(Manners):
    """New manners of one system."""

    system: str


class Etiquette:
    """The manners of each system; a restart makes all of them good."""

    def __init__(self, systems: tuple[str, ...]) -> None:
        self._own = dict.fromkeys(systems, Manners())

    def of(self, system: str) -> Manners:
        """What the next message meets."""
        return self._own[system]

    def set(self, system: str, manners: Manners) -> None:
        """Take new manners. Raises LookupError for a system that is not played."""
        if system not in self._own:
            raise LookupError(system)
        self._own[system] = manners

    def met(self, system: str) -> None:
        """One message has met the manners."""
        times = self._own[system].times
        if times is not None:
            left = times - 1
            self._own[system] = (
                self._own[system].model_copy(update={"times": left}) if left else Manners()
            )

    async def wait(self, system: str) -> None:
        """Let a reply come late."""
        await asyncio.sleep(self._own[system].reply_delay_seconds)


def manners_router(etiquette: Etiquette) -> APIRouter:
    """`PUT /_control/manners`."""
    router = APIRouter(prefix=CONTROL)

    @router.put("/manners", status_code=204)
    async def put_manners(change: MannersChange) -> None:
        try:
            etiquette.set(change.system, Manners(**change.model_dump(exclude={"system"})))
        except LookupError:
            raise HTTPException(422, f"no system {change.system!r} here") from None

    return router
