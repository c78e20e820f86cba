"""Parameters of a request, read strictly: each name once, UTF-8, a sane size."""

from urllib.parse import parse_qsl

from fastapi import Request

from lkmr_gosuslugi_stand_in.faults import EsiaFault

FORM = "application/x-www-form-urlencoded"
_MAX_BYTES = 128 * 1024
_MAX_FIELDS = 100

Pairs = list[tuple[str, str]]


class Parameters(dict[str, str]):
    """Values by name, and which names came more than once (the first value is kept)."""

    def __init__(self, pairs: Pairs) -> None:
        super().__init__()
        self.repeated: list[str] = []
        for name, value in pairs:
            if name in self:
                self.repeated.append(name)
            else:
                self[name] = value


def read_pairs(encoded: bytes) -> Parameters:
    """Parse a query or a form. Raises EsiaFault 007038 when it cannot be read."""
    if len(encoded) > _MAX_BYTES:
        raise EsiaFault("007038")
    try:
        pairs = parse_qsl(
            encoded.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError as fault:
        raise EsiaFault("007038") from fault
    return Parameters(pairs)


async def read_form(request: Request) -> Parameters | None:
    """The form of a POST; None when the body is of another type. Raises EsiaFault 007038."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BYTES:
            raise EsiaFault("007038")
    return read_pairs(bytes(body)) if kind == FORM else None
