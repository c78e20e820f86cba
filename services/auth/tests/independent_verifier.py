"""Checks an export of the journal as a stranger would: from docs/audit.md alone, none of our code.

`verify(lines, public_key_pem, statements)` gives the numbers of the rows at which something is
wrong. Lines are `<hash> <content>`; statements are JSON objects of the audit folder.
"""

import hashlib
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key


def verify(lines: list[str], pem: bytes, statements: list[dict]) -> list[int]:
    wrong: list[int] = []
    ended: list[dict] = []
    before, number, hashes = bytes(32), 0, {}
    for line in lines:
        digest, _, content = line.partition(" ")
        if digest == "statement":
            statements = [*statements, json.loads(content)]
            continue
        row = json.loads(content)
        if digest == "ended":
            ended.append(row)
            if (row["first"], row["before"]) != (number + 1, before.hex()):
                wrong.append(number + 1)
            number, digest = row["last"], row["hash"]
        else:
            if row[0] != number + 1:
                wrong.append(number + 1)
            number = row[0]
            if hashlib.sha256(b"\0" + before + content.encode()).hexdigest() != digest:
                wrong.append(number)
        before = bytes.fromhex(digest)
        hashes[number] = digest
    key = load_pem_public_key(pem)
    assert isinstance(key, Ed25519PublicKey)
    return wrong + [seq for one in ended if (seq := of_month(one, key)) is not None] + [
        seq
        for one in statements
        if (seq := of_statement(one, key, hashes, ended, number)) is not None
    ]  # fmt: skip


def of_month(month: dict, key: Ed25519PublicKey) -> int | None:
    said = [value for name, value in month.items() if name != "signature"]
    held = holds(key, month["signature"], ["lkmr-journal-month", *said])
    return None if held else month["first"]


def of_statement(
    one: dict, key: Ed25519PublicKey, hashes: dict[int, str], ended: list[dict], number: int
) -> int | None:
    if not holds(key, one["signature"], ["lkmr-journal", *list(one.values())[:-1]]):
        return 0
    if any(month["first"] <= one["seq"] < month["last"] for month in ended):
        return None
    return None if hashes.get(one["seq"]) == one["hash"] else min(one["seq"], number + 1)


def holds(key: Ed25519PublicKey, signature: str, words: list) -> bool:
    text = json.dumps(words, ensure_ascii=False, separators=(",", ":")).encode()
    try:
        key.verify(bytes.fromhex(signature), text)
    except InvalidSignature:
        return False
    return True
