"""A right to practise that is over (истёкшая аккредитация), and what follows from it by policy."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

BLOCK_ON_EXPIRED = "rbac.block_on_expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """A job whose specialty has no entry that gives the right; `end_date` None: it was annulled."""

    organization_oid: str
    specialty: str
    end_date: date | None = None


class LapseMode(Enum):
    """What a lapse means at an organisation (ТК, ст. 76; a policy of dated decisions).

    WARN: it is said on every page. BLOCK: acts of practice are refused besides; own data,
    documents and education stay open.
    """

    WARN = "WARN"
    BLOCK = "BLOCK"


def lapses_at(lapses: Iterable[Lapse], organization_oid: str) -> tuple[Lapse, ...]:
    """Those of jobs at an organisation."""
    return tuple(one for one in lapses if one.organization_oid == organization_oid)
