"""The dated data that is shipped with the program: law, production calendar, posts."""

import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any

from lkmr_accreditation.domain.compliance import Registry
from lkmr_accreditation.domain.documents import Catalogue
from lkmr_accreditation.domain.forms import Forms
from lkmr_accreditation.domain.law import Law
from lkmr_accreditation.domain.posts import Posts
from lkmr_accreditation.usecases.law_book import LawBook
from lkmr_servicekit.working_days import shipped_working_days


@lru_cache(maxsize=1)
def shipped_law() -> dict[str, Any]:
    """The content of `law.toml`."""
    return _content("law.toml")


def shipped_registry() -> Registry:
    """Law, posts and calendar as shipped."""
    return Registry(
        Law.from_data(shipped_law()),
        Posts.from_data(_content("posts.toml")),
        shipped_working_days(),
        shipped_catalogue(),
    )


def shipped_forms() -> Forms:
    """The built-in forms F1…F9."""
    return Forms.from_data(_content("forms.toml"))


@lru_cache(maxsize=1)
def shipped_catalogue() -> Catalogue:
    """Kinds of documents as shipped."""
    return Catalogue.from_data(_content("documents.toml"))


def shipped_book() -> LawBook:
    """A book of law that begins with what was shipped."""
    return LawBook(shipped_law(), shipped_registry())


def _content(name: str) -> dict[str, Any]:
    return tomllib.loads(files("lkmr_accreditation").joinpath(name).read_text(encoding="utf-8"))
