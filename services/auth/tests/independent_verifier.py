"""Checks an export of the journal as a stranger would: from docs/audit.md alone, none of our code.

`verify(lines, public_key_pem, statements)` gives the numbers of the rows at which something is
wrong. Lines are `<hash> <content>`; statements are JSON objects of the audit folder.
"""

import hashlib
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_public_key


def verify(lines: list[str], pem: bytes, statements: list[dict]) -> list[int]:
    wrong: list[int] = []
    before, number, hashes = bytes(32), 0, {}
    for line in lines:
        digest, _, content = line.partition(" ")
        if digest == "statement":
            statements = [*statements, json.loads(content)]
            continue
        row = json.loads(content)
        if row[0] != number + 1:
            wrong.append(number + 1)
        number = row[0]
        if hashlib.sha256(b"\0" + before + content.encode()).hexdigest() != digest:
            wrong.append(number)
        before = bytes.fromhex(digest)
        hashes[number] = digest
    key = load_pem_public_key(pem)
    for one in statements:
        words = ["lkmr-journal", one["kind"], one["seq"], one["hash"], one["time"]]
        text = json.dumps(words, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            key.verify(bytes.fromhex(one["signature"]), text)
        except InvalidSignature:
            wrong.append(0)
            continue
        if hashes.get(one["seq"]) != one["hash"]:
            wrong.append(min(one["seq"], number + 1))
    return wrong
