"""Which browsers are too old for the cabinet, by what they say about themselves."""

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Family:
    """A family of browsers: how it calls itself, and the first version that is good enough."""

    name: str
    sign: re.Pattern[str]
    least: int


@lru_cache(maxsize=1)
def families() -> tuple[Family, ...]:
    """The rows of `browsers.toml`, in the order in which they are looked for."""
    text = files("lkmr_gateway").joinpath("browsers.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["family"]
    return tuple(Family(one["name"], re.compile(one["sign"]), one["least"]) for one in rows)


@lru_cache(maxsize=4096)
def too_old(user_agent: str) -> str:
    """The browser in words when it is too old: «Chrome 79»; empty when it will do or is unknown."""
    for family in families():
        if found := family.sign.search(user_agent):
            version = int(found[1])
            return f"{family.name} {version}" if version < family.least else ""
    return ""
