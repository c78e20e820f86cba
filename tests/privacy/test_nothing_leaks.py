"""After real work with the data of the demo people, none of it stands where it does not belong."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import quote

import asyncpg
import httpx2
import pytest
from nats.aio.client import Client

from lkmr_rig import postgres
from lkmr_rig.layout import PROGRAMS, SERVICES, snake
from lkmr_rig.threaded import ThreadedSuite

from ..support.collector import Collector
from ..support.own_suite import apart, eventually, metrics, rows, with_streams
from ..support.visitor import Visitor
from .planted import Planted
from .watching import CODE, Watching

pytestmark = [pytest.mark.journey, pytest.mark.proves("F-258")]

SNILS, NAME = "900-001-037 98", "Иванова Анна Сергеевна"
SPECIALTY = "дезинфектология"
PAGES = ("/", "/accreditations", "/messages", "/security", "/status", "/personal-data")


@dataclass
class Run:
    """What was done, and what it left behind."""

    suite: ThreadedSuite
    planted: Planted
    visitors: list[Watching]

    def noted(self, what: Callable[[Watching], list[str]]) -> str:
        """A list of all visitors as one text."""
        return "\n".join(one for visitor in self.visitors for one in what(visitor))

    def mail(self) -> list[dict[str, str]]:
        """Everything that left by mail and SMS."""
        answer = httpx2.get(f"{self.suite.url('mailbox')}/api/messages", timeout=10)
        found: list[dict[str, str]] = answer.json()
        return found


@pytest.fixture(scope="module")
def run(watched: ThreadedSuite) -> Iterator[Run]:
    """Sign-ins, refusals, an extract, a change, faults, and people who type data into addresses."""
    planted = Planted()
    made = Run(watched, planted, [])

    def visitor() -> Watching:
        made.visitors.append(Watching(watched, planted))
        return made.visitors[-1]

    doctor = visitor()
    doctor.sign_in("ivanova")
    assert doctor.api("session")["person"]["family_name"] == "Иванова"
    for page in PAGES:
        assert doctor.open(page).status_code == 200
    refusals(visitor)
    cabinet_code(visitor())
    extract(doctor)
    register_change(doctor)
    data_in_addresses(doctor)
    faults(made, doctor, visitor)
    yield made
    for one in made.visitors:
        one.__exit__()


def refusals(visitor: Callable[[], Watching]) -> None:
    for login in ("vasilev", "solovyova", "guseva", "tikhonov", "popova"):
        visitor().sign_in(login)
    wrong = visitor()
    wrong.open("/auth/callback?code=x&state=00000000-0000-0000-0000-000000000000")
    registrar = visitor()
    registrar.sign_in("fedorov")
    assert registrar.request("GET", "/api/v1/accreditations").status_code == 403


def cabinet_code(person: Watching) -> None:
    """The cabinet's own second factor, once wrong and once right."""
    person.open("/auth/login")
    form = person.form_with("password")
    assert form is not None
    person.submit(form, login="novikov", password="Kabinet-2026!")
    person.submit(person.consent_form())
    form = person.form_with("code")
    assert form is not None
    person.submit(form, code="000000")
    form = person.form_with("code")
    assert form is not None
    person.submit(form, code=person.code_for("+79000000015"))
    assert person.api("session")["person"]["family_name"] == "Новиков"


def extract(doctor: Watching) -> None:
    entry = doctor.api("accreditations")["items"][0]["id"]
    pdf = doctor.request("GET", f"/api/v1/accreditations/{entry}/extract.pdf")
    assert pdf.content.startswith(b"%PDF-")


def register_change(doctor: Watching) -> None:
    doctor.control(
        "egisz",
        "PUT",
        "register/workers/90000103798/accreditations/7726 031000066",
        {"kind": "PERIODIC", "specialty": SPECIALTY, "recorded_at": "2026-10-01"},
    )
    eventually(
        lambda: any(SPECIALTY in one["text"] for one in doctor.api("messages")["items"]),
        20,
        "the message about the change",
    )
    eventually(lambda: doctor.messages("ivanova@demo.example"), 20, "the mail about the change")
    doctor.open("/messages")


def data_in_addresses(doctor: Watching) -> None:
    """People paste what they have into whatever takes it."""
    token = doctor.api("session")["csrf_token"]
    for method, path in (
        ("GET", f"/api/v1/accreditations?specialty={quote(NAME)}"),
        ("GET", f"/api/v1/accreditations/{quote(SNILS)}"),
        ("GET", f"/{quote(NAME)}/90000103798"),
        ("GET", f"/verify/{quote(SNILS)}"),
        ("GET", f"/accreditations/{quote(NAME)}?phone=%2B79000000001"),
        ("POST", f"/api/v1/messages/{quote(NAME)}/read"),
    ):
        body = {"json": {"name": NAME, "snils": SNILS}} if method == "POST" else {}
        headers = {"x-csrf-token": token, "x-request-id": SNILS, "forwarded": NAME.encode()}
        answer = Visitor.request(doctor, method, path, headers=headers, **body)
        assert answer.status_code < 500


