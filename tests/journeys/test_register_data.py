"""What the register says, from the stand-in to the screen."""

import itertools
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lkmr.accreditation.v1 import accreditation_service_pb2 as accreditation
from lkmr.accreditation.v1.accreditation_service_pb2_grpc import AccreditationServiceStub
from lkmr.auth.v1 import auth_service_pb2 as auth
from lkmr.auth.v1.auth_service_pb2_grpc import AuthServiceStub
from lkmr.egisz_bridge.v1 import egisz_bridge_service_pb2 as bridge
from lkmr.egisz_bridge.v1.egisz_bridge_service_pb2_grpc import EgiszBridgeServiceStub
from lkmr.notify.v1 import notify_service_pb2 as notify
from lkmr.notify.v1.notify_service_pb2_grpc import NotifyServiceStub

from lkmr_servicekit.clock import MOSCOW
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.grpc_client import Peer

from ..support.own_suite import apart
from ..support.visitor import Visitor

pytestmark = pytest.mark.journey
NewVisitor = Callable[..., Visitor]
SNILS = {"sidorova": "90000311199", "orlova": "90000518524", "zaytseva": "90000933334"}


def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def record(person: Visitor, login: str, number: str, **entry: Any) -> dict[str, Any]:
    """Put an entry into the register and wait until the cabinet shows it."""
    person.control(
        "egisz", "PUT", f"register/workers/{SNILS[login]}/accreditations/{number}", entry
    )

    def found() -> list[dict[str, Any]]:
        items = person.api("accreditations")["items"]
        return [item for item in items if item["registry_number"] == number]

    until(lambda: bool(found()))
    return found()[0]


@pytest.mark.proves("F-031")
def test_the_end_is_five_years_from_the_entry_or_an_extension_that_keeps_the_printed_day(
    visitor: NewVisitor,
) -> None:
    person = visitor()
    person.sign_in("orlova")
    plain = record(
        person, "orlova", "7724 030000001",
        kind="PRIMARY", specialty="терапия", recorded_at="2024-02-29",
    )  # fmt: skip
    extended = record(
        person, "orlova", "7720 030000002",
        kind="PERIODIC", specialty="хирургия", recorded_at="2020-05-10", valid_to="2025-05-10",
    )  # fmt: skip

    assert plain["expire_date"] == "2029-02-28"
    detail = person.api(f"accreditations/{extended['id']}")
    today = datetime.now(MOSCOW).date().isoformat()
    assert detail["printed_expire_date"] == "2025-05-10"
    assert detail["expire_date"] == "2026-12-31"
    assert detail["state"] == ("EXTENDED" if today <= "2026-12-31" else "EXPIRED")
    assert "34н" in detail["extension"]["order"]
    page = person.open(f"/accreditations/{extended['id']}").text
    assert "10.05.2025" in page
    assert "34н" in page


@pytest.mark.proves("F-035")
def test_the_list_can_be_filtered_sorted_paged_and_opened(visitor: NewVisitor) -> None:
    person = visitor()
    person.sign_in("sidorova")
    years = {"анестезиология": 2023, "рентгенология": 2024, "терапия": 2025}
    for number, (specialty, year) in enumerate(years.items()):
        record(
            person, "sidorova", f"7723 04000000{number}",
            kind="PRIMARY", specialty=specialty, recorded_at=f"{year}-03-01",
        )  # fmt: skip

    def names(query: str) -> list[str]:
        return [item["specialty"] for item in person.api(f"accreditations?{query}")["items"]]

    assert names("specialty=рентгенология") == ["рентгенология"]
    (expired,) = person.api("accreditations?state=EXPIRED")["items"]
    assert expired["specialty"] == "сестринское дело"
    assert names("state=ACTIVE&order_by=record_date") == [
        "анестезиология",
        "рентгенология",
        "терапия",
    ]
    assert names("state=ACTIVE&order_by=-expire_date") == [
        "терапия",
        "рентгенология",
        "анестезиология",
    ]
    first = person.api("accreditations?page_size=3")
    rest = person.api(f"accreditations?page_size=3&page_token={first['next_page_token']}")
    assert [len(first["items"]), len(rest["items"]), rest["next_page_token"]] == [3, 1, ""]
    page = person.open("/accreditations?state=ACTIVE&order_by=record_date").text
    assert page.index("7723 040000000") < page.index("7723 040000001")
    assert expired["registry_number"] not in page
    entry = first["items"][0]
    assert entry["registry_number"] in person.open(f"/accreditations/{entry['id']}").text


