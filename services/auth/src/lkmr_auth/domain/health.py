"""Whether ESIA answers, as last seen."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class EsiaState(Enum):
    """How ESIA answered."""

    UNKNOWN = "UNKNOWN"
    UP = "UP"
    DOWN = "DOWN"
    MAINTENANCE = "MAINTENANCE"
    OVERLOADED = "OVERLOADED"


@dataclass(frozen=True, slots=True)
class EsiaHealth:
    """What was seen, and when."""

    state: EsiaState = EsiaState.UNKNOWN
    check_time: datetime | None = None
