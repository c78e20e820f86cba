"""Acts of practice: what a worker whose accreditation is over may be kept from."""

import tomllib
from functools import lru_cache
from importlib.resources import files

_OWN = frozenset("op")


@lru_cache(maxsize=1)
def acts() -> dict[str, str]:
    """Operations by section, as the data file names them."""
    text = files("lkmr_access").joinpath("practice.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text))


def is_practice(section: str, operation: str, scope: str) -> bool:
    """Whether an operation within a scope is an act of practice (ТК, ст. 76)."""
    return scope in _OWN and operation in acts().get(section, "")
