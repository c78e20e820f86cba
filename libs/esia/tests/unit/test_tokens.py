import base64
import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from esia_samples import (
    ACCESS,
    ID,
    ISSUER,
    NOW,
    OID,
    SESSION,
    Kind,
    access_claims,
    gost_certificate,
    gost_key,
    later,
    policy_for,
    rsa_key,
    signed,
    token,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from lkmr_esia import (
    Refusal,
    Scope,
    TokenPolicy,
    TokenRefused,
    TrustedCertificates,
    verify_access_token,
    verify_id_token,
)
from lkmr_gost import generate_private_key, load_certificate

PUBLISHED = (
    "eyJ2ZXIiOjEsInR5cCI6IkpXVCIsInNidCI6ImFjY2VzcyIsImFsZyI6IkdPU1QzNDEwXzIwMTJfMjU2In0."
    "eyJuYmYiOjE3Njg0NTg2NzAsInNjb3BlIjoiZnVsbG5hbWU_b2lkPTEwMDAwMDAwMDEgb3BlbmlkIiwiaXNzIjoi"
    "aHR0cDpcL1wvZXNpYS5nb3N1c2x1Z2kucnVcLyIsInVybjplc2lhOnNpZCI6ImExNTEwY2IyLTAxMTItNGFmNS04"
    "ZGI2LTZiYzc1ZGI0MGUwZSIsInVybjplc2lhOnNial9pZCI6MTAwMDAwMDAwMSwiZXhwIjoxNzY4NDYyMjcwLCJp"
    "YXQiOjE3Njg0NTg2NzAsImNsaWVudF9pZCI6IkxLTVIwMSJ9.ST9GjdRwiWZx_BxlU7vvLcG7On4tqyz60X_3qTpm"
    "MPS3pCA0lyYP1_Kr6gFmNckOwTm5Vrwz1-8eiNWCFYAinQ"
)
PUBLISHED_SECRET = 0x7A929ADE789BB9BE10ED359DD39A72C11B60961F49397EEE1D19CE9891EC3B28

BOTH = pytest.mark.parametrize("kind", [ACCESS, ID], ids=["access", "id"])
ALGORITHMS = pytest.mark.parametrize("algorithm", ["gost", "rsa"])


@pytest.fixture
def policy(tmp_path: Path) -> TokenPolicy:
    return policy_for(tmp_path)


def verify(kind: Kind, text: str, policy: TokenPolicy, now: Any = NOW) -> Any:
    check: Callable[..., Any] = verify_access_token if kind is ACCESS else verify_id_token
    return check(text, policy=policy, now=now)


def refusal(kind: Kind, text: str, policy: TokenPolicy, now: Any = NOW) -> Refusal:
    with pytest.raises(TokenRefused) as caught:
        verify(kind, text, policy, now)
    return caught.value.reason


def test_the_published_token_is_accepted_with_its_key(tmp_path: Path) -> None:
    from lkmr_gost import PrivateKey

    key = PrivateKey("1.2.643.2.2.36.0", PUBLISHED_SECRET)
    policy = policy_for(tmp_path)
    (tmp_path / "gost.pem").write_bytes(gost_certificate(key))

    claims = verify_access_token(PUBLISHED, policy=policy, now=NOW)

    assert (claims.oid, claims.client_id, claims.session_id) == ("1000000001", "LKMR01", SESSION)
    assert claims.grants("fullname")
    assert not claims.grants("snils")


@ALGORITHMS
def test_a_sound_access_token_tells_person_session_and_scopes(
    algorithm: str, policy: TokenPolicy
) -> None:
    claims = verify_access_token(token(ACCESS, algorithm=algorithm), policy=policy, now=NOW)

    assert (claims.oid, claims.session_id) == (str(OID), SESSION)
    assert claims.scopes == {
        Scope("fullname", oid=str(OID)),
        Scope("openid"),
        Scope("org_inf", org_oid="77", mode="w"),
    }
    assert claims.grants_organization("org_inf", "77")
    assert not claims.grants_organization("org_inf", "78")


def test_a_scope_of_another_person_grants_nothing(policy: TokenPolicy) -> None:
    claims = verify_access_token(
        token(ACCESS, scope="fullname?oid=1 snils openid"), policy=policy, now=NOW
    )

    assert not claims.grants("fullname")
    assert not claims.grants("snils")


@ALGORITHMS
def test_a_sound_id_token_tells_confirmation_and_second_factor(
    algorithm: str, policy: TokenPolicy
) -> None:
    claims = verify_id_token(token(ID, algorithm=algorithm), policy=policy, now=NOW)

    assert (claims.oid, claims.session_id, claims.client_id) == (str(OID), SESSION, "LKMR01")
    assert claims.confirmed
    assert claims.second_factor
    assert claims.methods == ("PWD",)


def test_without_acr_no_second_factor_is_claimed(policy: TokenPolicy) -> None:
    assert not verify_id_token(token(ID, drop=("acr",)), policy=policy, now=NOW).second_factor


@pytest.mark.parametrize(
    "subject",
    [
        {"urn:esia:sbj:oid": OID},
        {"urn:esia:sbj:oid": OID, "urn:esia:sbj:lvl": "PR"},
        {"urn:esia:sbj:oid": OID, "urn:esia:sbj:is_tru": "true"},
        {"urn:esia:sbj:oid": OID, "urn:esia:sbj:is_tru": True, "urn:esia:sbj:lvl": "P"},
        {"urn:esia:sbj:oid": OID, "urn:esia:sbj:is_tru": True, "urn:esia:sbj:lvl": "KD"},
    ],
)
def test_an_account_that_is_not_plainly_confirmed_is_not(
    subject: dict[str, Any], policy: TokenPolicy
) -> None:
    claims = verify_id_token(token(ID, **{"urn:esia:sbj": subject}), policy=policy, now=NOW)

    assert not claims.confirmed


def test_an_older_token_without_level_is_confirmed_by_is_tru(policy: TokenPolicy) -> None:
    subject = {"urn:esia:sbj:oid": OID, "urn:esia:sbj:is_tru": True}

    assert verify_id_token(token(ID, **{"urn:esia:sbj": subject}), policy=policy, now=NOW).confirmed


def test_id_and_access_token_of_one_answer_must_agree(policy: TokenPolicy) -> None:
    access = verify_access_token(token(ACCESS), policy=policy, now=NOW)
    other = verify_access_token(
        token(ACCESS, **{"urn:esia:sbj_id": OID + 1}), policy=policy, now=NOW
    )

    verify_id_token(token(ID), policy=policy, now=NOW, access=access)
    with pytest.raises(TokenRefused) as caught:
        verify_id_token(token(ID), policy=policy, now=NOW, access=other)
    assert caught.value.reason is Refusal.SUBJECT_MISMATCH


@BOTH
def test_one_kind_of_token_is_never_taken_for_another(kind: Kind, policy: TokenPolicy) -> None:
    other = ID if kind is ACCESS else ACCESS

    assert refusal(kind, token(other), policy) is Refusal.KIND_WRONG
    assert refusal(kind, token(kind, header={"sbt": "authorization_code"}), policy) is (
        Refusal.KIND_WRONG
    )


@BOTH
@pytest.mark.parametrize("name", ["crit", "jku", "x5u", "jwk", "x5c", "b64"])
def test_headers_that_bring_keys_or_change_the_rules_are_refused(
    kind: Kind, name: str, policy: TokenPolicy
) -> None:
    good = token(kind)
    header = orjson.loads(base64.urlsafe_b64decode(good.split(".")[0] + "==")) | {name: []}
    text = ".".join([_encoded(orjson.dumps(header)), *good.split(".")[1:]])

    assert refusal(kind, text, policy) is Refusal.HEADER_NOT_ALLOWED


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "HS256", "RS512", "ES256", 1, None, ["RS256"]]
)
def test_algorithms_outside_the_list_are_refused(algorithm: Any, policy: TokenPolicy) -> None:
    header = _encoded(orjson.dumps({"alg": algorithm, "sbt": "access"}))
    text = f"{header}.{_encoded(orjson.dumps(access_claims()))}.AAAA"

    assert refusal(ACCESS, text, policy) is Refusal.ALGORITHM_NOT_ALLOWED


