"""Values about a person that must never be printed."""

from typing import Generic, TypeVar

T = TypeVar("T")


class Personal(Generic[T]):
    """A value about a person (персональные данные): prints as `***`, opened by `.open()` only."""

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        self._value = value

    def open(self) -> T:
        """The value itself, for the one place that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Personal) and self._value == other._value

    def __hash__(self) -> int:
        return hash((Personal, self._value))

    def __reduce__(self) -> str:
        raise TypeError("a personal value is never pickled")
