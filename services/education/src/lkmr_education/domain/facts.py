"""Facts that this service announces."""

from dataclasses import dataclass

from lkmr_education.domain.activity import Activity
from lkmr_education.domain.certificate import Certificate
from lkmr_education.domain.plan import PlanItem


@dataclass(frozen=True, slots=True)
class ActivityCreated:
    """A new activity."""

    activity: Activity


@dataclass(frozen=True, slots=True)
class ActivityStepped:
    """A new version of an activity, and who made it."""

    old: Activity
    new: Activity
    actor: str

    @property
    def moved(self) -> bool:
        """Whether its days changed."""
        before = (self.old.start_date, self.old.end_date)
        return before != (self.new.start_date, self.new.end_date)


@dataclass(frozen=True, slots=True)
class CertificateAdded:
    """A document came in."""

    certificate: Certificate


@dataclass(frozen=True, slots=True)
class CertificateWaits:
    """A document began to wait for its entry into the register, or waits no more."""

    certificate: Certificate


@dataclass(frozen=True, slots=True)
class CreditMoved:
    """Hours of a worker are to be counted anew."""

    worker: str
    activity: str


@dataclass(frozen=True, slots=True)
class CreditsLoaded:
    """Hours of many workers are to be counted anew, each named once."""

    workers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanItemMoved:
    """A new version of a plan item."""

    item: PlanItem


Fact = (
    ActivityCreated
    | ActivityStepped
    | CertificateAdded
    | CertificateWaits
    | CreditMoved
    | CreditsLoaded
    | PlanItemMoved
)
