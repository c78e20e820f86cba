"""One rig for a data folder, and a clear word when a port is taken."""

import contextlib
import fcntl
import itertools
import json
import os
import socket
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from lkmr_rig.layout import LOOPBACK, Home
from lkmr_rig.supervisor import StartFailed

_LISTEN = "0A"
_SPAN = 100


@contextlib.contextmanager
def only_rig(home: Home) -> Iterator[None]:
    """Hold the data folder. Raises StartFailed naming the rig that has it."""
    path = home.folder("run") / "rig.lock"
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read().strip() or "?"
            raise StartFailed(
                f"Эта папка данных уже работает: {home.root} (процесс {owner}).\n"
                "Остановите его (Ctrl-C) или задайте другую папку: LKMR_HOME=… LKMR_PORT_BASE=…"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def was_killed(home: Home) -> bool:
    """Whether the last rig of a data folder ended without stopping its programs."""
    try:
        return bool(json.loads(home.processes.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return False


def check_ports(wanted: Mapping[int, str]) -> None:
    """Raises StartFailed naming each port that somebody else listens on, and who it is."""
    taken = [port for port in wanted if not is_free(port)]
    if not taken:
        return
    owners = _listeners(taken)
    lines = [f"Порт {port} ({wanted[port]}) занят{owners.get(port, '')}." for port in taken]
    raise StartFailed(
        "\n".join([*lines, "Задайте другие порты: LKMR_PORT_BASE=9080 make run (и свой LKMR_HOME)"])
    )


def is_free(port: int) -> bool:
    """Whether a program could listen on a port of the loopback address now."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_base(first: int = 20000, last: int = 32000) -> int:
    """A port base with a hundred free ports above it, below the ports of outgoing connections.

    It belongs to this process as long as it lives: nobody else is given it. Raises StartFailed.
    """
    for base in _from_own_place(range(first, last, _SPAN)):
        if _reserve(base) and all(is_free(base + offset) for offset in range(_SPAN)):
            return base
    raise StartFailed("нет ста свободных портов подряд")


def free_port(first: int = 10000, last: int = 20000) -> int:
    """One free port that belongs to this process as long as it lives.

    A port that the system picks may go to an outgoing connection before a program listens on it;
    this one lies below those ports, and no other caller is given it. Raises StartFailed.
    """
    for port in _from_own_place(range(first, last)):
        if _reserve(port) and is_free(port):
            return port
    raise StartFailed("нет свободного порта")


def _from_own_place(numbers: range) -> Iterator[int]:
    """All numbers once; processes that ask at the same time begin at different ones."""
    begin = os.getpid() * 37 % len(numbers)
    return itertools.chain(numbers[begin:], numbers[:begin])


_reserved: dict[int, int] = {}


def _reserve(number: int) -> bool:
    """Take a port for the life of this process: the lock ends with it, however it ends."""
    if number in _reserved:
        return False
    folder = Path(tempfile.gettempdir(), f"lkmr-ports-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(folder / str(number), os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return False
    _reserved[number] = handle
    return True


def _listeners(ports: Iterable[int]) -> dict[int, str]:
    """` — python (процесс 17)` for each port whose owner may be seen."""
    wanted = set(ports)
    inodes: dict[str, int] = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
                parts = line.split()
                port = int(parts[1].rpartition(":")[2], 16)
                if port in wanted and parts[3] == _LISTEN:
                    inodes[f"socket:[{parts[9]}]"] = port
    found: dict[int, str] = {}
    for handle in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if (port_ := inodes.get(str(handle.readlink()))) is not None:
                pid = handle.parts[2]
                program = Path("/proc", pid, "comm").read_text(encoding="utf-8").strip()
                found[port_] = f" — {program} (процесс {pid})"
    return found
