"""How the systems around the cabinet are, for the sign-in and status pages; asked rarely."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from lkmr.auth.v1 import auth_service_pb2 as pb

from lkmr_gateway.backends.auth import Auth
from lkmr_gateway.backends.egisz_bridge import EgiszBridge
from lkmr_gateway.pages.views.frame import SystemCondition, SystemState
from lkmr_servicekit.clock import Clock, monotonic
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.grpc_client import Peer

_FRESH_SECONDS = 3.0
GOSUSLUGI, SIGN_IN = "Госуслуги", "Вход в кабинет"
WORKER_REGISTER = "Федеральный регистр медработников (ФРМР)"
_REGISTERS = {
    "worker_register": (
        WORKER_REGISTER,
        "Без него нельзя войти и обновить сведения об аккредитации.",
    ),
    "insured_register": (
        "Регистр застрахованных (ФЕРЗЛ)",
        "Без него нельзя сверить полис при входе.",
    ),
    "licence_register": (
        "Реестр лицензий",
        "Без него не обновляются сведения о лицензиях, показаны последние полученные.",
    ),
    "learning_portal": (
        "Портал НМО",
        "Без него не приходят новые ЗЕТ и удостоверения, а коды событий не принимаются.",
    ),
    "document_register": (
        "Реестр документов об образовании (ФИС ФРДО)",
        "Без него документы об обучении ждут проверки.",
    ),
    "accreditation_center": (
        "Федеральный аккредитационный центр (ФАЦ)",
        "Без него заявления ждут отправки, а их состояние не обновляется.",
    ),
    "health_authority": (
        "Региональный орган здравоохранения",
        "Без него подписанные отчёты ждут отправки.",
    ),
}
_ESIA: dict[int, SystemCondition] = {
    pb.SignInHealth.STATE_UP: "UP",
    pb.SignInHealth.STATE_DOWN: "DOWN",
    pb.SignInHealth.STATE_MAINTENANCE: "MAINTENANCE",
    pb.SignInHealth.STATE_OVERLOADED: "OVERLOADED",
}
_SERVICES = {
    "auth": SIGN_IN,
    "accreditation": "Документы и аккредитация",
    "education": "Обучение (НМО)",
    "notify": "Сообщения",
    "egisz-bridge": "Обмен с государственными реестрами",
}


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen and when."""

    systems: tuple[SystemState, ...]
    check_time: datetime


class Systems:
    """Asks all at once, remembers for three seconds; whoever does not answer is unknown or down."""

    def __init__(
        self, auth: Auth, bridge: EgiszBridge, peers: tuple[Peer, ...], clock: Clock
    ) -> None:
        self._auth, self._bridge, self._peers, self._clock = auth, bridge, peers, clock
        self._kept: Look | None = None
        self._kept_at = -1e9
        self._lock = asyncio.Lock()

    async def look(self) -> Look:
        """The state of all systems; takes a second at most."""
        async with self._lock:
            if self._kept is None or monotonic() - self._kept_at > _FRESH_SECONDS:
                esia, registers, services = await asyncio.gather(
                    self._esia(), self._registers(), self.services()
                )
                own = tuple(
                    SystemState(name=_SERVICES[name], condition="UP" if up else "DOWN")
                    for name, up in services.items()
                )
                self._kept = Look((esia, *registers, *own), self._clock.now())
                self._kept_at = monotonic()
            return self._kept

    async def services(self) -> dict[str, bool]:
        """Whether each service has an instance that serves."""
        answers = await asyncio.gather(*(_within(peer.answers) for peer in self._peers))
        return {peer.service: good for peer, good in zip(self._peers, answers, strict=True)}

    async def _esia(self) -> SystemState:
        condition: SystemCondition = "UNKNOWN"
        since = None
        try:
            health = await self._auth.health()
        except ServiceError:
            pass
        else:
            condition = _ESIA.get(health.state, "UNKNOWN")
            if health.HasField("check_time"):
                since = health.check_time.ToDatetime(UTC)
        return SystemState(
            name=GOSUSLUGI, condition=condition, since=since, note="Через них открывается вход."
        )

    async def _registers(self) -> tuple[SystemState, ...]:
        seen: dict[str, tuple[bool, datetime | None]] = {}
        try:
            for one in (await self._bridge.registers()).registers:
                since = one.since_time.ToDatetime(UTC) if one.HasField("since_time") else None
                seen[one.register] = (one.available, since)
        except ServiceError:
            pass
        made = []
        for register, (name, note) in _REGISTERS.items():
            available, since = seen.get(register, (None, None))
            condition: SystemCondition = "UNKNOWN"
            if available is not None:
                condition = "UP" if available else "DOWN"
            made.append(SystemState(name=name, condition=condition, since=since, note=note))
        return tuple(made)


async def _within(answers: Callable[[], Awaitable[bool]]) -> bool:
    try:
        async with asyncio.timeout(1):
            return await answers()
    except TimeoutError:
        return False
