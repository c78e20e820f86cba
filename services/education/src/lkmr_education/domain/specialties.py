"""Specialties of the nomenclature (номенклатура специальностей), as dated data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from lkmr_education.domain.activity import specialty_key


@dataclass(frozen=True, slots=True)
class Specialties:
    """Keys of all names that a study may be credited to."""

    keys: frozenset[str]

    @classmethod
    def from_data(cls, data: Mapping[str, Sequence[Mapping[str, object]]]) -> Self:
        """Read the content of `specialties.toml`. Raises KeyError, TypeError for another form."""
        names: set[str] = set()
        for part in data["nomenclature"]:
            listed = part["names"]
            if not isinstance(listed, list):
                raise TypeError("names")
            names |= {specialty_key(str(name)) for name in listed}
        return cls(frozenset(names))
