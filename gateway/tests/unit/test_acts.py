"""No act of the gateway is lost while auth is away for a while."""

from collections.abc import Sequence
from pathlib import Path

from lkmr.auth.v1 import auth_service_pb2 as pb

from lkmr_gateway.journal import BATCH, Acts, Spool
from lkmr_servicekit.audit import Act, Result
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.errors import Category, ServiceError


class PlayedAuth:
    """Takes acts, or is away; `refuses` is an operation that it cannot read."""

    def __init__(self) -> None:
        self.away, self.refuses = False, ""
        self.taken: list[pb.RecordActsRequest.Entry] = []

    async def tell(self, entries: Sequence[pb.RecordActsRequest.Entry]) -> None:
        if self.away:
            raise ServiceError("AUTH_UNAVAILABLE", Category.UNAVAILABLE)
        if self.refuses and any(one.act.operation == self.refuses for one in entries):
            raise ServiceError("REQUEST_FIELD_INVALID", Category.INVALID_ARGUMENT)
        self.taken += entries

    @property
    def objects(self) -> list[str]:
        return [one.act.object for one in self.taken]


def denied(number: int, operation: str = "api.read") -> Act:
    return Act(
        operation=operation, object=f"reports/{number}", result=Result.DENIED,
        reason="SECTION_CLOSED", time=FakeClock().now(), actor="persons/7",
    )  # fmt: skip


async def test_an_act_is_told_at_once() -> None:
    auth = PlayedAuth()
    acts = Acts(auth.tell)

    await acts.report(denied(1))

    assert auth.objects == ["reports/1"]
    assert acts.waiting == 0


async def test_acts_wait_in_order_while_auth_is_away_and_none_is_lost() -> None:
    auth = PlayedAuth()
    acts = Acts(auth.tell)
    auth.away = True
    for number in range(2 * BATCH + 1):
        await acts.report(denied(number))
    await acts.tell_waiting()
    assert (acts.waiting, auth.taken) == (2 * BATCH + 1, [])

    auth.away = False
    await acts.tell_waiting()

    assert auth.objects == [f"reports/{number}" for number in range(2 * BATCH + 1)]
    assert acts.waiting == 0


async def test_what_waits_outlives_the_process_under_the_same_id(tmp_path: Path) -> None:
    auth = PlayedAuth()
    auth.away = True
    before = Acts(auth.tell, Spool(tmp_path / "gateway" / "acts"))
    await before.report(denied(1))
    await before.report(denied(2))
    auth.away = False

    after = Acts(auth.tell, Spool(tmp_path / "gateway" / "acts"))
    await after.tell_waiting()
    first = [one.event_id for one in auth.taken]
    await before.tell_waiting()

    assert [one.event_id for one in auth.taken] == first * 2
    assert auth.objects[:2] == ["reports/1", "reports/2"]
    assert Acts(auth.tell, Spool(tmp_path / "gateway" / "acts")).waiting == 0


async def test_a_record_that_was_cut_off_hides_none_before_it(tmp_path: Path) -> None:
    auth = PlayedAuth()
    auth.away = True
    acts = Acts(auth.tell, Spool(tmp_path / "acts"))
    await acts.report(denied(1))
    await acts.report(denied(2))
    whole = (tmp_path / "acts").read_bytes()
    (tmp_path / "acts").write_bytes(whole[:-3])

    assert [one.act.object for one in Spool(tmp_path / "acts").read()] == ["reports/1"]


async def test_an_act_that_auth_cannot_read_does_not_stop_the_others() -> None:
    auth = PlayedAuth()
    acts = Acts(auth.tell)
    auth.away = True
    for number in (1, 2, 3):
        await acts.report(denied(number, "bad.word" if number == 2 else "api.read"))
    auth.away, auth.refuses = False, "bad.word"

    await acts.tell_waiting()

    assert auth.objects == ["reports/1", "reports/3"]
    assert acts.waiting == 0
