"""Ids in resource names; a name that cannot exist is answered like an unknown one."""

import uuid

from lkmr_education.domain.errors import KeptNotFound, ReportNotFound, WorkerNotFound
from lkmr_servicekit.errors import Refusal
from lkmr_servicekit.resource_names import ids_in


def worker_in(name: str) -> str:
    """The worker of `workers/{worker}`. Raises WorkerNotFound."""
    (worker,) = ids_in(name, "workers")
    if not _is_id(worker):
        raise WorkerNotFound
    return worker


def entry_in(name: str, collection: str, missing: type[Refusal]) -> tuple[str, str]:
    """Worker and id of `workers/{worker}/{collection}/{id}`. Raises the given refusal."""
    worker, entry = ids_in(name, "workers", collection)
    if not _is_id(worker) or not _is_id(entry):
        raise missing
    return worker, entry


def kept_in(name: str) -> str:
    """The id of `keptNotices/{kept_notice}`. Raises KeptNotFound."""
    (identity,) = ids_in(name, "keptNotices")
    if not _is_id(identity):
        raise KeptNotFound
    return identity


def report_in(name: str) -> str:
    """The id of `reports/{report}`. Raises ReportNotFound."""
    (identity,) = ids_in(name, "reports")
    if not _is_id(identity):
        raise ReportNotFound
    return identity


def _is_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
