"""JSON answers of the REST registers."""

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import Response


def answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """What was asked for."""
    return Response(orjson.dumps(content), status, headers, "application/json")


def refusal(status: int, code: str, message: str) -> Response:
    """What is wrong, for programs and for people."""
    return answer({"code": code, "message": message}, status)
