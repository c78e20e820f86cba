"""All refusals of the partner edge."""

from collections.abc import Sequence
from datetime import date

from lkmr_servicekit.errors import Category, FieldFault, ServiceError

RATE_LIMITED = "PARTNER_RATE_LIMITED"


def partner_unknown() -> ServiceError:
    """The certificate belongs to no registered partner."""
    return ServiceError("PARTNER_UNKNOWN", Category.UNAUTHENTICATED)


def certificate_outdated(last: date) -> ServiceError:
    """The certificate was switched off by date."""
    return ServiceError(
        "PARTNER_CERTIFICATE_OUTDATED", Category.UNAUTHENTICATED, {"last_day": last.isoformat()}
    )


def suspended() -> ServiceError:
    """The operator has suspended the partner."""
    return ServiceError("PARTNER_SUSPENDED", Category.PERMISSION_DENIED)


def token_refused() -> ServiceError:
    """The ESIA token is missing, wrong or another partner's; which of it stays in the log."""
    return ServiceError("PARTNER_TOKEN_REFUSED", Category.UNAUTHENTICATED)


def scope_missing(scope: str) -> ServiceError:
    """The method is not open to this partner."""
    return ServiceError("PARTNER_SCOPE_MISSING", Category.PERMISSION_DENIED, {"scope": scope})


def rate_limited(seconds: int) -> ServiceError:
    """Calls come faster than agreed."""
    return ServiceError(RATE_LIMITED, Category.RATE_LIMITED, {"seconds": str(seconds)})


def streams_exhausted(limit: int) -> ServiceError:
    """Too many streams at once."""
    return ServiceError("PARTNER_STREAMS_EXHAUSTED", Category.RATE_LIMITED, {"limit": str(limit)})


def request_invalid(faults: Sequence[FieldFault]) -> ServiceError:
    """Fields that cannot be taken."""
    return ServiceError("PARTNER_REQUEST_INVALID", Category.INVALID_ARGUMENT, fields=faults)
