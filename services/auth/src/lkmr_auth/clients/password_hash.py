"""Argon2id (RFC 9106) with 64 MiB, three passes, one lane; never on the event loop."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from lkmr_servicekit.personal import Personal

AT_ONCE = 2  # 64 MiB each


class Argon2Hasher:
    """The port `PasswordHasher`."""

    def __init__(self, *, memory_kib: int = 64 * 1024, passes: int = 3) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._room = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: Personal[str]) -> str:
        async with self._room:
            return await asyncio.to_thread(self._hasher.hash, password.open())

    async def fits(self, password_hash: str, password: Personal[str]) -> bool:
        async with self._room:
            return await asyncio.to_thread(self._fits, password_hash, password.open())

    def _fits(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False