@pytest.mark.proves("F-164", "F-167")
def test_each_sign_in_asks_each_register_once_and_anew(visitor: NewVisitor, suite: Any) -> None:
    person = visitor()
    for _ in range(2):
        before = _asked(person)
        person.cookies.clear()
        person.sign_in("zaytseva", profile="org-kb2/NURSE")
        after = _asked(person)

        assert after["identity"] - before["identity"] == 1
        assert after["policy"] - before["policy"] == 1


def _asked(person: Visitor) -> dict[str, int]:
    """How often the registers were asked about zaytseva by number."""
    requests = person.control("egisz", "GET", "requests")
    about = [one for one in requests if "POST" not in one["method"] or "ferzl" in one["path"]]
    return {
        "identity": sum(
            one["path"].endswith("/frmr/v1/workers") and one["method"] == "GET" for one in about
        ),
        "policy": sum("/ferzl" in one["path"] for one in about),
    }


@pytest.mark.proves("F-229")
def test_register_data_are_there_on_arrival_with_their_time(visitor: NewVisitor) -> None:
    person = visitor()
    started = datetime.now(UTC) - timedelta(seconds=1)
    home = person.sign_in("kuznetsov")

    shown = re.sub(r"<[^>]+>|\s+", " ", home.text.replace("\xa0", " "))
    assert "получено" in shown
    assert "сегодня" in re.sub(" +", " ", shown).split("получено", 1)[1][:40]

    sizes = itertools.count(100)  # each a question that the gateway has not kept an answer to

    def fresh() -> bool:
        (item, *_) = person.api(f"accreditations?page_size={next(sizes)}")["items"]
        return datetime.fromisoformat(item["source"]["fetch_time"]) >= started

    until(fresh)


@pytest.mark.proves("F-135", "F-227")
def test_one_sign_in_opens_every_section(visitor: NewVisitor) -> None:
    person = visitor()
    home = person.sign_in("ivanova")
    menu = re.findall(r'href="(/[a-z/-]*)"', home.text)

    opened = [person.open(path) for path in dict.fromkeys(menu)]

    assert len(opened) > 5
    assert all(page.status_code == 200 for page in opened)
    assert not any('name="login"' in page.text for page in opened)


@pytest.mark.proves("F-156")
def test_every_service_refuses_a_token_that_auth_did_not_sign(suite: Any) -> None:
    apart(_offer_foreign_tokens(suite))


async def _offer_foreign_tokens(suite: Any) -> None:
    list_own = accreditation.ListAccreditationsRequest()
    card = bridge.GetWorkerCardRequest(name="workers/w")
    calls: list[tuple[str, str, Any, str, Any]] = [
        ("gateway", "accreditation", AccreditationServiceStub, "ListAccreditations", list_own),
        ("gateway", "notify", NotifyServiceStub, "ListMessages", notify.ListMessagesRequest()),
        ("gateway", "auth", AuthServiceStub, "ListSessions", auth.ListSessionsRequest()),
        ("accreditation", "egisz-bridge", EgiszBridgeServiceStub, "GetWorkerCard", card),
    ]
    for program, service, stub, method, request in calls:
        tls = suite.home.root / "tls" / program
        address = f"127.0.0.1:{suite.ports.grpc(service, 1)}"
        async with Peer(service, address, tls_dir=tls) as peer:
            for token in ("", "x.y.z", _forged()):
                with pytest.raises(ServiceError, match="CALLER_UNKNOWN"):
                    await peer.call(getattr(stub(peer.channel), method), request, token=token)


def _forged() -> str:
    """A token of the right form, signed by somebody else."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from lkmr_servicekit.clock import SystemClock
    from lkmr_servicekit.identity import Caller, CallerKind, TokenSigner

    clock = SystemClock()
    person = Caller(
        kind=CallerKind.PERSON, subject="p", expire_time=0, worker="w", roles=("DOCTOR",)
    )
    return TokenSigner("k1", Ed25519PrivateKey.generate(), clock).caller_token(person, clock.now())[
        0
    ]
