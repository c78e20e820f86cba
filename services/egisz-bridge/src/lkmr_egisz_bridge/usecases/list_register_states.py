"""Tell whether the outside registers answer."""

import asyncio
from collections.abc import Sequence

from lkmr_egisz_bridge.usecases.ports import RegisterState, Watched


async def list_register_states(registers: Sequence[Watched]) -> list[RegisterState]:
    """The state of each register, asked side by side where it is not known yet."""
    return list(await asyncio.gather(*(register.state() for register in registers)))