def faults(run: Run, doctor: Watching, visitor: Callable[[], Watching]) -> None:
    """Registers that do not answer, and a database that dies in the middle."""
    doctor.control("egisz", "PUT", "behaviour", {"availability": "down"})
    try:
        assert "LKMR-IDENT-005" in visitor().sign_in("orlova").text
    finally:
        doctor.control("egisz", "PUT", "behaviour", {"availability": "up"})
    pid = run.suite.kill("postgres")
    for path in ("session", "accreditations", f"accreditations?specialty={quote(NAME)}"):
        doctor.request("GET", f"/api/v1/{path}")
    broken = visitor().open("/auth/login")
    assert broken.status_code in {200, 503}
    run.suite.wait_restarted("postgres", after=pid)
    eventually(
        lambda: doctor.request("GET", "/api/v1/messages?page_size=7").status_code == 200,
        20,
        "the cabinet after the death of its database",
    )


@pytest.mark.proves("F-239")
def test_logs_of_all_programs_hold_no_data_about_people(run: Run) -> None:
    logs = sorted((run.suite.home.root / "log").glob("*.log"))
    assert {path.name for path in logs} >= {f"{program}-1.log" for program in PROGRAMS}

    found = {path.name: run.planted.found_in(path.read_text("utf-8", "replace")) for path in logs}

    assert {name: hits for name, hits in found.items() if hits} == {}


def test_answers_never_hold_a_code_that_was_sent(run: Run) -> None:
    answers = run.noted(lambda one: one.answers)

    assert run.planted.codes
    assert run.planted.codes & set(CODE.findall(answers)) == set()


def test_answers_hold_no_token_and_no_secret_of_the_session(run: Run) -> None:
    answers = run.noted(lambda one: one.answers)
    everything = run.planted.found_in(answers)

    assert everything & run.planted.secrets == set()
    assert [hit for hit in everything if hit.startswith("a token")] == []


def test_addresses_and_titles_hold_no_data_about_people(run: Run) -> None:
    titles = unescape(run.noted(lambda one: one.titles)).replace("\u00a0", " ")
    assert "Документы и аккредитация" in titles
    assert run.planted.found_in(titles) == set()

    addresses = run.noted(lambda one: one.addresses)
    assert "/auth/callback" in addresses
    assert run.planted.found_in(addresses) == set()


def test_events_on_the_bus_hold_no_data_about_people(run: Run) -> None:
    messages = with_streams(run.suite, all_messages)

    assert {subject.rpartition(".v1.")[2] for subject, _ in messages} >= {
        "session.opened",
        "register_record.changed",
        "accreditation.recorded",
        "extract.issued",
        "message.created",
    }
    found = {subject: run.planted.found_in(text) for subject, text in messages}
    assert {subject: hits for subject, hits in found.items() if hits} == {}


async def all_messages(client: Client) -> list[tuple[str, str]]:
    """Subject and content, headers included, of every message in every stream."""
    context = client.jetstream()
    found = []
    for stream in await context.streams_info():
        name, state = stream.config.name or "", stream.state
        for number in range(state.first_seq, state.last_seq + 1):
            message = await context.get_msg(name, number)
            body = (message.data or b"").decode("utf-8", "replace")
            found.append((message.subject or "", f"{message.subject} {message.headers} {body}"))
    return found


def test_spans_hold_no_data_about_people(run: Run, collector: Collector) -> None:
    sent = b"\n".join(collector.raw).decode("utf-8", "replace")

    assert "ListAccreditations" in sent
    assert run.planted.found_in(sent) == set()


@pytest.mark.parametrize("program", PROGRAMS)
def test_metrics_hold_no_data_about_people(run: Run, program: str) -> None:
    page = metrics(run.suite, program)

    assert "lkmr_" in page
    assert run.planted.found_in(page) == set()


def test_mail_says_only_that_there_is_something_to_read(run: Run) -> None:
    letters = [one for one in run.mail() if one["channel"] == "EMAIL"]
    text = "\n".join(one["subject"] + one["text"] for one in letters)

    assert letters
    assert run.planted.found_in(text) == set()
    assert SPECIALTY not in text


