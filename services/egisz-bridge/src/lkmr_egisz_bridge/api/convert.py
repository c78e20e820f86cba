"""Between our messages and the words of the use cases."""

from collections.abc import Iterator
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp
from lkmr.egisz_bridge.v1 import egisz_bridge_service_pb2 as pb

from lkmr_egisz_bridge.domain.identity import Claim, Match, claim_of
from lkmr_egisz_bridge.usecases.check_identity import IdentityCheck
from lkmr_egisz_bridge.usecases.ports import CardPage, RegisterState

BATCH_BYTES = 900 * 1024
_MATCH = {
    Match.NOT_COMPARED: pb.MATCH_UNSPECIFIED,
    Match.EQUAL: pb.MATCH_EQUAL,
    Match.FORM_DIFFERS: pb.MATCH_FORM_DIFFERS,
    Match.DIFFERENT: pb.MATCH_DIFFERENT,
}


def claim_from_proto(request: pb.CheckIdentityRequest) -> Claim:
    """Raises SnilsInvalid, BirthDateInvalid."""
    return claim_of(
        snils=request.snils,
        family_name=request.family_name,
        given_name=request.given_name,
        patronymic=request.patronymic,
        birth_date=request.birth_date,
        policy_number=request.policy_number,
    )


def check_to_proto(check: IdentityCheck[pb.WorkerCard]) -> pb.IdentityCheck:
    verdict = check.verdict
    return pb.IdentityCheck(
        in_worker_register=verdict.in_worker_register,
        name=_MATCH[verdict.name],
        birth_date=_MATCH[verdict.birth_date],
        policy_number=_MATCH[verdict.policy_number],
        card=check.card,
        check_time=_timestamp(check.check_time),
    )


def batches_to_proto(
    page: CardPage[pb.WorkerCard], cursor_before: str
) -> Iterator[pb.WorkerCardBatch]:
    """One batch of a portion, or several when its cards are unusually large."""
    batch = pb.WorkerCardBatch(cards=page.cards, cursor=page.cursor, total=page.total)
    if batch.ByteSize() <= BATCH_BYTES or len(page.cards) == 1:
        yield batch
        return
    half = len(page.cards) // 2
    first = CardPage(page.cards[:half], cursor_before, page.total)
    second = CardPage(page.cards[half:], page.cursor, page.total)
    yield from batches_to_proto(first, cursor_before)
    yield from batches_to_proto(second, cursor_before)


def states_to_proto(states: list[RegisterState]) -> pb.ListRegisterStatesResponse:
    return pb.ListRegisterStatesResponse(
        registers=[
            pb.RegisterState(
                register=state.register,
                available=state.available,
                since_time=_timestamp(state.since_time),
            )
            for state in states
        ]
    )


def _timestamp(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
