"""A contract of the suite, borrowed for tests of the kit."""

from typing import Any, TypeVar

from lkmr.notify.v1 import notify_service_pb2 as pb

from lkmr_servicekit.errors import Category, ServiceError
from lkmr_servicekit.grpc_server import Rule

BORROWED = pb.DESCRIPTOR.services_by_name["NotifyService"]
SERVICE = BORROWED.full_name
P = TypeVar("P", bound=type[Any])


def whole(probe: P) -> P:
    """A servicer that plays a part of the contract, made whole: its other methods refuse.

    The contract grows with its own service; a probe does not have to know of that.
    """

    async def refuse(_: Any, __: Any, ___: Any) -> Any:
        raise ServiceError("NOT_PLAYED", Category.UNAVAILABLE)

    for method in BORROWED.methods:
        if method.name not in vars(probe):
            setattr(probe, method.name, refuse)
    return probe


def rules(**played: Rule) -> dict[str, Rule]:
    """A rule for each method of the contract; those that are not played are for nobody."""
    return {
        f"/{SERVICE}/{method.name}": played.get(method.name, Rule.programs())
        for method in BORROWED.methods
    }
