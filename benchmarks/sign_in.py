"""Sign-ins through the whole suite: our part of them, the check of data, the code to the page."""

import asyncio
import itertools
import json
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.cabinet import visitor_module
from benchmarks.measure import Failed, cpu_seconds
from benchmarks.place import Place
from benchmarks.report import Aim, Report, Table
from lkmr_rig.processes import PEOPLE

LOGINS = ("ivanova", "kuznetsov", "orlova", "smirnova", "belova", "sidorova", "fedorov", "pavlova")
LOGINS += ("morozov", "volkov", "nikitina", "egorov", "lebedeva")
_OURS = ("/auth/login", "/auth/callback")
PROGRAMS = ("gateway", "auth", "accreditation", "notify", "education", "egisz-bridge")
PROGRAMS += ("postgres", "nats", "gosuslugi", "egisz")
BROWSERS = "browsers"
_CHECK_BOUND = 1.0  # a bucket of the histogram


@dataclass(slots=True)
class Person:
    """A browser of one person that notes how long each answer took; one sign-in at a time."""

    programs: Any
    login: str
    phone: str
    visitor: Any = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    times: list[tuple[str, float]] = field(default_factory=list)

    def begin(self) -> None:
        """The first entry: password, code and consent at Gosuslugi. Raises Failed."""
        self._fresh_browser()
        self.visitor.sign_in(self.login)
        self._require_home()

    def end(self) -> None:
        """Close the browser."""
        if self.visitor is not None:
            self.visitor.__exit__(None, None, None)
            self.visitor = None

    def _fresh_browser(self) -> None:
        self.end()
        self.visitor = visitor_module().Visitor(self.programs)
        original = self.visitor.request

        def timed(method: str, path: str, **more: Any) -> Any:
            start = time.perf_counter()
            answer = original(method, path, **more)
            self.times.append((str(answer.request.url), time.perf_counter() - start))
            return answer

        self.visitor.request = timed

    def again(self) -> float:
        """Sign in anew, known at Gosuslugi; seconds of our two answers. Raises Failed."""
        with self.lock:
            self._leave_cabinet()
            self.times.clear()
            self.visitor.open("/auth/login")
            self._require_home()
            mine = urlsplit(self.visitor.base).netloc
            parts = [(urlsplit(url), seconds) for url, seconds in self.times]
            return sum(
                seconds for url, seconds in parts if url.netloc == mine and url.path in _OURS
            )

    def code_to_home(self) -> float:
        """A sign-in from nothing; seconds from the code's form to the home page. Raises Failed."""
        self._fresh_browser()
        page, password = self.visitor, visitor_module().PASSWORD
        page.open("/auth/login")
        page.submit(self._form("password"), login=self.login, password=password)
        form = self._form("code")
        code = page.code_for(self.phone)
        start = time.perf_counter()
        page.submit(form, code=code)
        seconds = time.perf_counter() - start
        self._require_home()
        return seconds

    def _form(self, field: str) -> Any:
        form = self.visitor.form_with(field)
        if form is None:
            status = self.visitor.last.status_code
            raise Failed(f"{self.login}: no field {field} at {self.visitor.at} ({status})")
        return form

    def _leave_cabinet(self) -> None:
        self.visitor.cookies.pop(urlsplit(self.visitor.base).netloc, None)

    def _require_home(self) -> None:
        at, mine = urlsplit(self.visitor.at), urlsplit(self.visitor.base).netloc
        if (at.netloc, at.path, self.visitor.last.status_code) != (mine, "/", 200):
            raise Failed(f"{self.login}: the sign-in ended at {at.netloc}{at.path}")


async def run_sign_in(
    place: Place, *, rate: int = 20, seconds: float = 15, codes: int = 40, logins: int = len(LOGINS)
) -> Report:
    """Sign-ins at an even rate, then one after the other with the code. Raises Failed."""
    return await asyncio.to_thread(_run, place, rate, seconds, codes, LOGINS[:logins])


def _run(place: Place, rate: int, seconds: float, codes: int, logins: Sequence[str]) -> Report:
    listed = json.loads(PEOPLE.read_text(encoding="utf-8"))["people"]
    phones = {one["login"]: one["phone"] for one in listed if one.get("login")}
    people = [Person(place.programs, login, phones[login]) for login in logins]
    try:
        for one in people:
            one.begin()
        before, spent = _figures(place), _cpu(place)
        whole = _at_rate(people, rate, max(1, int(rate * seconds)))
        after = _figures(place)
        spent = {role: (end - spent[role]) / len(whole) for role, end in _cpu(place).items()}
        turns = itertools.islice(itertools.cycle(people), codes)
        arrivals = [one.code_to_home() for one in turns]
    finally:
        for one in people:
            one.end()
    seen = {name: after[name] - before[name] for name in after}
    return _report(rate, whole, arrivals, seen, spent)


