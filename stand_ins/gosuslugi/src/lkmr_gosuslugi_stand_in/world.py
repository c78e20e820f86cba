"""What all parts of the stand-in share: settings, switches, clock, memory, people, clients."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

from lkmr_gosuslugi_stand_in.accounts import Accounts, Locks
from lkmr_gosuslugi_stand_in.clients import Clients
from lkmr_gosuslugi_stand_in.config import Settings, Switches
from lkmr_gosuslugi_stand_in.mail import MailSender
from lkmr_gosuslugi_stand_in.signed_log import SignedLog
from lkmr_gosuslugi_stand_in.sms import SmsSender
from lkmr_gosuslugi_stand_in.token_keys import TokenKeys
from lkmr_servicekit.clock import Clock
from lkmr_stand_in_kit.control import Control
from lkmr_stand_in_kit.store import Store


class World:
    """One running stand-in."""

    def __init__(self, settings: Settings, store: Store, clock: Clock, sms: SmsSender) -> None:
        self.settings, self.store, self.sms = settings, store, sms
        self.mail = MailSender(settings.smtp_url, settings.smtp_ca)
        self._clock = clock
        self.switches = Switches(**(store.find("switches", "now") or {}))
        self.control = Control(clock)
        self.accounts, self.locks = Accounts(store), Locks(store)
        self.clients = Clients(store)
        if settings.clients_dir is not None:
            self.clients.load_folder(settings.clients_dir)
        self.keys = TokenKeys(settings.data_dir / "token-keys", settings.certificates_dir)
        self.signed = SignedLog()
        self._secret = self._load_secret()

    def now(self) -> datetime:
        """The time of this ESIA: the suite's, moved by the switch."""
        return self._clock.now() + timedelta(seconds=self.switches.clock_offset_seconds)

    def change_switches(self, change: dict[str, Any]) -> Switches:
        """Set the named switches. Raises pydantic.ValidationError."""
        self.switches = Switches(**{**self.switches.model_dump(), **change})
        self.store.put("switches", "now", self.switches.model_dump())
        return self.switches

    def mac(self, purpose: str, text: str) -> str:
        """A keyed digest: CSRF values and stored codes."""
        return hmac.new(self._secret, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()

    def _load_secret(self) -> bytes:
        known = self.store.find("secret", "mac")
        if known is None:
            known = secrets.token_hex(32)
            self.store.put("secret", "mac", known)
        return bytes.fromhex(known)


def fingerprint(token: str) -> str:
    """The name under which a secret is remembered: never the secret itself."""
    return hashlib.sha256(token.encode()).hexdigest()