def test_a_public_key_used_as_a_shared_secret_is_refused(policy: TokenPolicy) -> None:
    public = rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = _encoded(b'{"alg":"HS256","sbt":"access","typ":"JWT"}')
    body = f"{head}.{_encoded(orjson.dumps(access_claims()))}"
    mac = hmac.new(public, body.encode(), hashlib.sha256).digest()

    assert refusal(ACCESS, f"{body}.{_encoded(mac)}", policy) is Refusal.ALGORITHM_NOT_ALLOWED


def test_an_algorithm_switched_off_for_the_environment_is_refused(tmp_path: Path) -> None:
    policy = policy_for(tmp_path, algorithms=frozenset({"RS256"}))

    assert refusal(ACCESS, token(ACCESS), policy) is Refusal.ALGORITHM_NOT_ALLOWED


def test_the_key_is_chosen_by_its_id_when_the_header_names_it(tmp_path: Path) -> None:
    policy = policy_for(tmp_path)
    own = load_certificate((tmp_path / "gost.pem").read_bytes()).hash
    other = load_certificate((tmp_path / "rsa.pem").read_bytes()).hash

    assert verify(ACCESS, token(ACCESS, header={"x5t#St256": own}), policy).oid == str(OID)
    for unknown in (other, "F" * 64, "../gost.pem", own.lower()):
        text = token(ACCESS, header={"x5t#St256": unknown})
        assert refusal(ACCESS, text, policy) is Refusal.KEY_UNKNOWN