def test_an_sms_holds_the_code_and_nothing_about_the_person(run: Run) -> None:
    texts = [one["text"] for one in run.mail() if one["channel"] == "SMS"]
    codes = [text for text in texts if CODE.search(text)]

    assert codes
    assert all(len(CODE.findall(text)) == 1 for text in codes)
    assert run.planted.found_in(CODE.sub("", "\n".join(texts))) == set()


@pytest.mark.proves("F-242", "F-255")
@pytest.mark.parametrize("service", SERVICES)
def test_tables_hold_data_about_people_encrypted_only(run: Run, service: str) -> None:
    address = postgres.dsn(run.suite.home, run.suite.ports, snake(service))
    tables = apart(contents(address))

    assert {"outbox", "inbox"} <= set(tables)
    found = {table: run.planted.found_in(text) for table, text in tables.items()}
    assert {table: hits for table, hits in found.items() if hits} == {}
    assert [table for table, text in tables.items() if b"%PDF-".hex() in text] == []


@pytest.mark.proves("F-255")
def test_what_messages_say_is_encrypted(run: Run) -> None:
    (doctor, *_) = run.visitors
    said = "".join(one["text"] for one in doctor.api("messages?page_size=200")["items"])
    tables = apart(contents(postgres.dsn(run.suite.home, run.suite.ports, "notify")))

    assert SPECIALTY in said
    assert [table for table, text in tables.items() if SPECIALTY in text] == []


@pytest.mark.proves("F-255")
@pytest.mark.parametrize("service", SERVICES)
def test_a_dump_of_a_database_gives_nobody_away(run: Run, service: str) -> None:
    address = postgres.dsn(run.suite.home, run.suite.ports, snake(service))
    dumped = subprocess.run(
        [postgres.binary("pg_dump"), "--inserts", address], capture_output=True, check=True
    )

    assert b"INSERT INTO" in dumped.stdout
    assert given_away(run, dumped.stdout) == set()


@pytest.mark.proves("F-255")
@pytest.mark.parametrize("folder", ["files", "nats", "audit"])
def test_files_of_objects_streams_and_statements_give_nobody_away(run: Run, folder: str) -> None:
    paths = [one for one in (run.suite.home.root / folder).rglob("*") if one.is_file()]
    found = {one.name: given_away(run, one.read_bytes()) for one in paths}

    assert folder == "files" or paths
    assert {name: hits for name, hits in found.items() if hits} == {}


def given_away(run: Run, content: bytes) -> set[str]:
    """Words of people in raw bytes; six digits alone say nothing among counters and moments."""
    hits = run.planted.found_in(content.decode("utf-8", "ignore"))
    return {one for one in hits if not one.startswith("a code: ")}


async def contents(address: str) -> dict[str, str]:
    """Every table as text; binary columns as hex."""
    connection = await asyncpg.connect(address, timeout=5, ssl=False)
    try:
        names = await connection.fetch(
            "SELECT schemaname, tablename FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        found: dict[str, str] = {}
        for schema, table in names:
            found_rows: list[Any] = await connection.fetch(
                f'SELECT t::text FROM "{schema}"."{table}" t'  # noqa: S608 - names of the catalogue
            )
            found[table] = "\n".join(row[0] for row in found_rows)
        return found
    finally:
        await connection.close()


@pytest.mark.proves("F-168")
def test_a_sign_in_stands_in_the_journal_with_who_when_and_what(run: Run) -> None:
    with Visitor(run.suite) as person:
        person.sign_in("kuznetsov")
        known = person.api("session")["person"]["id"]

    journal = eventually(
        lambda: _journal(run.suite, f"persons/{known}"), 30, "the act of signing in"
    )

    assert [(row["operation"], row["result"]) for row in journal] == [("session.start", "ALLOWED")]
    assert journal[0]["time"].tzinfo is not None
    assert journal[0]["actor"] == f"persons/{known}"
    assert len(journal[0]["trace_id"]) == 32


@pytest.mark.proves("F-247")
def test_each_refused_section_stands_in_the_journal(run: Run) -> None:
    with Visitor(run.suite) as person:
        person.sign_in("morozov")
        known = person.api("session")["person"]["id"]
        traces = {
            answer.json()["trace_id"]
            for answer in [person.request("GET", "/api/v1/accreditations") for _ in range(3)]
            if answer.status_code == 403
        }

    assert len(traces) == 3

    def denied() -> set[str]:
        entries = _journal(run.suite, f"persons/{known}")
        return {row["trace_id"] for row in entries if row["result"] == "DENIED"}

    eventually(lambda: denied() >= traces, 10, "the refusals in the journal")
    assert denied() == traces


def _journal(suite: ThreadedSuite, actor: str) -> list[Any]:
    return rows(suite, "auth", "SELECT * FROM journal_entry WHERE actor = $1 ORDER BY seq", actor)
