"""An ESIA client that shares no code with the stand-in: it signs by the OpenSSL command.

Where OpenSSL has no GOST engine, `OwnKeys` signs by `lkmr_gost` in its place: the pages and the
protocol are still tried, the second opinion on signatures is not.
"""

import base64
import json
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx2
import pytest
from lxml import html

from lkmr_gost import (
    SoftwareSigner,
    generate_private_key,
    load_certificate,
    self_signed_certificate,
)

CALLBACK = "https://cabinet.example/auth/callback"
SCOPE = "openid fullname birthdate gender snils email mobile usr_org medical_doc"
PASSWORD = "Kabinet-2026!"
Change = str | timedelta | None
"""A value in place of the right one; a span shifts the timestamp; None leaves it out."""


def openssl(*arguments: str, given: bytes = b"") -> bytes:
    done = subprocess.run(
        ["openssl", *arguments], input=given, capture_output=True, check=True, timeout=30
    )
    return done.stdout


def engine_available() -> bool:
    done = subprocess.run(
        ["openssl", "engine", "-t", "gost"], capture_output=True, check=False, timeout=30
    )
    return b"[ available ]" in done.stdout


@dataclass
class Keys:
    """A key pair made by OpenSSL."""

    key: Path
    certificate: Path

    @classmethod
    def gost(cls, folder: Path, name: str = "client") -> "Keys":
        keys = cls(folder / f"{name}.key", folder / f"{name}.pem")
        openssl(
            *("req", "-engine", "gost", "-x509", "-newkey", "gost2012_256", "-nodes"),
            *("-pkeyopt", "paramset:XA", "-md_gost12_256", "-subj", f"/C=RU/CN={name}"),
            *("-days", "300", "-keyout", str(keys.key), "-out", str(keys.certificate)),
        )
        return keys

    @classmethod
    def rsa(cls, folder: Path) -> "Keys":
        keys = cls(folder / "rsa.key", folder / "rsa.pem")
        openssl(
            *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=OLD", "-days", "300"),
            *("-keyout", str(keys.key), "-out", str(keys.certificate)),
        )
        return keys

    @property
    def pem(self) -> str:
        return self.certificate.read_text()

    def hash(self) -> str:
        der = openssl("x509", "-engine", "gost", "-in", str(self.certificate), "-outform", "DER")
        return (
            openssl("dgst", "-engine", "gost", "-md_gost12_256", "-r", given=der)[:64]
            .decode()
            .upper()
        )

    def sign_raw(self, text: str) -> bytes:
        return openssl(
            *("dgst", "-engine", "gost", "-md_gost12_256", "-sign", str(self.key)),
            given=text.encode(),
        )

    def sign_cms(self, text: str, *options: str, command: str = "smime") -> bytes:
        digest = "sha256" if self.key.name.startswith("rsa") else "md_gost12_256"
        return openssl(
            *(command, "-sign", "-engine", "gost", "-binary", "-outform", "DER", "-md", digest),
            *("-signer", str(self.certificate), "-inkey", str(self.key), *options),
            given=text.encode(),
        )


class OwnKeys(Keys):
    """A GOST key pair made and used without OpenSSL."""

    @classmethod
    def gost(cls, folder: Path, name: str = "client") -> "OwnKeys":
        keys, private = cls(folder / f"{name}.key", folder / f"{name}.pem"), generate_private_key()
        start, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 12, 31, tzinfo=UTC)
        made = self_signed_certificate(private, common_name=name, not_before=start, not_after=end)
        keys.key.write_bytes(private.to_pem())
        keys.certificate.write_bytes(made)
        return keys

    def hash(self) -> str:
        return load_certificate(self.certificate.read_bytes()).hash

    def sign_raw(self, text: str) -> bytes:
        return SoftwareSigner.from_files(self.key, self.certificate).sign(text.encode())

    def sign_cms(self, text: str, *options: str, command: str = "smime") -> bytes:
        if self.key.name.startswith("rsa"):
            return super().sign_cms(text, *options, command=command)
        pytest.skip("containers need the GOST engine of OpenSSL (libengine-gost-openssl)")


def unpadded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def stamp(shift: timedelta = timedelta()) -> str:
    return f"{datetime.now(UTC) + timedelta(hours=3) + shift:%Y.%m.%d %H:%M:%S} +0300"


