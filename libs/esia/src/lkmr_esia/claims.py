"""What the tokens of ESIA say, in our words. `oid` is always a text of digits."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from urllib.parse import parse_qs

_PREFIX = re.compile(r"^https?://[^/?]+/")
_DIGITS = re.compile(r"^[0-9]{1,19}$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Scope:
    """One granted scope: `fullname?oid=1000000001` or `http://…/org_inf?org_oid=5&mode=w`."""

    name: str
    oid: str | None = None
    org_oid: str | None = None
    mode: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one item. Raises ValueError when a parameter is repeated or an oid has no digits."""
        path, _, query = text.partition("?")
        given = parse_qs(query, keep_blank_values=True, strict_parsing=bool(query))
        single = {key: values[0] for key, values in given.items() if len(values) == 1}
        if len(single) != len(given):
            raise ValueError("a repeated parameter in a scope")
        for key in ("oid", "org_oid"):
            if key in single and not _DIGITS.match(single[key]):
                raise ValueError("an oid that is not a number")
        return cls(
            _PREFIX.sub("", path), single.get("oid"), single.get("org_oid"), single.get("mode")
        )


def parse_scopes(text: str) -> frozenset[Scope]:
    """All scopes of a token; the order means nothing. Raises ValueError."""
    return frozenset(Scope.parse(item) for item in text.split(" ") if item)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessClaims:
    """A checked access token (маркер доступа)."""

    client_id: str
    oid: str | None
    """The person; None for a token of a system."""
    session_id: str | None
    scopes: frozenset[Scope]
    issue_time: datetime
    expire_time: datetime

    def grants(self, name: str) -> bool:
        """Whether a personal scope was granted for the very person of the token."""
        return self.oid is not None and Scope(name, oid=self.oid) in self.scopes

    def grants_organization(self, name: str, org_oid: str | None = None) -> bool:
        """Whether an organisation scope was granted, for one organisation or for any."""
        return any(
            scope.name == name and scope.org_oid is not None and org_oid in {None, scope.org_oid}
            for scope in self.scopes
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class IdClaims:
    """A checked id token (маркер идентификации)."""

    client_id: str
    oid: str
    session_id: str
    confirmed: bool
    """Whether the account is confirmed (подтверждённая учётная запись)."""
    second_factor: bool
    """Whether ESIA itself asked a second factor (`acr` with `2fa`, or a qualified signature)."""
    methods: tuple[str, ...]
    """`amr`: PWD for a password, DS for a qualified signature."""
    authentication_time: datetime | None
    issue_time: datetime
    expire_time: datetime
