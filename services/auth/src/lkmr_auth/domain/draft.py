"""Drafts (черновики): text that a person typed into a form and did not send."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lkmr_auth.domain.access_errors import DraftInvalid
from lkmr_auth.domain.person import PersonId
from lkmr_servicekit.personal import Personal

LIFE = timedelta(days=7)
MAX_DRAFTS = 20
MAX_FIELDS, MAX_LETTERS, MAX_PATH = 60, 16_000, 200
# A form that comes after the end of its session is kept while the session is remembered so long.
AFTER_END = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`form` is the address that the form goes to, `page` the one where it stands."""

    person_id: PersonId
    form: str
    page: str
    fields: Personal[Mapping[str, str]]
    update_time: datetime


def checked_fields(form: str, page: str, fields: Mapping[str, str]) -> Personal[Mapping[str, str]]:
    """What may be kept: paths and few, short texts. Raises DraftInvalid."""
    for name, path in (("form", form), ("page", page)):
        if not path.startswith("/") or len(path) > MAX_PATH or not path.isprintable():
            raise DraftInvalid(field=name)
    letters = sum(len(name) + len(value) for name, value in fields.items())
    if not fields or len(fields) > MAX_FIELDS or letters > MAX_LETTERS:
        raise DraftInvalid(field="fields")
    return Personal(dict(fields))
