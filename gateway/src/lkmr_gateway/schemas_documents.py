"""Answers and bodies of `/api/v1/documents`, for OpenAPI."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from lkmr_gateway.schemas import PageQuery, Query

DocumentState = Literal[
    "CHECKING", "VERIFIED", "UNVERIFIED", "REJECTED", "EXPIRING", "EXPIRED", "ARCHIVED"
]
CheckStatus = Literal["CHECKING", "VERIFIED", "UNVERIFIED", "REJECTED"]
Visibility = Literal["OWNER", "HR", "HEAD"]


class DocumentQuery(PageQuery):
    """Which documents; without a state all that are not put aside."""

    state: DocumentState | Literal[""] = ""
    kind: Annotated[str, Field(max_length=40)] = ""


class FileQuery(Query):
    """Which version; 0 is the present one."""

    version: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class DocumentFields(BaseModel):
    """What a document says. What is required for a kind stands in `/api/v1/documents/kinds`."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    series: str = ""
    number: str = ""
    issuer: str = ""
    note: str = ""
    specialty: str = ""
    level: str = ""
    issue_date: date
    valid_from: date | None = None
    valid_until: date | None = None
    visibility: Visibility | Literal[""] = ""
    etag: str = ""


class DocumentDecision(BaseModel):
    """The word of the personnel office; a refusal says what to correct."""

    model_config = ConfigDict(extra="forbid")

    status: Literal["VERIFIED", "REJECTED"]
    reason: str = ""
    etag: str


class DocumentStep(BaseModel):
    """The version that was seen: `etag` of the document."""

    model_config = ConfigDict(extra="forbid")

    etag: str


class DocumentFile(BaseModel):
    name: str
    media_type: Literal["application/pdf", "image/jpeg", "image/png"]
    size: int
    sha256: str
    pages: int
    scan: Literal["NOT_SCANNED", "NOTHING_FOUND"]


class DocumentCheck(BaseModel):
    status: CheckStatus
    by: str
    reason: str
    time: datetime | None


class DocumentVersion(BaseModel):
    version: int
    series: str
    number: str
    issuer: str
    note: str
    specialty: str
    level: str
    issue_date: date | None
    valid_from: date | None
    valid_until: date | None
    check: DocumentCheck
    version_time: datetime
    file: DocumentFile | None


class DocumentItem(DocumentVersion):
    id: str
    name: str
    kind: str
    group: str
    state: DocumentState
    source: Literal["OWNER", "HR", "REGISTER"]
    visibility: Visibility
    etag: str
    days_left: int | None
    create_time: datetime


class DocumentDetail(DocumentItem):
    versions: list[DocumentVersion]
    may: list[str]


class DocumentPage(BaseModel):
    items: list[DocumentItem]
    next_page_token: str
    total: int


class DocumentKind(BaseModel):
    code: str
    title: str
    group: str
    issuer: str
    term_years: int | None
    check: str
    visibility: Visibility
    required: list[str]
    levels: list[str]
    source: str


class DocumentKinds(BaseModel):
    items: list[DocumentKind]
    next_page_token: str


class LicenceOrganization(BaseModel):
    oid: str
    name: str


class AskedOrganization(LicenceOrganization):
    check_time: datetime | None
    licences: int


class Licence(BaseModel):
    number: str
    kind: str
    organization: LicenceOrganization
    issuer: str
    issue_date: date | None
    valid_until: date | None
    state: Literal["VALID", "REISSUE", "SUSPENDED", "REVOKED", "ENDED"]
    days_left: int | None
    works: list[str]
    check_time: datetime | None


class Licences(BaseModel):
    items: list[Licence]
    organizations: list[AskedOrganization]
    next_page_token: str


def upload_body() -> dict[str, Any]:
    """The description of a body that the route reads itself: a form with a file, or fields."""
    schema = DocumentFields.model_json_schema()
    fields = {name: {"type": "string"} for name in schema["properties"]}
    form = {
        "type": "object",
        "properties": {**fields, "file": {"type": "string", "format": "binary"}},
        "required": schema["required"],
    }
    content = {
        "multipart/form-data": {"schema": form},
        "application/json": {"schema": schema},
    }
    return {"requestBody": {"required": True, "content": content}}