@dataclass
class MiniClient:
    """A system with its own browser session; every step can be spoiled through `changes`."""

    base: str
    client_id: str
    keys: Keys
    scope: str = SCOPE
    http: httpx2.Client = field(default_factory=lambda: httpx2.Client(trust_env=False, timeout=20))

    def authorization(self, **changes: Change) -> dict[str, str]:
        """Parameters of v2/ac, signed after the changes; None leaves a parameter out."""
        values: dict[str, Change] = {
            "client_id": self.client_id,
            "client_certificate_hash": self.keys.hash(),
            "redirect_uri": CALLBACK,
            "scope": self.scope,
            "response_type": "code",
            "state": str(uuid4()),
            "access_type": "offline",
            "timestamp": stamp(),
        } | changes
        given = {
            name: stamp(value) if isinstance(value, timedelta) else value
            for name, value in values.items()
            if value is not None
        }
        order = ("client_id", "scope", "scope_org", "timestamp", "state", "redirect_uri")
        text = "".join(given.get(name, "") for name in order)
        given.setdefault("client_secret", unpadded(self.keys.sign_raw(text)))
        return given

    def exchange(self, code: str | None, **changes: Change) -> dict[str, str]:
        """Parameters of v3/te, for a code when there is one."""
        values: dict[str, Change] = {
            "client_id": self.client_id,
            "client_certificate_hash": self.keys.hash(),
            "scope": self.scope,
            "timestamp": stamp(),
            "state": str(uuid4()),
            "redirect_uri": CALLBACK,
            "grant_type": "authorization_code",
            "code": code,
            "token_type": "Bearer",
        } | changes
        given = {
            name: stamp(value) if isinstance(value, timedelta) else value
            for name, value in values.items()
            if value is not None
        }
        order = ("client_id", "scope", "scope_org", "timestamp", "state", "redirect_uri", "code")
        text = "".join(given.get(name, "") for name in order)
        given.setdefault("client_secret", unpadded(self.keys.sign_raw(text)))
        return given

    def get(self, path: str, **parameters: Any) -> httpx2.Response:
        return self.http.get(f"{self.base}{path}", **parameters)

    def post(self, path: str, form: dict[str, str]) -> httpx2.Response:
        return self.http.post(f"{self.base}{path}", data=form)

    def tokens(self, form: dict[str, str]) -> httpx2.Response:
        return self.post("/aas/oauth2/v3/te", form)

    def submit(self, page: httpx2.Response, number: int = 0, /, **fields: str) -> httpx2.Response:
        """Fill a form of a page as a browser without scripts does; follow our own redirects."""
        form = html.fromstring(page.text).forms[number]
        values = {name: value or "" for name, value in form.form_values()} | fields
        return self.follow(self.http.post(f"{self.base}{form.action}", data=values))

    def follow(self, answer: httpx2.Response) -> httpx2.Response:
        """Go on until a page comes or a redirect leaves ESIA."""
        while answer.is_redirect and answer.headers["location"].startswith(self.base):
            answer = self.http.get(answer.headers["location"])
        return answer

    def open(self, **changes: Change) -> httpx2.Response:
        """Start a sign-in; gives the first page, or the way back."""
        return self.follow(self.get("/aas/oauth2/v2/ac", params=self.authorization(**changes)))

    def pass_pages(self, page: httpx2.Response, login: str, sms: Any) -> httpx2.Response:
        """Password, code when asked, consent when asked; gives the last answer."""
        if "password" in page.text:
            page = self.submit(page, login=login, password=PASSWORD)
        if 'name="code"' in page.text:
            page = self.submit(page, code=sms.code())
        if "grantAuthorization" in page.text:
            page = self.submit(page)
        return page

    def sign_in(self, login: str, sms: Any, **changes: Change) -> dict[str, str]:
        """A whole sign-in; gives the parameters with which the browser came back."""
        return returned(self.pass_pages(self.open(**changes), login, sms))

    def person_tokens(self, login: str, sms: Any, **changes: Change) -> dict[str, Any]:
        code = self.sign_in(login, sms, **changes)["code"]
        answer = self.tokens(self.exchange(code))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def data(self, path: str, token: str) -> httpx2.Response:
        return self.get(path, headers={"Authorization": f"Bearer {token}"})


def returned(answer: httpx2.Response) -> dict[str, str]:
    """Parameters of a redirect to the system."""
    assert answer.is_redirect, f"{answer.status_code} {answer.text[:500]}"
    location = answer.headers["location"]
    assert location.startswith(f"{CALLBACK}?"), location
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def parts_of(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, payload, _ = token.split(".")
    return tuple(  # type: ignore[return-value] # two of them
        json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        for part in (header, payload)
    )


def code_of(answer: httpx2.Response) -> str:
    """The ESIA code of a JSON fault."""
    return str(answer.json()["error_description"])[:11]
