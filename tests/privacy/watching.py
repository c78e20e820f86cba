"""A visitor who notes what went over the wire: addresses, answers, titles, secrets."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

from ..support.visitor import Visitor
from .planted import Planted

TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
CODE = re.compile(r"\b\d{6}\b")
SHORT = 16  # nothing shorter is an authorisation code or a secret of a cookie


class Watching(Visitor):
    """Collects into lists that many visitors share."""

    def __init__(self, suite: Any, planted: Planted) -> None:
        super().__init__(suite)
        self.planted = planted
        self.addresses: list[str] = []
        self.titles: list[str] = []
        self.answers: list[str] = []

    def request(self, method: str, path: str, **more: Any) -> httpx2.Response:
        """As `Visitor.request`, noted when it went to the cabinet."""
        answer = super().request(method, path, **more)
        site = urlsplit(self.base).netloc
        target = urlsplit(str(answer.request.url))
        self.planted.secrets |= {
            value
            for name, value in self.cookies.get(site, {}).items()
            if name.startswith("__Host-") and len(value) > SHORT
        }
        query = parse_qs(target.query)
        if target.netloc == site and target.path == "/auth/callback" and "code" in query:
            self.planted.secrets |= {code for code in query["code"] if len(code) > SHORT}
        if target.netloc == site:
            self._note(answer, target.path)
        return answer

    def code_for(self, phone: str) -> str:
        """As `Visitor.code_for`, noted as a secret."""
        code = super().code_for(phone)
        self.planted.codes.add(code)
        return code

    def _note(self, answer: httpx2.Response, path: str) -> None:
        self.addresses.append(path)
        if location := answer.headers.get("location", ""):
            where = urlsplit(location)
            if where.netloc in {"", urlsplit(self.base).netloc}:
                self.addresses.append(location)
        if answer.headers.get("content-type", "").startswith(("text/html", "application/")):
            self.answers.append(answer.text)
            self.titles += TITLE.findall(answer.text)
