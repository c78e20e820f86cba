"""The gateway's own check of ESIA tokens: each token once, and never more than it says."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from lkmr_esia import AccessClaims, Refusal, Scope, TokenPolicy, TokenRefused, TrustedCertificates
from lkmr_gateway import esia
from lkmr_gateway.esia import EsiaTokens
from lkmr_servicekit.clock import FakeClock


class Checks:
    """Plays the check of the library and counts it."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock, self.count = clock, 0
        self.refusal: Refusal | None = None
        self.scopes = frozenset({Scope("snils", oid="1"), Scope("openid")})

    def __call__(self, token: str, *, policy: TokenPolicy, now: datetime) -> AccessClaims:
        assert token
        assert policy.client_ids == {"LKMR01"}
        assert now == self.clock.now()
        self.count += 1
        if self.refusal is not None:
            raise TokenRefused(self.refusal)
        return AccessClaims(
            client_id="LKMR01",
            oid="1",
            session_id="s",
            scopes=self.scopes,
            issue_time=now,
            expire_time=now + timedelta(hours=1),
        )


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def checks(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Checks:
    made = Checks(clock)
    monkeypatch.setattr(esia, "verify_access_token", made)
    return made


@pytest.fixture
def tokens(clock: FakeClock, tmp_path: Any) -> EsiaTokens:
    policy = TokenPolicy(
        issuer="http://esia.gosuslugi.ru/",
        client_ids=frozenset({"LKMR01"}),
        certificates=TrustedCertificates(tmp_path),
    )
    return EsiaTokens(policy, clock)


async def test_a_good_token_is_checked_once_until_it_expires(
    tokens: EsiaTokens, checks: Checks, clock: FakeClock
) -> None:
    assert [await tokens.verify("t") for _ in range(3)] == [True] * 3
    assert checks.count == 1

    clock.move(minutes=62)
    checks.refusal = Refusal.EXPIRED
    assert not await tokens.verify("t")
    assert checks.count == 2


@pytest.mark.parametrize("refusal", Refusal)
async def test_a_refused_token_is_no_session(
    tokens: EsiaTokens, checks: Checks, refusal: Refusal
) -> None:
    checks.refusal = refusal

    assert [await tokens.verify("t") for _ in range(3)] == [False] * 3
    assert checks.count == 1


async def test_a_token_without_the_needed_scope_of_its_own_person_is_refused(
    tokens: EsiaTokens, checks: Checks
) -> None:
    checks.scopes = frozenset({Scope("snils", oid="2"), Scope("openid")})

    assert not await tokens.verify("t")


async def test_a_session_whose_token_could_not_be_renewed_is_let_in_by_auth(
    tokens: EsiaTokens, checks: Checks
) -> None:
    assert await tokens.verify("")
    assert checks.count == 0


async def test_a_real_check_refuses_what_nobody_signed(tokens: EsiaTokens) -> None:
    for text in ("a.b.c", "e30.e30.e30", "x" * 20_000, "\udcff"):
        assert not await tokens.verify(text)
