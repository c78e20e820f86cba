"""Shapes of the JSON API of drafts."""

from datetime import datetime

from pydantic import BaseModel


class Draft(BaseModel):
    """`form` is the address that the form goes to, `page` the one where it stands."""

    form: str
    page: str
    fields: dict[str, str]
    update_time: datetime


class Drafts(BaseModel):
    items: list[Draft]


class NewDraft(BaseModel):
    form: str
    page: str
    fields: dict[str, str]


class SavedDraft(BaseModel):
    update_time: datetime
