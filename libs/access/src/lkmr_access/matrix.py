"""Decisions about sections: `allowed(roles, section, operation)` gives a scope or none."""

import tomllib
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

SCOPES = "opdgam"
OPERATIONS = frozenset("RCUASX")
DEPUTIES = {"HEAD_DEPT": "DEPUTY_DEPT", "HEAD_ORG": "DEPUTY_ORG"}
"""The role of who stands in for a head (замещение), by the role of the head."""
_WIDTH = {"": 0, "m": 1, "a": 2, "o": 3, "p": 4, "d": 5, "g": 6}


@lru_cache(maxsize=1)
def _cells() -> dict[str, dict[str, tuple[str, str]]]:
    text = files("lkmr_access").joinpath("matrix.toml").read_text(encoding="utf-8")
    return {
        section: {role: (cell.split(" ")[0], cell.split(" ")[1]) for role, cell in cells.items()}
        for section, cells in tomllib.loads(text).items()
    }


def sections() -> tuple[str, ...]:
    """All sections, in the order of the matrix."""
    return tuple(_cells())


def roles() -> frozenset[str]:
    """All roles that the matrix names."""
    return frozenset(role for cells in _cells().values() for role in cells)


def with_acted_for(held: Iterable[str]) -> frozenset[str]:
    """These roles, and those of the heads for whom they stand in."""
    mine = frozenset(held)
    return mine | {head for head, deputy in DEPUTIES.items() if deputy in mine}


def allowed(held: Iterable[str], section: str, operation: str) -> str:
    """The widest scope in which these roles may do an operation; empty when they may not.

    Default is deny. Raises KeyError for a section that the matrix does not know.
    """
    cells = _cells()[section]
    granted = (cells[role] for role in held if role in cells)
    scopes = [scope for operations, scope in granted if operation in operations]
    return max(scopes, key=_WIDTH.__getitem__, default="")


@lru_cache(maxsize=64)
def roles_with(section: str, operation: str, scopes: str = SCOPES) -> frozenset[str]:
    """The roles that may do an operation in a section within one of these scopes."""
    return frozenset(
        role
        for role, (operations, scope) in _cells()[section].items()
        if operation in operations and scope in scopes
    )
