"""A person in the running suite: signs in through the stand-ins, gets entries from the register."""

import hashlib
import importlib.util
import json
import sys
import time
from dataclasses import dataclass
from datetime import date, timedelta
from types import ModuleType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2
from lkmr.auth.v1 import auth_service_pb2 as pb
from lkmr.auth.v1.auth_service_pb2_grpc import AuthServiceStub

from benchmarks.measure import Failed
from lkmr_rig.layout import CHECKOUT
from lkmr_rig.processes import PEOPLE
from lkmr_servicekit.grpc_client import Peer

_ARRIVE_SECONDS = 30.0
_KINDS = ("PERIODIC", "PRIMARY", "PRIMARY_SPECIALIZED")
_DEVICE = "firefox;linux"


@dataclass(slots=True)
class Visit:
    """An open session whose owner has as many entries as were asked for."""

    programs: Any
    visitor: Any
    snils: str
    numbers: list[str]

    @classmethod
    def begin(cls, programs: Any, login: str, entries: int) -> Self:
        """Sign in, add entries, wait until the cabinet shows them. Blocks. Raises Failed."""
        people = json.loads(PEOPLE.read_text(encoding="utf-8"))["people"]
        snils = next(one["snils"] for one in people if one.get("login") == login)
        visitor = visitor_module().Visitor(programs)
        visit = cls(programs, visitor, snils.replace("-", "").replace(" ", ""), [])
        visitor.sign_in(login)
        if not visit.cookie:
            raise Failed(f"the sign-in ended at {visitor.at} with {visitor.last.status_code}")
        have = len(visit._items())
        for number in range(entries - have):
            visit._add(number)
        end = time.monotonic() + _ARRIVE_SECONDS
        while len(visit._items()) != entries:
            if time.monotonic() > end:
                raise Failed(f"{len(visit._items())} of {entries} entries arrived")
            time.sleep(0.2)
        return visit

    @property
    def cookie(self) -> str:
        """The secret of the session."""
        jar = self.visitor.cookies.get(urlsplit(self.visitor.base).netloc, {})
        return str(jar.get("__Host-lkmr", ""))

    async def session(self) -> pb.Session:
        """The session as a gateway learns it from auth."""
        home, ports = self.programs.home, self.programs.ports
        digest = hashlib.sha256(self.cookie.encode()).digest()
        target = f"127.0.0.1:{ports.grpc('auth')}"
        async with Peer("auth", target, tls_dir=home.tls("gateway")) as peer:
            request = pb.ResolveSessionRequest(session_hash=digest, device=_DEVICE)
            session: pb.Session = await peer.call(
                AuthServiceStub(peer.channel).ResolveSession, request, token=""
            )
        return session

    async def caller_token(self) -> str:
        """A fresh caller token of the session."""
        return (await self.session()).caller_token

    def end(self) -> None:
        """Take the added entries back and close the browser."""
        for number in self.numbers:
            httpx2.delete(self._address(number), timeout=10, trust_env=False)
        self.visitor.__exit__(None, None, None)

    def _items(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.visitor.api("accreditations")["items"]
        return found

    def _add(self, number: int) -> None:
        registry_number = f"7700 {900_000_001 + number}"
        body = {
            "kind": _KINDS[number % len(_KINDS)],
            "specialty": ("терапия", "кардиология", "лечебное дело")[number % 3],
            "recorded_at": (date(2019, 11, 20) + timedelta(days=number * 130)).isoformat(),
            "annulled": number == 5,
            "organizations": ["org-gp1"] if number % 2 else [],
        }
        self.numbers.append(registry_number)
        answer = httpx2.put(self._address(registry_number), json=body, timeout=10, trust_env=False)
        if answer.status_code not in {200, 201}:
            raise Failed(f"the register took no entry: {answer.status_code}")

    def _address(self, number: str) -> str:
        base = self.programs.url("egisz")
        return f"{base}/_control/register/workers/{self.snils}/accreditations/{number}"


def visitor_module() -> ModuleType:
    """`tests/support/visitor.py`, loaded by its path: another package is called `tests` too."""
    name = "lkmr_tests_visitor"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            name, CHECKOUT / "tests" / "support" / "visitor.py"
        )
        if spec is None or spec.loader is None:
            raise Failed("tests/support/visitor.py is missing")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]
