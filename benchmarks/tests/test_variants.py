"""Each benchmark starts and all variants give equal answers; figures are never asserted."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from benchmarks import report
from benchmarks.arrival import run_arrival
from benchmarks.bulk import run_bulk
from benchmarks.compliance import run_compliance
from benchmarks.flat import run_flat
from benchmarks.journal import run_journal
from benchmarks.learning import run_learning
from benchmarks.measure import Failed, Timing, side_by_side
from benchmarks.notices import run_notices
from benchmarks.outbox import run_outbox
from benchmarks.place import in_suite, request_for, service_alone
from benchmarks.reminders import run_reminders
from benchmarks.report import Report
from benchmarks.session_check import run_session_check
from benchmarks.sign_in import run_sign_in
from benchmarks.streams import run_streams
from benchmarks.whole_path import check_equal, run_cached, run_whole_path

BRIEF = Timing(seconds=0.2, rounds=1, warm_seconds=0.1)


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder whose name is short enough for whatever PostgreSQL puts into it."""
    folder = Path(tempfile.mkdtemp(prefix="lkmr-bench-"))
    yield folder / "home"
    shutil.rmtree(folder, ignore_errors=True)


def rows_of(found: Report) -> set[str]:
    return {row[0] for table in found.tables for row in table.rows}


@pytest.mark.servers
async def test_service_monolith_and_floor_give_the_same_bytes_and_are_measured(home: Path) -> None:
    async with service_alone(home, workers=50) as place:
        whole = await run_whole_path(place, BRIEF)
        check = await run_session_check(place, BRIEF, calls=500, live=500)
        cached = await run_cached(place, BRIEF)

        floor = await place.floor()
        missing = request_for("/nowhere")
        other = request_for(f"/accreditations/{'0' * 32}")
        with pytest.raises(Failed):
            await check_equal([await place.ours(), replace(floor, requests=[other])])
        with pytest.raises(Failed):
            await side_by_side([replace(await place.monolith(), requests=[missing])], BRIEF)

    assert {"edge without checks", "monolith", "floor"} <= rows_of(whole)
    assert {"accreditation", "postgres"} <= rows_of(whole)
    assert "session and token together" in rows_of(check)
    assert [aim.reached for aim in cached.aims] == [None]


@pytest.mark.servers
async def test_every_event_of_the_outbox_and_of_raw_jetstream_arrives(home: Path) -> None:
    found = await run_outbox(home, rounds=1, events=40, rate=50, seconds=0.2)

    assert len(found.tables[0].rows) == 4
    assert len(found.tables[1].rows) == 2


@pytest.mark.servers
async def test_all_workers_are_judged_and_a_board_is_read(home: Path) -> None:
    found = await run_compliance(home, workers=1200, calls=10)

    assert rows_of(found) >= {"floor read of the same rows", "1200"}


@pytest.mark.servers
async def test_answers_are_timed_at_each_size_of_the_register(home: Path) -> None:
    found = await run_flat(home, BRIEF, sizes=(40, 80), whole=False)

    assert [row[0] for row in found.tables[0].rows] == ["40", "80"]


@pytest.mark.journey
async def test_the_whole_suite_gives_the_same_bytes_as_monolith_and_floor(suite: Any) -> None:
    async with in_suite(suite, login="akhmetov") as place:
        whole = await run_whole_path(place, BRIEF)
        cached = await run_cached(place, BRIEF)
        arrival = await run_arrival(place, rates=(5,), facts=5)

    assert len(arrival.tables[0].rows) == 3
    assert {"whole path", "edge without checks", "the same, each call alone"} <= rows_of(whole)
    assert {"monolith", "floor"} <= rows_of(whole)
    assert {"gateway", "gateway cache warm", "floor"} <= rows_of(cached)


@pytest.mark.journey
@pytest.mark.proves("F-167", "F-228")
async def test_checks_of_data_and_the_way_from_the_code_to_home_are_quick(suite: Any) -> None:
    async with in_suite(suite, login="akhmetov") as place:
        found = await run_sign_in(place, rate=2, seconds=4, codes=8, logins=4)

    assert len(found.tables[0].rows) == 3
    reached = {aim.what: aim.reached for aim in found.aims}
    assert reached["checks of data within 1 s"] is True, found.aims
    assert reached["from the SMS code to home, p95"] is True, found.aims


def test_a_result_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    found = Report("probe", "A probe", machine="a machine")
    found.aims = [
        report.Aim.at_most("share", 2, 0.4, " %"),
        report.Aim.not_measured("speed", "≥ 1", "nothing runs"),
    ]
    found.tables = [report.Table(["a", "b"], [["1", "2"]], "T")]

    found.save(tmp_path)

    assert Report.load("probe", tmp_path) == found
    assert (tmp_path / "probe.md").read_text(encoding="utf-8") == found.markdown()
    assert Report.load("another", tmp_path) is None


@pytest.mark.servers
async def test_the_journal_of_the_benchmark_is_found_whole(home: Path) -> None:
    found = await run_journal(home, rounds=1, rows=50, commits=5)

    assert "commit with an act, ms" in rows_of(found)


@pytest.mark.servers
async def test_every_letter_of_an_announcement_arrives_once(home: Path) -> None:
    found = await run_notices(home, rounds=1, letters=60)

    assert {"bare client"} <= rows_of(found)
    assert [aim.figure is not None for aim in found.aims] == [True]


@pytest.mark.servers
async def test_every_document_is_planned_and_told_of_once(home: Path) -> None:
    found = await run_reminders(home, documents=3_000, told=20, judged=1_000)

    assert [aim.figure is not None for aim in found.aims] == [True] * 3


@pytest.mark.servers
async def test_an_announcement_reaches_everybody_once_and_an_urgent_one_passes_it(
    home: Path,
) -> None:
    found = await run_bulk(home, people=300)

    assert found.tables[0].rows[0][1] == "300"
    assert all(aim.figure is not None for aim in found.aims)


@pytest.mark.servers
async def test_every_open_page_hears_a_message_both_ways() -> None:
    found = await run_streams(pages=40, rounds=1)

    assert len(found.tables[0].rows) == 2


@pytest.mark.soak
async def test_an_announcement_to_a_million_is_accepted_in_seconds_and_memory_stays(
    home: Path,
) -> None:
    found = await run_bulk(home, people=1_000_000)

    assert [aim.reached for aim in found.aims] == [True] * 5


@pytest.mark.servers
async def test_credits_arrive_by_the_real_path_and_programmes_are_found(home: Path) -> None:
    found = await run_learning(home, credited=6000, sizes=(2000,), calls=10)

    assert found.tables[0].rows[-1][0] == "6000"
    assert rows_of(found) >= {"floor read of the same rows", "2000"}


@pytest.mark.soak
async def test_a_million_credits_are_taken_in_flat_memory(home: Path) -> None:
    found = await run_learning(home, credited=1_000_000, calls=50)

    growth = next(aim for aim in found.aims if aim.what.startswith("memory of education"))
    assert growth.reached


def test_a_benchmark_renews_its_own_section_of_the_document_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: dict[str, Report] = {}
    monkeypatch.setattr(report.Report, "load", found.get)
    document, names = tmp_path / "performance.md", ("first", "second", "third")
    found["first"], found["third"] = Report("first", "First"), Report("third", "Third, old")
    report.write_document(names, document)

    found.clear()
    found["second"], found["third"] = Report("second", "Second"), Report("third", "Third, new")
    report.write_document(names, document)

    headings = [one for one in document.read_text().splitlines() if one.startswith("## ")]
    assert headings == ["## 1. First", "## 2. Second", "## 3. Third, new"]
