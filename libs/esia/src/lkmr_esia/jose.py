"""The algorithm `GOST3410_2012_256` for joserfc, and signing and checking with it."""

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import OctKey, RSAKey
from joserfc.jws import JWSAlgModel  # type: ignore[attr-defined] # public, but not in __all__

from lkmr_esia.certificates import GOST, RSA
from lkmr_gost import PublicKey, Signer

_MAX_HEADER_CHARS = 1400


class GostKey(OctKey):
    """A GOST key for joserfc, which accepts only subclasses of its own key classes.

    The octets of the parent are a name of the key, never a secret.
    """

    key_type = "GOST"
    public: PublicKey | None = None
    signer: Signer | None = None

    @classmethod
    def of_public(cls, public: PublicKey) -> "GostKey":
        """A key that only checks."""
        key = cls(b"gost", b"gost")
        key.public = public
        return key

    @classmethod
    def of_signer(cls, signer: Signer) -> "GostKey":
        """A key that only signs."""
        key = cls(b"gost", b"gost")
        key.signer = signer
        return key


class Gost34102012(JWSAlgModel):
    """Raw signature `s ‖ r` over the ASCII of `header.payload`, Streebog-256."""

    name = GOST
    description = "GOST R 34.10-2012 with 256 bits and Streebog-256"
    key_type = "GOST"

    def sign(self, msg: bytes, key: Any) -> bytes:
        if not isinstance(key, GostKey) or key.signer is None:
            raise TypeError("a GOST key that signs is needed")
        return key.signer.sign(msg)

    def verify(self, msg: bytes, sig: bytes, key: Any) -> bool:
        return isinstance(key, GostKey) and key.public is not None and key.public.verify(msg, sig)


class EsiaRegistry(jws.JWSRegistry):
    """Header names `ver`, `sbt`, `x5t#St256` are ESIA's own, so the header is not held to RFC."""

    max_header_length = _MAX_HEADER_CHARS


jws.JWSRegistry.register(Gost34102012())
REGISTRY = EsiaRegistry(algorithms=[GOST, RSA], strict_check_header=False)


def signature_fits(token: str, algorithm: str, key: PublicKey | RSAPublicKey) -> bool:
    """Whether the key, of the kind that the algorithm needs, signed the compact token.

    Raises joserfc errors and ValueError for a token that joserfc cannot read.
    """
    if isinstance(key, PublicKey) != (algorithm == GOST):
        return False
    own = GostKey.of_public(key) if isinstance(key, PublicKey) else RSAKey(key, key)
    try:
        jws.deserialize_compact(token, own, registry=REGISTRY)
    except BadSignatureError:
        return False
    return True


def sign_compact(header: Mapping[str, Any], payload: bytes, key: Signer | RSAPrivateKey) -> str:
    """A compact JWS; the algorithm follows from the key and is written into the header."""
    own: GostKey | RSAKey
    if isinstance(key, RSAPrivateKey):
        own, algorithm = RSAKey(key, key), RSA
    else:
        own, algorithm = GostKey.of_signer(key), GOST
    return jws.serialize_compact({**header, "alg": algorithm}, payload, own, registry=REGISTRY)
