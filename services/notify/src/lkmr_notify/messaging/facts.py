"""Facts of other services as plain values, whatever their contract is."""

from datetime import UTC, date
from importlib import import_module
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from lkmr_notify.domain.words import Value
from lkmr_notify.usecases.tell_of_fact import Fact
from lkmr_servicekit.events import Event


def event_class(name: str) -> type[Message]:
    """The class of `lkmr.accreditation.v1.AccreditationRecorded`.

    Raises ModuleNotFoundError, AttributeError when no contract knows it.
    """
    package, _, kind = name.rpartition(".")
    made: type[Message] = getattr(import_module(f"{package}.events_pb2"), kind)
    return made


def fact_of(event: Event[Any]) -> Fact:
    """An event as a fact: texts, numbers, days (fields named `…_date`), moments, words of enums."""
    data = event.data
    fields: dict[str, Value] = {}
    for one in data.DESCRIPTOR.fields:
        value = _value(one, getattr(data, one.name))
        if value is not None:
            fields[one.name] = value
    return Fact(event, data.DESCRIPTOR.full_name, fields)


def _value(field: FieldDescriptor, value: Any) -> Value | None:
    if isinstance(value, Timestamp):
        return value.ToDatetime(UTC) if value.seconds else None
    if field.enum_type is not None and isinstance(value, int):
        return str(field.enum_type.values_by_number[value].name)
    if isinstance(value, str) and field.name.endswith("_date") and value:
        return date.fromisoformat(value)
    if isinstance(value, str | int):
        return value
    return None
