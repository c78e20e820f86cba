"""WebAuthn level 3 by the library `webauthn`: options for browsers and checks of their answers.

The person is verified by the device (PIN, finger, face), so that a key alone is two factors. No
attestation is asked for: which maker a key has decides nothing here, and it could name a device.
"""

import secrets
from collections.abc import Sequence

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from lkmr_auth.domain.passkey import CEREMONY_LIFE, Challenge, NewKey, Passkey, relying_party_of
from lkmr_auth.domain.proof_errors import PasskeyRefused

_NAME = "Кабинет медработника"
_MILLISECONDS = int(CEREMONY_LIFE.total_seconds() * 1000)
_VERIFIED = UserVerificationRequirement.REQUIRED


class WebAuthnChecks:
    """The port `KeyCeremonies`."""

    def new_challenge(self) -> bytes:
        return secrets.token_bytes(32)

    def registration_options(
        self, challenge: Challenge, account_number: str, known: Sequence[Passkey]
    ) -> str:
        options = generate_registration_options(
            rp_id=relying_party_of(challenge.origin),
            rp_name=_NAME,
            user_id=challenge.person_id.bytes,
            user_name=account_number,
            user_display_name=account_number,
            challenge=challenge.secret,
            timeout=_MILLISECONDS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED, user_verification=_VERIFIED
            ),
            exclude_credentials=_descriptors(known),
        )
        return options_to_json(options)

    def proof_options(self, challenge: Challenge, known: Sequence[Passkey]) -> str:
        options = generate_authentication_options(
            rp_id=relying_party_of(challenge.origin),
            challenge=challenge.secret,
            timeout=_MILLISECONDS,
            allow_credentials=_descriptors(known),
            user_verification=_VERIFIED,
        )
        return options_to_json(options)

    def challenge_in(self, credential: str) -> bytes:
        try:
            answer = (
                parse_registration_credential_json(credential)
                if "attestationObject" in credential
                else parse_authentication_credential_json(credential)
            )
            return parse_client_data_json(answer.response.client_data_json).challenge
        except (WebAuthnException, ValueError):
            raise PasskeyRefused from None

    def credential_in(self, credential: str) -> bytes:
        try:
            return parse_authentication_credential_json(credential).raw_id
        except (WebAuthnException, ValueError):
            raise PasskeyRefused from None

    def check_registration(self, credential: str, challenge: Challenge) -> NewKey:
        try:
            found = verify_registration_response(
                credential=credential,
                expected_challenge=challenge.secret,
                expected_rp_id=relying_party_of(challenge.origin),
                expected_origin=challenge.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError):
            raise PasskeyRefused from None
        return NewKey(
            credential_id=found.credential_id,
            public_key=found.credential_public_key,
            sign_count=found.sign_count,
        )

    def check_proof(self, credential: str, challenge: Challenge, passkey: Passkey) -> int:
        try:
            found = verify_authentication_response(
                credential=credential,
                expected_challenge=challenge.secret,
                expected_rp_id=relying_party_of(challenge.origin),
                expected_origin=challenge.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError):
            raise PasskeyRefused from None
        return found.new_sign_count


def _descriptors(known: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=one.credential_id) for one in known]
