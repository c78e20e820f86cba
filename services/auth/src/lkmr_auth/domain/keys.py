"""Keys that sign caller tokens: two are published at any time, one of them signs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lkmr_servicekit.personal import Personal

ROTATION = timedelta(days=30)
# Longer than the life of a token plus the time in which services learn a new key.
OVERLAP = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """An Ed25519 key; it signs from `activate_time` until the next one does."""

    key_id: str
    private_key: Personal[bytes]
    public_key: bytes
    activate_time: datetime


def active_key(keys: Sequence[SigningKey], now: datetime) -> SigningKey | None:
    """The key that signs now."""
    ready = [key for key in keys if key.activate_time <= now]
    return max(ready, key=lambda key: key.activate_time, default=None)


def outdated_keys(keys: Sequence[SigningKey], now: datetime) -> tuple[SigningKey, ...]:
    """Keys whose successor signs for so long that no token of theirs can live."""
    active = active_key(keys, now)
    if active is None or now - active.activate_time < OVERLAP:
        return ()
    return tuple(key for key in keys if key.activate_time < active.activate_time)


def next_activation(keys: Sequence[SigningKey], now: datetime) -> datetime | None:
    """When a key that is to be made now will sign; None while no new key is needed.

    At most two keys exist, so the successor is made once the predecessor has gone.
    """
    active = active_key(keys, now)
    if active is None:
        return now
    if len(keys) - len(outdated_keys(keys, now)) > 1:
        return None
    return max(active.activate_time + ROTATION, now + OVERLAP)
