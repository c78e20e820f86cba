"""Bodies of writes: JSON objects or forms of plain text fields, read strictly."""

import json
from typing import Any
from urllib.parse import parse_qsl

from lkmr_gateway.exchange import Exchange, Refused
from lkmr_gateway.problems import problem
from lkmr_servicekit.errors import FieldFault

MAX_DEPTH, MAX_MEMBERS, MAX_FORM_FIELDS = 32, 1000, 60
_MAX_TEXT, _MAX_TYPED, _FIRST_PRINTABLE = 512, 4000, 0x20
_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"


def fields_of(exchange: Exchange) -> dict[str, str]:
    """The text fields of a body; read once, empty without a body.

    Raises Refused: CONTENT_TYPE_UNSUPPORTED, REQUEST_UNREADABLE.
    """
    if exchange.fields is None:
        if exchange.upload is not None:  # its fields are read by the route that takes files
            raise Refused(problem("CONTENT_TYPE_UNSUPPORTED"))
        exchange.fields = _read(exchange)
    return exchange.fields


def _read(exchange: Exchange) -> dict[str, str]:
    kind = exchange.header(b"content-type").partition(";")[0].strip().lower()
    if not exchange.body:
        return {}
    if kind == _JSON:
        return _text_members(read_json(exchange.body))
    if kind == _FORM and not exchange.is_api:
        return _read_form(exchange.body)
    raise Refused(problem("CONTENT_TYPE_UNSUPPORTED"))


def read_json(body: bytes) -> Any:
    """A JSON value without repeated names, not too deep or wide. Raises Refused."""
    members = 0

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal members
        members += len(pairs)
        made = dict(pairs)
        if len(made) != len(pairs) or members > MAX_MEMBERS:
            raise ValueError
        return made

    try:
        value = json.loads(
            body.decode("utf-8"), object_pairs_hook=unique, parse_constant=_no_constant
        )
        _check_depth(value, MAX_DEPTH)
    except (ValueError, RecursionError):
        raise Refused(problem("REQUEST_UNREADABLE")) from None
    return value


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _check_depth(value: Any, left: int) -> None:
    if isinstance(value, dict | list):
        if not left:
            raise ValueError
        for inner in value.values() if isinstance(value, dict) else value:
            _check_depth(inner, left - 1)


def _text_members(value: Any) -> dict[str, str]:
    """Every member of the small bodies of this interface is a text."""
    if not isinstance(value, dict):
        raise Refused(problem("REQUEST_UNREADABLE"))
    return {name: one if isinstance(one, str) else "\x00" for name, one in value.items()}


def _read_form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            max_num_fields=MAX_FORM_FIELDS,
            errors="strict",
        )
    except ValueError:
        raise Refused(problem("REQUEST_UNREADABLE")) from None
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Refused(problem("REQUEST_UNREADABLE"))
    return made


def wanted_fields(exchange: Exchange, *names: str) -> dict[str, str]:
    """Exactly these fields, absent ones empty. Raises Refused with the field that does not fit."""
    given = fields_of(exchange)
    faults = [
        FieldFault(name, "UNKNOWN_FIELD", "Такого поля нет.")
        for name in given
        if name not in names and name != "csrf_token"
    ]
    for name in names:
        value = given.get(name, "")
        if len(value) > _MAX_TEXT or any(ord(sign) < _FIRST_PRINTABLE for sign in value):
            faults.append(FieldFault(name, "INVALID", "Значение не подходит."))
    if faults:
        raise Refused(problem("FIELDS_INVALID", errors=faults))
    return {name: given.get(name, "") for name in names}


def typed_fields(exchange: Exchange, *names: str) -> dict[str, str]:
    """These fields of a form or of a JSON object whose members are texts, numbers or null.

    A number is taken as it would be typed, so that the service behind checks one kind of field.
    Raises Refused: FIELDS_INVALID naming what is unknown or no plain value, REQUEST_UNREADABLE.
    """
    kind = exchange.header(b"content-type").partition(";")[0].strip().lower()
    if exchange.upload is not None or not exchange.is_api or kind != _JSON:
        given: dict[str, Any] = dict(fields_of(exchange))
    else:
        value = read_json(exchange.body) if exchange.body else {}
        if not isinstance(value, dict):
            raise Refused(problem("REQUEST_UNREADABLE"))
        given = value
    faults = [
        FieldFault(name, "UNKNOWN_FIELD", "Такого поля нет.")
        for name in given
        if name not in names and name != "csrf_token"
    ]
    made = {name: _as_typed(given.get(name)) for name in names}
    faults += [
        FieldFault(name, "INVALID", "Значение не подходит.")
        for name, text in made.items()
        if text is None
    ]
    if faults:
        raise Refused(problem("FIELDS_INVALID", errors=faults))
    return {name: text or "" for name, text in made.items()}


def _as_typed(value: Any) -> str | None:
    """A plain value as text; None for a list, an object, a truth value or an overlong text."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = value if isinstance(value, str) else f"{value:g}" if value % 1 else str(int(value))
    return text if len(text) <= _MAX_TYPED and "\x00" not in text else None
