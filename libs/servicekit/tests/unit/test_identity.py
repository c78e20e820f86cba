from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.identity import Caller, CallerKind, TokenSigner, TokenVerifier

CLOCK = FakeClock()
SIGNER = TokenSigner("k1", Ed25519PrivateKey.generate(), CLOCK)
PERSON = Caller(
    kind=CallerKind.PERSON,
    subject="p1",
    expire_time=0,
    session="persons/p1/sessions/s1",
    worker="w1",
    organization="org-gp1",
    roles=("DOCTOR",),
    assurance="SIGNED_IN",
    organization_oid="1.2.643.5.1.13.13.12.2.77.90001",
    department="терапевтическое отделение",
)
TOKEN = SIGNER.caller_token(PERSON, CLOCK.now())[0]


def a_verifier(clock: FakeClock | None = None, signer: TokenSigner = SIGNER) -> TokenVerifier:
    async def keys() -> dict[str, bytes]:
        return {signer.key_id: signer.key.public_key().public_bytes_raw()}

    return TokenVerifier(keys, clock or CLOCK)


async def test_a_token_gives_back_the_caller_it_was_made_for() -> None:
    caller = await a_verifier().verify(TOKEN)

    assert replace(caller, expire_time=0) == PERSON


async def test_a_job_token_names_the_program_and_its_purpose() -> None:
    caller = await a_verifier().verify(SIGNER.job_token("notify", "delivery")[0])

    assert (caller.kind, caller.subject, caller.purpose) == (CallerKind.JOB, "notify", "delivery")


async def test_a_token_ends_after_five_minutes_also_when_it_is_remembered() -> None:
    clock = FakeClock(CLOCK.now())
    verifier = a_verifier(clock)
    await verifier.verify(TOKEN)
    clock.move(minutes=5, seconds=11)

    with pytest.raises(ServiceError):
        await verifier.verify(TOKEN)


async def test_a_token_of_another_key_is_refused_though_its_key_id_fits() -> None:
    stranger = TokenSigner("k1", Ed25519PrivateKey.generate(), CLOCK)

    with pytest.raises(ServiceError):
        await a_verifier(signer=stranger).verify(TOKEN)


@given(st.integers(0, len(TOKEN) - 1), st.characters(min_codepoint=33, max_codepoint=126))
async def test_no_token_with_a_changed_character_is_taken(place: int, letter: str) -> None:
    mangled = TOKEN[:place] + letter + TOKEN[place + 1 :]
    try:
        caller = await a_verifier().verify(mangled)
    except ServiceError as refusal:
        assert refusal.reason == "CALLER_UNKNOWN"
    else:
        # The last sextet of a base64url part may hold unused bits; the bytes are then the same.
        assert replace(caller, expire_time=0) == PERSON


@given(st.text(max_size=200))
async def test_no_text_at_all_is_taken_for_a_token(text: str) -> None:
    with pytest.raises(ServiceError):
        await a_verifier().verify(text)


async def test_unknown_key_ids_do_not_make_auth_busy() -> None:
    asked = 0

    async def keys() -> dict[str, bytes]:
        nonlocal asked
        asked += 1
        return {}

    verifier = TokenVerifier(keys, CLOCK)
    for _ in range(5):
        with pytest.raises(ServiceError):
            await verifier.verify(TOKEN)

    assert asked == 1


def test_a_person_without_a_profile_holds_the_least_role() -> None:
    assert replace(PERSON, roles=()).held_roles == ("WITHOUT_JOB",)


async def test_a_step_up_ends_with_its_time_though_the_token_lives_on() -> None:
    clock = FakeClock(CLOCK.now())
    verifier = a_verifier(clock)
    end = clock.now().timestamp() + 120
    token, _ = SIGNER.caller_token(
        replace(PERSON, assurance="STEPPED_UP", step_up_end=end), clock.now()
    )

    (await verifier.verify(token)).require_step_up()
    clock.move(seconds=121)

    later = await verifier.verify(token)
    assert later.assurance == "SIGNED_IN"
    with pytest.raises(ServiceError, match="STEP_UP_REQUIRED"):
        later.require_step_up()
