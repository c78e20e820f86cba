"""NATS JetStream of one machine: an account with exact permissions for each program."""

import asyncio
import contextlib
import ctypes
import ctypes.util
import importlib
import json
import secrets
import shutil
import string
import sys
from collections.abc import Iterator
from pathlib import Path

from google.protobuf.message import Message
from lkmr.type.v1.act_pb2 import Act

from lkmr_rig.credentials import password
from lkmr_rig.layout import LOOPBACK, PROGRAMS, SERVICES, Home, Ports, snake, write_private
from lkmr_servicekit.audit_wire import ACT_TOPIC
from lkmr_servicekit.events import stream_of
from lkmr_servicekit.inbox import Subscription

BOOTSTRAP = "bootstrap"
JOURNAL = "auth"  # the one who hears the acts of all services
_JS = "$JS.API"


def prepare(home: Home, ports: Ports) -> None:
    """Write the configuration; passwords stand in it only as bcrypt hashes."""
    users = [_user(home, BOOTSTRAP, "nats", "bootstrap_password", {})]
    users += [_user(home, one, one, "nats_password", permissions(one)) for one in PROGRAMS]
    config = {
        "server_name": "lkmr-1",
        "listen": f"{LOOPBACK}:{ports.nats}",
        "http": f"{LOOPBACK}:{ports.nats_monitoring}",
        "max_payload": 1024 * 1024,
        "max_connections": 500,
        "jetstream": {
            "store_dir": str(home.folder("nats")),
            "max_mem": 128 * 1024**2,
            "max_file": 20 * 1024**3,
            "sync_interval": "always",
        },
        "authorization": {"timeout": 5, "users": users},
    }
    write_private(home.folder("nats") / "nats.conf", json.dumps(config, indent=1))


def command(home: Home) -> tuple[str, ...]:
    """The server in the foreground; it ends when the rig is killed."""
    server = Path(sys.executable).with_name("nats-server")
    binary = str(server) if server.is_file() else shutil.which("nats-server") or "nats-server"
    config = str(home.root / "nats" / "nats.conf")
    return ("setpriv", "--pdeathsig", "TERM", binary, "-c", config)


def url(ports: Ports, program: str) -> str:
    """The address a program is given: its user, no password."""
    return f"nats://{program}@{LOOPBACK}:{ports.nats}"


async def answers(ports: Ports) -> bool:
    """Whether JetStream serves (monitoring port, loopback only)."""
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(LOOPBACK, ports.nats_monitoring)
            writer.write(b"GET /healthz?js-enabled-only=true HTTP/1.0\r\n\r\n")
            head = await reader.readline()
            writer.close()
    except (OSError, TimeoutError):
        return False
    return b" 200 " in head


def facts() -> Iterator[tuple[str, type[Message]]]:
    """Every fact that the contracts know, with the service that announces it."""
    for service in SERVICES:
        module = importlib.import_module(f"lkmr.{snake(service)}.v1.events_pb2")
        for name in module.DESCRIPTOR.message_types_by_name:
            yield service, getattr(module, name)


def permissions(program: str) -> dict[str, object]:
    """What a program may say and hear.

    A service publishes its own facts and declares its own stream; of the others' streams it reads
    by its own durable consumers, whose names follow from the contracts. Nobody deletes or purges.
    The gateway only listens.
    """
    inbox = f"_INBOX_{program}.>"
    if program not in SERVICES:
        return {"publish": {"deny": [">"]}, "subscribe": {"allow": [inbox, "lkmr.>"]}}
    own = stream_of(program)
    publish = [f"lkmr.{snake(program)}.>", f"{_JS}.INFO", f"{_JS}.STREAM.INFO.*"]
    publish += [f"{_JS}.STREAM.{verb}.{own}" for verb in ("CREATE", "UPDATE")]
    heard_facts = [Subscription(kind, _nothing) for _, kind in facts()]
    if program == JOURNAL:
        topics = (ACT_TOPIC.format(service=snake(one)) for one in SERVICES)
        heard_facts += [Subscription(Act, _nothing, topic=topic) for topic in topics]
    for one in heard_facts:
        stream, durable = stream_of(one.producer), one.durable(program)
        publish += [
            f"{_JS}.CONSUMER.CREATE.{stream}.{durable}.{one.subject}",
            f"{_JS}.CONSUMER.DURABLE.CREATE.{stream}.{durable}",
            f"{_JS}.CONSUMER.INFO.{stream}.{durable}",
            f"{_JS}.CONSUMER.MSG.NEXT.{stream}.{durable}",
            f"$JS.ACK.{stream}.{durable}.>",
        ]
    heard = [inbox, "lkmr.auth.v1.session.revoked"]
    return {"publish": {"allow": publish}, "subscribe": {"allow": heard}}


async def _nothing(_: object) -> None:
    """A subscription is built here for its name only."""


def _user(
    home: Home, user: str, owner: str, secret: str, allowed: dict[str, object]
) -> dict[str, object]:
    entry: dict[str, object] = {"user": user, "password": _hashed(password(home, owner, secret))}
    return entry | ({"permissions": allowed} if allowed else {})


def _hashed(secret: str) -> str:
    """Hash by bcrypt of the C library (cost 4: the secret has 256 bits); without it the secret."""
    salt = "".join(secrets.choice("./" + string.ascii_letters + string.digits) for _ in range(21))
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(ctypes.util.find_library("crypt"))
        library.crypt.restype = ctypes.c_char_p
        answer = library.crypt(secret.encode(), f"$2b$04${salt}O".encode()) or b""
        if answer.startswith(b"$2b$04$"):
            return str(answer.decode())
    return secret