def _at_rate(people: Sequence[Person], rate: int, number: int) -> list[float]:
    """Begin a sign-in each 1/rate s, whether the ones before have ended or not."""
    begin = time.perf_counter()

    def one(turn: int) -> float:
        time.sleep(max(0.0, begin + turn / rate - time.perf_counter()))
        return people[turn % len(people)].again()

    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(one, range(number)))


def _cpu(place: Place) -> dict[str, float]:
    """CPU seconds so far of each program that takes part, of the browsers too."""
    spent = {role: cpu_seconds(place.pid(role)) for role in PROGRAMS}
    return spent | {BROWSERS: time.process_time()}


def _figures(place: Place) -> dict[str, float]:
    """Counters of auth that matter here, by name."""
    port = place.ports.metrics("auth", 1)
    text = httpx2.get(f"http://127.0.0.1:{port}/metrics", timeout=5, trust_env=False).text
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            step = sample.labels.get("step", "")
            found[f"{sample.name} {step or sample.labels.get('le', '')}".strip()] = sample.value
    read: Callable[[str], float] = lambda name: found.get(name, 0.0)  # noqa: E731 - one look-up
    checks = "lkmr_auth_identity_check_seconds"
    away = "lkmr_auth_sign_in_outside_seconds_sum"
    return {
        "sign-ins": read("lkmr_auth_sign_in_seconds_count"),
        "outside": read(f"{away} start") + read(f"{away} finish"),
        "checks": read(f"{checks}_count"),
        "check seconds": read(f"{checks}_sum"),
        "checks in time": read(f"{checks}_bucket {_CHECK_BOUND}"),
    }


def _report(
    rate: int,
    whole: list[float],
    arrivals: list[float],
    seen: dict[str, float],
    spent: dict[str, float],
) -> Report:
    if seen["sign-ins"] < len(whole) or seen["checks"] < len(whole):
        raise Failed(f"{seen['sign-ins']:.0f} sign-ins, {seen['checks']:.0f} checks are counted")
    away = seen["outside"] / seen["sign-ins"] * 1000
    answers = [one * 1000 for one in whole]
    ours = [max(one - away, 0.0) for one in answers]
    home = [one * 1000 for one in arrivals]
    in_time = seen["checks in time"] / seen["checks"] * 100
    table = Table([f"{rate} sign-ins/s, {len(whole)} in all", "p50 ms", "p95 ms"])
    table.rows = [
        _row("our two answers, the wait for Gosuslugi in them", answers),
        _row("our part: the same less that wait", ours),
        _row("one after the other: from the form of the SMS code to home", home),
    ]
    report = Report("sign_in", "Sign-in")
    report.aims = [
        Aim.at_most("our part of a sign-in, p95", 300, _at(ours, 0.95), " ms"),
        Aim.at_most("from the SMS code to home, p95", 2000, _at(home, 0.95), " ms"),
        Aim("checks of data within 1 s", "≥ 95 %", in_time, f"{in_time:.1f} %", in_time >= 95),
    ]
    costs = Table(["program", "CPU ms a sign-in"])
    costs.rows = [[role, f"{each * 1000:.1f}"] for role, each in spent.items()]
    costs.rows.append(["together", f"{sum(spent.values()) * 1000:.1f}"])
    report.tables = [table, costs]
    check = seen["check seconds"] / seen["checks"] * 1000
    report.notes = [
        f"The wait for Gosuslugi: {away:.0f} ms a sign-in (mean; calls side by side count once).",
        f"The registers are waited for within our part: {check:.0f} ms a check of data (mean).",
        "The stand-ins and the browsers share the two cores with what is measured.",
        "Our two answers: the way to Gosuslugi, and the return: exchange, tokens, data, session.",
        "People are known at Gosuslugi, as in a repeat entry.",
    ]
    return report


def _row(name: str, values: list[float]) -> list[str]:
    return [name, f"{_at(values, 0.5):.0f}", f"{_at(values, 0.95):.0f}"]


def _at(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
