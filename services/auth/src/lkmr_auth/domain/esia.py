"""What a sign-in learns from ESIA (ЕСИА), free of the words of its protocol."""

from dataclasses import dataclass, field
from datetime import datetime

from lkmr_auth.domain.person import Contacts, PersonalNames
from lkmr_servicekit.personal import Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class EsiaTokens:
    """The tokens of one ESIA session; they never leave auth but for the gateway's own check."""

    access_token: Personal[str]
    refresh_token: Personal[str]
    expire_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EsiaSignIn:
    """A verified answer of ESIA: who signed in, how strongly, with which tokens."""

    oid: str
    confirmed: bool
    second_factor: bool
    tokens: EsiaTokens


@dataclass(frozen=True, slots=True, kw_only=True)
class EsiaPerson:
    """A person as ESIA holds them. What its scopes did not give is empty."""

    names: PersonalNames
    birth_date: Personal[str]
    snils: Personal[str]
    trusted: bool
    policy_number: Personal[str] = field(default_factory=lambda: Personal(""))
    contacts: Contacts = field(default_factory=Contacts)
