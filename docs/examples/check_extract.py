"""Checks the signed code of a printed extract with no network and no other file of this project.

    python check_extract.py keys.json < code.txt

`keys.json` is what `/verify/keys.json` of the cabinet answers, fetched once; `code.txt` is the text
of the large QR code. Needs the package `cryptography`. Exit status 0: the signature is right.
"""

import base64
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

HALF = 32  # bytes of each number in a signature on P-256
WORDS = {
    "n": "Медработник", "b": "Дата рождения", "s": "Специальность", "k": "Вид",
    "r": "Номер записи", "d": "Внесена", "e": "Действует до", "t": "Сформирована",
}  # fmt: skip


def raw(text: str) -> bytes:
    """Base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def check(code: str, keys: dict[str, Any]) -> dict[str, Any]:
    """The facts that the organisation signed. Raises ValueError, KeyError, InvalidSignature."""
    head, body, signature = code.strip().split(".")
    header = json.loads(raw(head))
    if header["alg"] != "ES256":
        raise ValueError("unknown algorithm")
    known = {one["kid"]: one for one in keys["keys"]}[header["kid"]]
    x, y = (int.from_bytes(raw(known[name])) for name in "xy")
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    both = raw(signature)
    if len(both) != 2 * HALF:
        raise InvalidSignature
    der = encode_dss_signature(int.from_bytes(both[:HALF]), int.from_bytes(both[HALF:]))
    key.verify(der, f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
    facts: dict[str, Any] = json.loads(raw(body))
    return facts


def report(code: str, keys: dict[str, Any]) -> tuple[bool, list[str]]:
    """Whether the signature is right, and what to tell."""
    try:
        facts = check(code, keys)
    except (ValueError, KeyError, InvalidSignature) as fault:
        return False, [f"Не подтверждено: {type(fault).__name__}"]
    lines = ["Подпись организации верна"]
    lines += [f"{word}: {facts.get(name) or '—'}" for name, word in WORDS.items()]
    if facts.get("o"):
        lines.append(f"Реестр не ответил при выдаче, сведения от {facts['o']}: могли устареть")
    if facts.get("a"):
        lines.append("Запись была аннулирована")
    elif facts.get("e") and facts["e"] < date.today().isoformat():  # noqa: DTZ011 - a day on paper
        lines.append("Срок закончился")
    return True, lines


def main() -> int:
    """Print the facts, or why they cannot be trusted."""
    keys = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    good, lines = report(sys.stdin.read(), keys)
    sys.stdout.write("\n".join([*lines, ""]))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
