"""Data that come with the package, until somebody decides otherwise."""

import tomllib
from importlib.resources import files
from typing import Any

from lkmr_auth.domain.assessment import AssessmentTerms
from lkmr_auth.domain.data_request import Terms
from lkmr_auth.domain.erasure import Fate
from lkmr_auth.domain.legal import Legal
from lkmr_auth.domain.policy import Policies
from lkmr_auth.domain.posts import Posts
from lkmr_auth.domain.suspicion import Rules
from lkmr_auth.domain.words import Words


def legal() -> Legal:
    """Terms of use and consents with their days."""
    return Legal.from_data(_content("legal.toml"))


def terms() -> Terms:
    """How long an answer to a request about personal data may take."""
    return Terms.read(_content("data_requests.toml"))


def assessments() -> AssessmentTerms:
    """How often the operator assesses protection."""
    return AssessmentTerms.read(_content("assessments.toml"))


def fate() -> Fate:
    """What becomes of personal data when a purpose ends."""
    return Fate.read(_content("erasure.toml"))


def policies() -> Policies:
    """What security administrators may decide."""
    return Policies.read(_content("policies.toml"))


def posts() -> Posts:
    """Which posts bring which roles."""
    return Posts.read(_content("posts.toml"))


def suspicion() -> Rules:
    """What looks like a stranger in a session."""
    return Rules.read(_content("suspicion.toml"))


def words() -> Words:
    """Acts of the journal in plain words."""
    return Words(**_content("operations.toml"))


def _content(name: str) -> dict[str, Any]:
    return tomllib.loads(files("lkmr_auth").joinpath(name).read_text(encoding="utf-8"))
