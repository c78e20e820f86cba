"""What the rig tells the person in front of it."""

import json
import os
import sys

from lkmr_rig.processes import PEOPLE
from lkmr_rig.suite import StartFailed, Suite


def say(line: str) -> None:
    """Print a line at once; a closed terminal is no reason to stop."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - kept till the end


def port_base() -> int:
    """`LKMR_PORT_BASE`, default 8080. Raises StartFailed."""
    text = os.environ.get("LKMR_PORT_BASE", "8080")
    if not text.isdigit():
        raise StartFailed(f"LKMR_PORT_BASE={text}: нужно число")
    return int(text)


def infrastructure(suite: Suite) -> None:
    """One line for a program that waits for it."""
    say(f"ready {suite.ports.base}")


def addresses(suite: Suite, seconds: float) -> None:
    """Addresses and demo logins."""
    ports = suite.ports
    lines = [f"Кабинет медработника запущен за {seconds:.1f} с.", ""]
    for number in range(1, suite.plan.instances + 1):
        name = "Кабинет" if number == 1 else f"Кабинет, шлюз {number}"
        lines.append(_row(name, f"http://localhost:{ports.gateway_http(number)}"))
        lines.append(_row("  по HTTPS", f"https://localhost:{ports.gateway_https(number)}"))
    lines += [
        _row("Госуслуги (имитатор)", suite.url("gosuslugi")),
        _row("ЕГИСЗ (имитатор)", suite.url("egisz")),
        _row("Почта и SMS (имитатор)", suite.url("mailbox")),
        _row("Партнёрам, gRPC", f"localhost:{ports.partner()}"),
        _row("Корневой сертификат", str(suite.home.tls() / "ca.pem")),
        _row("Журналы", str(suite.home.root / "log")),
        "",
        "Вход через имитатор Госуслуг; код второго фактора приходит в «Почту и SMS»:",
        *_logins(),
        "",
        "Остановить: Ctrl-C",
    ]
    say("\n".join(lines))


def _row(name: str, value: str) -> str:
    return f"  {name:<24}{value}"


def _logins() -> list[str]:
    if not PEOPLE.is_file():
        return []
    people = json.loads(PEOPLE.read_text(encoding="utf-8"))["people"]
    return [
        f"  {one['login']:<14}{one['password']:<16}"
        f"{', '.join(dict.fromkeys(role for job in one['jobs'] for role in job['roles']))}"
        for one in people
        if "login" in one and "password" in one
    ]
