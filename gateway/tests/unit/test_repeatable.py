"""A broken connection repeats every call that reads, and none that changes something."""

import pkgutil
from importlib import import_module
from types import ModuleType

from google.protobuf.descriptor import FileDescriptor

from lkmr_gateway import backends
from lkmr_gateway.backends.repeatable import repeatable

SERVICES = ("accreditation", "auth", "education", "egisz-bridge", "notify")
MAY_BE_REPEATED = {
    "DeleteDraft",
    "IssueExtract",
    "IssueStaffExtract",
    "ResolveSession",
    "SaveDraft",
    "SimulateCompliance",
    "VerifyExtract",
}


def contracts_in_use() -> set[str]:
    """Services of the contracts that clients of the gateway call."""
    found: set[str] = set()
    for info in pkgutil.iter_modules(backends.__path__):
        for value in vars(import_module(f"{backends.__name__}.{info.name}")).values():
            contract = getattr(value, "DESCRIPTOR", None)
            if isinstance(value, ModuleType) and isinstance(contract, FileDescriptor):
                found |= {one.full_name for one in contract.services_by_name.values()}
    return found


def test_each_contract_in_use_has_calls_that_are_repeated() -> None:
    named = {name.split("/")[1] for service in SERVICES for name in repeatable(service)}

    assert named == contracts_in_use()


def test_what_changes_something_is_never_repeated() -> None:
    methods = {name.rpartition("/")[2] for service in SERVICES for name in repeatable(service)}

    reading = {name for name in methods if name.startswith(("Get", "List", "Read", "Search"))}
    assert methods - reading == MAY_BE_REPEATED
