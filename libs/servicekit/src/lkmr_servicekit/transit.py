"""The Transit engine of OpenBao or Vault: it seals a key file and never tells its own key.

Each service has a Transit key and a policy of its own; the token of another one is refused. What
is sealed is bound to the service and the key it belongs to.
"""

import base64
from pathlib import Path
from typing import Any

import httpx2

from lkmr_servicekit.errors import Category, ServiceError

SECONDS = 5.0
_FORBIDDEN, _OK = 403, 200


class Transit:
    """One Transit key, as the holder of a token may use it."""

    def __init__(self, url: str, key: str, token_file: Path | None, ca: Path | None = None) -> None:
        self._url, self._key, self._token_file = url.rstrip("/"), key, token_file
        self._verify: Any = str(ca) if ca else True

    def seal(self, raw: bytes, label: str) -> str:
        """Encrypt under the newest version. Raises ServiceError KEY_REFUSED, KEY_STORE_…"""
        answer = self._ask("encrypt", plaintext=_b64(raw), associated_data=_b64(label.encode()))
        return str(answer["ciphertext"])

    def open(self, sealed: str, label: str) -> bytes:
        """Decrypt. Raises ServiceError KEY_REFUSED, KEY_STORE_UNAVAILABLE, STORED_DATA_DAMAGED."""
        answer = self._ask("decrypt", ciphertext=sealed, associated_data=_b64(label.encode()))
        return base64.b64decode(answer["plaintext"])

    def rotate(self) -> None:
        """Make a new version of the Transit key; older ones still open what they sealed."""
        self._ask("keys", "/rotate")

    def _ask(self, verb: str, tail: str = "", **body: str) -> Any:
        token = self._token_file.read_text("utf-8").strip() if self._token_file else ""
        address = f"{self._url}/v1/transit/{verb}/{self._key}{tail}"
        try:
            with httpx2.Client(timeout=SECONDS, verify=self._verify, trust_env=False) as client:
                answer = client.post(address, json=body, headers={"X-Vault-Token": token})
        except httpx2.HTTPError as fault:
            raise ServiceError("KEY_STORE_UNAVAILABLE", Category.UNAVAILABLE) from fault
        if answer.status_code == _FORBIDDEN:
            raise ServiceError("KEY_REFUSED", Category.PERMISSION_DENIED)
        if answer.status_code >= 500:  # noqa: PLR2004 - faults of the store
            raise ServiceError("KEY_STORE_UNAVAILABLE", Category.UNAVAILABLE)
        if answer.status_code >= 400:  # noqa: PLR2004 - it does not open
            raise ServiceError("STORED_DATA_DAMAGED", Category.INTERNAL)
        return answer.json()["data"] if answer.status_code == _OK else {}


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
