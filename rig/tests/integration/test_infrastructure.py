"""PostgreSQL and NATS as the rig sets them up."""

import asyncio
from collections.abc import AsyncIterator, Callable

import asyncpg
import nats
import pytest
from lkmr.auth.v1.events_pb2 import SessionRevoked
from nats.aio.client import Client
from nats.errors import TimeoutError as NatsTimeout
from nats.js.api import AckPolicy, ConsumerConfig, StreamConfig

from lkmr_rig.layout import SERVICES, snake
from lkmr_rig.pytest_plugin import Infra, TestDatabase
from lkmr_servicekit.events import Bus, stream_of, subject_of

pytestmark = pytest.mark.servers
Databases = Callable[..., TestDatabase]


async def test_program_reads_and_writes_what_the_owner_made_but_cannot_alter_it(
    database: Databases,
) -> None:
    mine = database("notify", migrated=False)
    owner = await asyncpg.connect(mine.owner_url)
    await owner.execute("CREATE TABLE note (id bigint GENERATED ALWAYS AS IDENTITY, text text)")
    await owner.close()
    program = await asyncpg.connect(mine.url)
    await program.execute("INSERT INTO note (text) VALUES ('a')")
    await program.execute("UPDATE note SET text = 'b'")
    assert await program.fetchval("SELECT text FROM note") == "b"
    for refused in ("DROP TABLE note", "CREATE TABLE other (id int)", "TRUNCATE note"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await program.execute(refused)
    await program.close()


async def test_no_service_enters_the_database_of_another(infra: Infra) -> None:
    for service in SERVICES:
        secret = (infra.home.secrets(service) / "database_password").read_text()
        for other in SERVICES:
            address = f"postgresql://{snake(service)}_app:{secret}@127.0.0.1:{infra.ports.postgres}"
            if other == service:
                await (await asyncpg.connect(f"{address}/{snake(other)}")).close()
                continue
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await asyncpg.connect(f"{address}/{snake(other)}")


async def test_acknowledged_is_on_disk_and_statements_are_limited(database: Databases) -> None:
    connection = await asyncpg.connect(database("auth", migrated=False).url)
    shown = {
        name: await connection.fetchval("SELECT current_setting($1)", name)
        for name in (
            *("fsync", "full_page_writes", "synchronous_commit", "data_checksums"),
            *("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"),
            *("transaction_timeout", "idle_session_timeout"),
        )
    }
    assert shown == {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "statement_timeout": "3s",
        "lock_timeout": "1s",
        "idle_in_transaction_session_timeout": "5s",
        "transaction_timeout": "10s",
        "idle_session_timeout": "10min",
    }
    bypass = "SELECT rolbypassrls OR rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = $1"
    assert await connection.fetchval(bypass, "auth_app") is False
    await connection.close()


async def test_database_takes_no_wrong_password(infra: Infra) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://auth_app:wrong@127.0.0.1:{infra.ports.postgres}/auth")


class _Account:
    """A connection that remembers which subjects the server refused."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.refused: list[str] = []
        self._news = asyncio.Condition()

    async def note(self, fault: Exception) -> None:
        async with self._news:
            self.refused.append(str(fault).lower())
            self._news.notify_all()

    async def refuses(self, subject: str) -> bool:
        await self.client.publish(subject, b"{}")
        return await self._heard_no(subject)

    async def refuses_to_hear(self, subject: str) -> bool:
        await self.client.subscribe(subject)
        return await self._heard_no(subject)

    async def _heard_no(self, subject: str) -> bool:
        await self.client.flush(5)
        wanted = f'"{subject.lower()}"'
        try:
            async with asyncio.timeout(2), self._news:
                await self._news.wait_for(lambda: any(wanted in text for text in self.refused))
        except TimeoutError:
            return False
        return True


async def _account(infra: Infra, program: str) -> _Account:
    account = _Account(Client())
    await account.client.connect(
        f"nats://{infra.nats_address}",
        user=program,
        password=infra.nats_password(program),
        inbox_prefix=f"_INBOX_{program}",
        error_cb=account.note,
    )
    return account


@pytest.fixture
async def notify(silent_nats: Infra) -> AsyncIterator[_Account]:
    account = await _account(silent_nats, "notify")
    yield account
    await account.client.close()


async def test_fact_travels_from_its_service_to_the_durable_of_another(
    silent_nats: Infra, notify: _Account
) -> None:
    """A service declares its stream; a reader's consumer is named after the contract."""
    auth = Bus(silent_nats.nats_url("auth"), silent_nats.nats_password("auth"), name="auth")
    async with auth:
        await auth.ensure_stream("auth")
        await auth.ensure_stream("auth")
        subject = subject_of(SessionRevoked)
        await auth.stream.publish(subject, b"x", headers={"Nats-Msg-Id": "1"})
        streams = notify.client.jetstream()
        durable = "notify-session-revoked"
        config = ConsumerConfig(
            durable_name=durable, filter_subject=subject, ack_policy=AckPolicy.EXPLICIT
        )
        await streams.add_consumer("LKMR_AUTH", config)
        pull = await streams.pull_subscribe_bind(durable, stream="LKMR_AUTH")
        (message,) = await pull.fetch(1, timeout=5)
        await message.ack_sync(timeout=2)
        assert message.data == b"x"
        with pytest.raises(NatsTimeout):
            await pull.fetch(1, timeout=0.3)
    assert notify.refused == []


@pytest.mark.parametrize(
    "subject",
    [
        "lkmr.auth.v1.session.revoked",
        "other",
        "$JS.API.STREAM.CREATE.LKMR_AUTH",
        "$JS.API.STREAM.UPDATE.LKMR_AUTH",
        "$JS.API.STREAM.CREATE.OTHER",
        "$JS.API.STREAM.DELETE.LKMR_NOTIFY",
        "$JS.API.STREAM.DELETE.LKMR_AUTH",
        "$JS.API.STREAM.PURGE.LKMR_NOTIFY",
        "$JS.API.STREAM.MSG.DELETE.LKMR_NOTIFY",
        "$JS.API.STREAM.RESTORE.LKMR_NOTIFY",
        "$JS.API.STREAM.SNAPSHOT.LKMR_AUTH",
        "$JS.API.CONSUMER.DELETE.LKMR_AUTH.notify-session-revoked",
        "$JS.API.CONSUMER.CREATE.LKMR_AUTH.other",
        "$JS.API.CONSUMER.DURABLE.CREATE.LKMR_AUTH.accreditation-session-revoked",
        "$JS.API.CONSUMER.MSG.NEXT.LKMR_AUTH.accreditation-session-revoked",
        "$JS.API.CONSUMER.PAUSE.LKMR_AUTH.notify-session-revoked",
        "$JS.ACK.LKMR_AUTH.accreditation-session-revoked.1.1.1.1.0",
        "_INBOX_auth.x",
        "$SYS.REQ.SERVER.PING",
    ],
)
async def test_service_may_not_publish(notify: _Account, subject: str) -> None:
    assert await notify.refuses(subject)


@pytest.mark.parametrize(
    "subject", [">", "lkmr.>", "lkmr.accreditation.>", "_INBOX_auth.>", "_INBOX.>", "$JS.>"]
)
async def test_service_may_not_listen_in(notify: _Account, subject: str) -> None:
    assert await notify.refuses_to_hear(subject)


async def test_service_may_publish_its_own_facts(notify: _Account) -> None:
    assert not await notify.refuses("lkmr.notify.v1.message.created")


async def test_gateway_hears_all_facts_and_says_nothing(silent_nats: Infra) -> None:
    gateway = await _account(silent_nats, "gateway")
    auth = await _account(silent_nats, "auth")
    try:
        heard: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def note(message: object) -> None:
            heard.set_result(getattr(message, "subject", ""))

        await gateway.client.subscribe("lkmr.>", cb=note)
        await gateway.client.flush(5)
        await auth.client.publish("lkmr.auth.v1.session.revoked", b"x")
        async with asyncio.timeout(5):
            assert await heard == "lkmr.auth.v1.session.revoked"
        for subject in ("lkmr.auth.v1.session.revoked", "lkmr.gateway.x", "$JS.API.INFO"):
            assert await gateway.refuses(subject)
        assert await gateway.refuses_to_hear("$JS.>")
    finally:
        await gateway.client.close()
        await auth.client.close()


async def test_nobody_enters_nats_without_the_right_password(infra: Infra) -> None:
    for options in ({}, {"user": "notify", "password": "wrong"}, {"user": "stranger"}):
        with pytest.raises(nats.errors.Error, match=r"(?i)authoriz"):
            await nats.connect(
                f"nats://{infra.nats_address}",
                allow_reconnect=False,
                error_cb=_ignore,
                **options,
            )


async def test_stream_refuses_to_lose_a_message_even_for_the_bootstrap_account(
    silent_nats: Infra,
) -> None:
    auth = Bus(silent_nats.nats_url("auth"), silent_nats.nats_password("auth"), name="auth")
    async with auth:
        await auth.ensure_stream("auth")
        ack = await auth.stream.publish(subject_of(SessionRevoked), b"x")
    bootstrap = await _account(silent_nats, "bootstrap")
    try:
        streams = bootstrap.client.jetstream()
        with pytest.raises(nats.js.errors.APIError):
            await streams.delete_msg(stream_of("auth"), ack.seq)
        with pytest.raises(nats.js.errors.APIError):
            await streams.purge_stream(stream_of("auth"))
        await streams.add_stream(StreamConfig(name="PROBE", subjects=["probe"]))
        assert (await streams.stream_info("PROBE")).config.name == "PROBE"
    finally:
        await bootstrap.client.close()


async def _ignore(_: Exception) -> None:
    """The refusal arrives as an exception as well."""