@BOTH
@ALGORITHMS
def test_a_stranger_s_signature_is_refused(kind: Kind, algorithm: str, tmp_path: Path) -> None:
    policy = policy_for(tmp_path)
    (tmp_path / "gost.pem").write_bytes(gost_certificate(generate_private_key()))
    good = token(kind, algorithm=algorithm)
    text = good if algorithm == "gost" else good[: good.rindex(".") + 1] + "A" * 342

    assert refusal(kind, text, policy) is Refusal.SIGNATURE_WRONG


@BOTH
@pytest.mark.parametrize(
    "issuer", ["https://esia.gosuslugi.ru/", "http://esia.gosuslugi.ru", "", None, [ISSUER]]
)
def test_the_issuer_must_be_exact(kind: Kind, issuer: Any, policy: TokenPolicy) -> None:
    assert refusal(kind, token(kind, iss=issuer), policy) is Refusal.ISSUER_WRONG


def test_only_the_expected_systems_are_taken(policy: TokenPolicy) -> None:
    assert refusal(ACCESS, token(ACCESS, client_id="OTHER"), policy) is Refusal.CLIENT_WRONG
    assert refusal(ID, token(ID, aud="OTHER"), policy) is Refusal.CLIENT_WRONG
    assert refusal(ID, token(ID, aud=["LKMR01"]), policy) is Refusal.CLAIM_WRONG


@BOTH
def test_a_token_lives_from_a_minute_before_to_a_minute_after(
    kind: Kind, policy: TokenPolicy
) -> None:
    life = 3600 if kind is ACCESS else 10800

    verify(kind, token(kind), policy, later(seconds=-60))
    verify(kind, token(kind), policy, later(seconds=life + 59))
    assert refusal(kind, token(kind), policy, later(seconds=-61)) is Refusal.NOT_YET_VALID
    assert refusal(kind, token(kind), policy, later(seconds=life + 60)) is Refusal.EXPIRED


@BOTH
def test_a_life_longer_than_its_kind_has_is_refused(kind: Kind, policy: TokenPolicy) -> None:
    end = kind.claims()["exp"] + 1

    assert refusal(kind, token(kind, exp=end), policy) is Refusal.LIFE_TOO_LONG


@BOTH
@pytest.mark.parametrize("name", ["exp", "iat"])
@pytest.mark.parametrize("value", [None, True, 1768458670.5, "1768458670", -1, 2**80, [1]])
def test_moments_must_be_whole_numbers(
    kind: Kind, name: str, value: Any, policy: TokenPolicy
) -> None:
    payload = kind.claims() | {name: value}
    text = signed(kind, _json(payload))

    assert refusal(kind, text, policy) is Refusal.CLAIM_WRONG


