"""Which role a post of the worker register brings by itself, as data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lkmr_auth.domain.profiles import ROLES


@dataclass(frozen=True, slots=True)
class Post:
    """Beginnings of names of posts and the role that they bring."""

    begins: tuple[str, ...]
    role: str


@dataclass(frozen=True, slots=True)
class Posts:
    """All of them, in order; without any, the register brings no roles."""

    rows: tuple[Post, ...] = ()

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> "Posts":
        """From the data file. Raises ValueError for a role that does not exist."""
        rows = tuple(Post(tuple(one["begins"]), one["role"]) for one in content["post"])
        if unknown := {row.role for row in rows} - ROLES:
            raise ValueError(f"unknown roles: {sorted(unknown)}")
        return cls(rows)

    def role_of(self, post: str) -> str:
        """The role of a post; empty when it brings none."""
        name = " ".join(post.lower().replace("ё", "е").split())
        return next((row.role for row in self.rows if _fits(name, row.begins)), "")


def _fits(name: str, begins: Iterable[str]) -> bool:
    return any(name == one or name.startswith((f"{one} ", f"{one}-", f"{one},")) for one in begins)
