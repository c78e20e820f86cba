"""The keys of caller tokens in the memory of this instance, and their rotation."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lkmr_auth.domain.keys import SigningKey, active_key, next_activation, outdated_keys
from lkmr_auth.usecases.ports import NewUnitOfWork
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.identity import TokenSigner
from lkmr_servicekit.personal import Personal


@dataclass(slots=True)
class SigningKeys:
    """Two keys at any time; `refresh` is called at start and in the background."""

    new_uow: NewUnitOfWork
    clock: Clock
    make_key: Callable[[], Ed25519PrivateKey] = Ed25519PrivateKey.generate
    _keys: tuple[SigningKey, ...] = field(default=())

    async def refresh(self) -> None:
        """Read the keys, make what is missing, drop what is over; one instance at a time."""
        async with self.new_uow() as uow:
            await uow.keys.lock()
            keys = await uow.keys.list()
            now = self.clock.now()
            for old in outdated_keys(keys, now):
                await uow.keys.remove(old.key_id)
            keys = tuple(key for key in keys if key not in outdated_keys(keys, now))
            while (activation := next_activation(keys, now)) is not None:
                private = self.make_key()
                fresh = SigningKey(
                    key_id=secrets.token_hex(8),
                    private_key=Personal(private.private_bytes_raw()),
                    public_key=private.public_key().public_bytes_raw(),
                    activate_time=activation,
                )
                await uow.keys.add(fresh)
                keys = (*keys, fresh)
            await uow.commit()
        self._keys = keys

    def signer(self) -> TokenSigner:
        """Signs with the key that is active now. Raises ServiceError before the first `refresh`."""
        key = active_key(self._keys, self.clock.now())
        if key is None:
            raise ServiceError("SIGNING_KEY_MISSING", Category.UNAVAILABLE)
        private = Ed25519PrivateKey.from_private_bytes(key.private_key.open())
        return TokenSigner(key.key_id, private, self.clock)

    def published(self) -> dict[str, bytes]:
        """Public keys by id: the active one with its predecessor or successor."""
        return {key.key_id: key.public_key for key in self._keys}