def _json(value: Any) -> bytes:
    import json

    return json.dumps(value).encode()


@BOTH
@pytest.mark.parametrize("name", ["exp", "iat", "iss", "urn:esia:sid"])
def test_needed_claims_cannot_be_left_out(kind: Kind, name: str, policy: TokenPolicy) -> None:
    assert refusal(kind, token(kind, drop=(name,)), policy) in {
        Refusal.CLAIM_WRONG,
        Refusal.ISSUER_WRONG,
    }


@pytest.mark.parametrize("oid", [0, -5, True, 1.5, "", "0012", "٣", "x", "9" * 5000, None, 2**63])
def test_a_subject_must_be_a_number(oid: Any, policy: TokenPolicy) -> None:
    text = signed(ACCESS, _json(access_claims() | {"urn:esia:sbj_id": oid}))

    assert refusal(ACCESS, text, policy) is Refusal.CLAIM_WRONG


def test_subject_and_inner_subject_must_agree(policy: TokenPolicy) -> None:
    assert refusal(ID, token(ID, sub=OID + 1), policy) is Refusal.SUBJECT_MISMATCH
    assert verify(ID, token(ID, sub=str(OID)), policy).oid == str(OID)


def test_a_token_of_a_system_is_taken_only_where_allowed(tmp_path: Path) -> None:
    text = token(ACCESS, drop=("urn:esia:sbj_id", "urn:esia:sid"))

    assert refusal(ACCESS, text, policy_for(tmp_path)) is Refusal.CLAIM_WRONG
    claims = verify(ACCESS, text, policy_for(tmp_path, system_tokens=True))
    assert (claims.oid, claims.grants("fullname")) == (None, False)


@pytest.mark.parametrize(
    "payload",
    [
        b'{"iss":"a","iss":"b"}',
        b'{"iat":NaN}',
        b'{"iat":Infinity}',
        b"[" * 3000,
        b"[]",
        b"\xff\xfe{\x00}\x00",
        b'\xef\xbb\xbf{"iat":1}',
        b'{"iat":' + b"1" * 5000 + b"}",
        b"",
    ],
)
def test_payloads_that_are_not_one_plain_object_are_refused(
    payload: bytes, policy: TokenPolicy
) -> None:
    assert refusal(ACCESS, signed(ACCESS, payload), policy) is Refusal.MALFORMED


def test_a_repeated_name_in_a_nested_object_is_refused(policy: TokenPolicy) -> None:
    payload = orjson.dumps(access_claims())[:-1] + b',"x":{"a":1,"a":2}}'

    assert refusal(ACCESS, signed(ACCESS, payload), policy) is Refusal.MALFORMED


@pytest.mark.parametrize(
    "mangle",
    [
        lambda text: text + "=",
        lambda text: text + "\n",
        lambda text: " " + text,
        lambda text: text + ".",
        lambda text: text.rsplit(".", 1)[0],
        lambda text: text.rsplit(".", 1)[0] + ".",
        lambda text: text + "A" * 9000,
        lambda text: text.replace("-", "+").replace("_", "/") + "+",
        lambda text: text[:-1] + "ё",
        lambda _: "",
        lambda _: "..",
    ],
)
def test_other_spellings_are_malformed(mangle: Callable[[str], str], policy: TokenPolicy) -> None:
    assert refusal(ACCESS, mangle(token(ACCESS)), policy) is Refusal.MALFORMED


def test_a_long_header_is_refused(policy: TokenPolicy) -> None:
    good = token(ACCESS).split(".")
    header = _encoded(orjson.dumps({"alg": "RS256", "sbt": "access", "pad": "x" * 1024}))

    assert refusal(ACCESS, ".".join([header, *good[1:]]), policy) is Refusal.MALFORMED


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("trusted")
    policy = policy_for(folder)
    policy.certificates.check_every_seconds = 3600
    texts = [
        (kind, token(kind, algorithm=algorithm))
        for kind in (ACCESS, ID)
        for algorithm in ("gost", "rsa")
    ]
    return {"policy": policy, "texts": texts}


