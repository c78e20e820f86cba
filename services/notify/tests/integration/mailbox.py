"""The stand-in `mailbox` as a process: relay with TLS, two SMS providers, push service."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2

from lkmr_rig.guard import free_port
from lkmr_rig.layout import Home

from .conftest import wait_until


class Mailbox:
    """Started in `folder`; letters that come back go to the door at `bounce_port`."""

    def __init__(self, folder: Path, home: Home, bounce_port: int) -> None:
        self.http_port, self.smtp_port, self.smtps_port = free_port(), free_port(), free_port()
        self.base = f"http://127.0.0.1:{self.http_port}"
        tls = home.tls("gateway-https")
        self.ca = tls / "ca.pem"
        settings = {
            "DATA_DIR": str(folder),
            "LISTEN": f"127.0.0.1:{self.http_port}",
            "SMTP_LISTEN": f"127.0.0.1:{self.smtp_port}",
            "SMTPS_LISTEN": f"127.0.0.1:{self.smtps_port}",
            "TLS_CERT": str(tls / "cert.pem"),
            "TLS_KEY": str(tls / "key.pem"),
            "BOUNCE_TO": f"127.0.0.1:{bounce_port}",
        }
        self.log = folder / "mailbox.log"
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "lkmr_mailbox_stand_in"],
                env={
                    "PATH": os.environ["PATH"],
                    **{f"MAILBOX_{name}": value for name, value in settings.items()},
                },
                stdout=sink,
                stderr=sink,
            )
        wait_until(lambda: self.ask("GET", "/_control/health"), "the mailbox is ready")

    def ask(self, method: str, path: str, **more: Any) -> Any:
        answer = httpx2.request(
            method, f"{self.base}{path}", trust_env=False, timeout=10, **more
        ).raise_for_status()
        return answer.json() if answer.content else True

    def to(self, address: str, channel: str = "EMAIL") -> list[dict[str, Any]]:
        found = self.ask("GET", "/api/messages", params={"to": address})
        return [one for one in found if one["channel"] == channel]

    def manners(self, system: str, **change: Any) -> None:
        self.ask("PUT", "/_control/manners", json={"system": system, **change})

    def behave(self, **change: Any) -> None:
        self.ask("PUT", "/_control/behaviour", json=change)

    def good_again(self) -> None:
        self.behave(availability="up")
        for system in ("smtp", "sms", "sms-2", "push"):
            self.manners(system)

    def send_back(self, to: str, **more: Any) -> None:
        self.ask("POST", "/_control/bounces", json={"to": to, **more})

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
