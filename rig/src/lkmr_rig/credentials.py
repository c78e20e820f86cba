"""Passwords and keys of the suite: made at first start, kept in files of mode 600."""

import base64
import json
import secrets
import uuid

from lkmr_rig.layout import PROGRAMS, SERVICES, Home, write_json, write_private
from lkmr_servicekit.clock import real_now


def password(home: Home, owner: str, name: str) -> str:
    """A random password of an owner, the same at every start (256 bits)."""
    path = home.secrets(owner) / name
    if not path.is_file():
        write_private(path, secrets.token_urlsafe(32))
    return path.read_text(encoding="utf-8")


def make_all(home: Home) -> None:
    """Make what is missing; what is there stays."""
    password(home, "postgres", "superuser_password")
    password(home, "nats", "bootstrap_password")
    for service in SERVICES:
        password(home, service, "database_password")
        password(home, f"{service}-migrations", "database_password")
        _keyring(home, service)
    for program in PROGRAMS:
        password(home, program, "nats_password")
    password(home, "gateway", "csrf_key")
    password(home, "auth", "journal_signing_key")  # 32 bytes: a key of Ed25519
    password(home, "egisz-bridge", "ferzl_token")
    password(home, "notify", "vapid_key")  # 32 random bytes in base64url, as RFC 8292 asks


def _keyring(home: Home, service: str) -> None:
    path = home.keyring(service)
    if path.is_file():
        json.loads(path.read_text(encoding="utf-8"))  # a damaged key file must stop the start
        return
    name = uuid.uuid4().hex[:12]
    content = {
        "service": service,
        "active": name,
        "keys": {name: _random_key()},
        "index_key": _random_key(),
        "made": {name: real_now().isoformat(timespec="seconds")},
    }
    write_json(path, content)


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