class TestMangledTokens:
    """Whatever is done to a sound token, it is refused, and only by TokenRefused."""

    @settings(deadline=None)
    @given(data=st.data())
    def test_a_changed_token_is_never_accepted(self, sound: dict[str, Any], data: Any) -> None:
        kind, text = data.draw(st.sampled_from(sound["texts"]))
        place = data.draw(st.integers(0, len(text) - 1))
        end = data.draw(st.integers(place, min(place + 3, len(text))))
        alphabet = "ABab01-_.=+/ {}\x00é"
        mangled = text[:place] + data.draw(st.text(alphabet, max_size=3)) + text[end:]

        if mangled != text:
            assert isinstance(refusal(kind, mangled, sound["policy"]), Refusal)

    @settings(deadline=None)
    @given(st.text(max_size=200))
    def test_noise_is_refused(self, sound: dict[str, Any], noise: str) -> None:
        assert isinstance(refusal(ACCESS, noise, sound["policy"]), Refusal)

    @settings(deadline=None)
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
            max_leaves=8,
        ),
        st.sampled_from(sorted(access_claims())),
    )
    def test_any_value_in_any_signed_claim_escapes_only_as_a_refusal(
        self, sound: dict[str, Any], value: Any, name: str
    ) -> None:
        text = signed(ACCESS, _json(access_claims() | {name: value}))

        outcome = outcome_of(text, sound["policy"])

        assert outcome in {"taken", *(reason.value for reason in Refusal)}


def outcome_of(text: str, policy: TokenPolicy) -> str:
    try:
        verify_access_token(text, policy=policy, now=NOW)
    except TokenRefused as refused:
        return str(refused)
    return "taken"


def test_a_refusal_shows_nothing_of_the_token(policy: TokenPolicy) -> None:
    text = token(ACCESS, iss="http://another.example/")

    with pytest.raises(TokenRefused) as caught:
        verify_access_token(text, policy=policy, now=NOW)

    assert str(caught.value) == "ISSUER_WRONG"
    assert caught.value.__cause__ is None


class TestTrustedCertificates:
    def test_a_new_file_is_seen_without_a_restart(self, tmp_path: Path) -> None:
        trusted = TrustedCertificates(tmp_path, check_every_seconds=0)
        policy = TokenPolicy(issuer=ISSUER, client_ids=frozenset({"LKMR01"}), certificates=trusted)
        assert refusal(ACCESS, token(ACCESS), policy) is Refusal.KEY_UNKNOWN

        (tmp_path / "new.cer").write_bytes(
            load_certificate(gost_certificate(gost_key())).der  # DER, as the console gives it
        )

        assert verify(ACCESS, token(ACCESS), policy).oid == str(OID)
        (tmp_path / "new.cer").unlink()
        assert refusal(ACCESS, token(ACCESS), policy) is Refusal.KEY_UNKNOWN

    def test_an_absent_folder_trusts_nobody(self, tmp_path: Path) -> None:
        trusted = TrustedCertificates(tmp_path / "absent")

        assert trusted.all() == ()
        assert trusted.last_end() is None

    def test_a_bad_file_does_not_hide_the_good_ones(self, tmp_path: Path) -> None:
        policy = policy_for(tmp_path)
        (tmp_path / "aa-broken.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n")
        (tmp_path / "readme.txt").write_text("not a certificate")

        assert len(policy.certificates.all()) == 2

    def test_a_certificate_must_have_been_valid_when_the_token_was_issued(
        self, tmp_path: Path
    ) -> None:
        policy = policy_for(tmp_path)
        ended = gost_certificate(gost_key(), end=later(seconds=-1))
        (tmp_path / "gost.pem").write_bytes(ended)

        assert refusal(ACCESS, token(ACCESS), policy) is Refusal.KEY_UNKNOWN

    def test_during_a_rotation_both_keys_are_trusted(self, tmp_path: Path) -> None:
        policy = policy_for(tmp_path)
        for number in range(3):
            name = f"other-{number}.pem"
            (tmp_path / name).write_bytes(gost_certificate(generate_private_key()))

        assert verify(ACCESS, token(ACCESS), policy).oid == str(OID)
        assert policy.certificates.last_end() is not None
