"""«Документы и аккредитация», and the check of an extract."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from urllib.parse import urlencode

from lkmr_gateway.pages.views.frame import Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where data came from and when; `stale` when it is older than 24 h."""

    system: str
    version: str
    fetch_time: datetime
    stale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccreditationItem:
    """One register entry as the list of the JSON API gives it; `organizations` are names."""

    id: str
    specialty: str
    kind: str
    state: str
    registry_number: str
    record_date: date | None
    expire_date: date | None
    days_left: int | None
    organizations: tuple[str, ...]
    source: Source

    @property
    def href(self) -> str:
        """The page of the entry."""
        return f"/accreditations/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccreditationListView:
    """`/accreditations?state=&specialty=&order_by=&page_token=`; the filters as they are set.

    `specialties` are the choices; when empty, the specialty is typed. `next_href` is empty on the
    last page, `first_href` on the first one.
    """

    template: ClassVar[str] = "accreditations.html"
    items: tuple[AccreditationItem, ...] = ()
    state: str = ""
    specialty: str = ""
    specialties: tuple[str, ...] = ()
    order_by: str = "-record_date"
    next_href: str = ""
    first_href: str = ""
    fault: Unavailable | None = None

    def sort_href(self, order_by: str) -> str:
        """The first page of the same filters in another order."""
        asked = {"state": self.state, "specialty": self.specialty, "order_by": order_by}
        return "/accreditations?" + urlencode({key: value for key, value in asked.items() if value})

    @property
    def filtered(self) -> bool:
        """Whether a filter hides something."""
        return bool(self.state or self.specialty)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """An act that prolongs an entry beyond its printed day."""

    order: str
    source: str
    valid_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OldVersion:
    """An entry as it was until `replace_time`."""

    version: int
    replace_time: datetime
    kind: str
    specialty: str
    registry_number: str
    record_date: date | None
    expire_date: date | None
    annulled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccreditationView:
    """`/accreditations/{id}`; `records` are all entries of the person, this one among them."""

    template: ClassVar[str] = "accreditation.html"
    item: AccreditationItem
    records: tuple[AccreditationItem, ...]
    extract_href: str
    version: int
    update_time: datetime
    specialty_code: str = ""
    education_level: str = ""
    commission: str = ""
    protocol_number: str = ""
    protocol_date: date | None = None
    printed_expire_date: date | None = None
    extension: Extension | None = None
    history: tuple[OldVersion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractContent:
    """What stands in an issued extract; the SNILS is masked, names of kinds as in the JSON API.

    `as_of` is the moment of facts that were stale when it was issued.
    """

    extract_id: str
    code: str
    create_time: datetime
    name: str
    birth_date: date
    snils: str
    specialty: str
    kind: str
    registry_number: str
    record_date: date | None
    expire_date: date | None
    effective_expire_date: date | None
    source_system: str
    source_version: str
    as_of: datetime | None = None
    extension: str = ""
    commission: str = ""
    protocol_number: str = ""
    protocol_date: date | None = None
    organizations: tuple[tuple[str, str], ...] = ()
    annulled: bool = False


@dataclass(frozen=True, slots=True)
class VerifyOfflineView:
    """`/verify/offline`, open to everybody; the browser checks the signed code by itself."""

    template: ClassVar[str] = "verify_offline.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyView:
    """`/verify/{code}`, open to everybody who has the code; `state` is that of today."""

    template: ClassVar[str] = "verify.html"
    content: ExtractContent
    matches_register: bool
    state: str
    sha256: str
