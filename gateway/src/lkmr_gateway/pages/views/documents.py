"""«Документы»: the list, one document with its versions, the form of a new one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlencode

from lkmr_gateway.pages.views.education import FormFault
from lkmr_gateway.pages.views.frame import Unavailable

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentListView:
    """`/documents?state=&kind=&page_token=`; the filters as they are set. `root` is its address.

    `person` names the member of staff whose documents these are; empty for the own ones.
    """

    template: ClassVar[str] = "documents.html"
    items: Sequence[Json]
    total: int
    kinds: Sequence[Json]
    state: str = ""
    kind: str = ""
    may_add: bool = False
    root: str = "/documents"
    person: str = ""
    next_href: str = ""
    first_href: str = ""
    fault: Unavailable | None = None

    @property
    def filtered(self) -> bool:
        """Whether a filter hides something."""
        return bool(self.state or self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class LicencesView:
    """`/licences`: licences of the organisations that concern the person."""

    template: ClassVar[str] = "licences.html"
    items: Sequence[Json]
    organizations: Sequence[Json]
    fault: Unavailable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """One document with its versions, and what may be done about it."""

    template: ClassVar[str] = "document.html"
    item: Json
    root: str = "/documents"
    file_root: str = "/api/v1/documents"
    notice: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    fault: FormFault | None = None

    @property
    def new_version_href(self) -> str:
        """The form of a new version."""
        asked = {"document": self.item["id"], "kind": self.item["kind"]}
        return f"{self.root}/new?{urlencode(asked)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFormView:
    """The form of a new document, or of a new version of one; what was typed comes back."""

    template: ClassVar[str] = "document_new.html"
    kinds: Sequence[Json]
    kind: Json | None = None
    document: Json | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    fault: FormFault | None = None
    root: str = "/documents"

    @property
    def action(self) -> str:
        """Where the form goes."""
        return f"{self.root}/{self.document['id']}/versions" if self.document else self.root
