"""Operators' commands: hands over to the part that owns them, with the settings of its service."""

import argparse
import asyncio
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lkmr_rig import postgres
from lkmr_rig.backup import backup, restore
from lkmr_rig.copies import BACKUP, DRILL, RESTORE, note
from lkmr_rig.drill import drill
from lkmr_rig.environment import Environment
from lkmr_rig.evidence.export import MANIFEST, changed, export
from lkmr_rig.evidence.gather import Surroundings
from lkmr_rig.evidence.report import Standing
from lkmr_rig.evidence.results import results
from lkmr_rig.layout import SERVICES, Home, snake
from lkmr_rig.processes import Plan
from lkmr_rig.suite import Suite
from lkmr_rig.supervisor import StartFailed
from lkmr_servicekit.clock import monotonic


@dataclass(frozen=True, slots=True)
class Command:
    """`bin/lkmr people import` belongs to auth; what belongs to all takes `--service NAME`."""

    words: str
    owner: str | None
    meaning: str
    module: str = "cli"


_DONE = {
    BACKUP: "Копия готова",
    RESTORE: "Восстановлено из копии",
    DRILL: "Копия поднялась в пустом месте",
}
KIT = "lkmr_servicekit.operations"  # commands that every service has; told the service first

COMMANDS = (
    Command("people import", "auth", "FILE: учётные записи и роли из файла", "people_import"),
    Command("accounts unlock", "auth", "ЛК-000123: снять блокировку кодов", "cli"),
    Command("audit verify", "auth", "проверить цепочку журнала безопасности"),
    Command("audit export", "auth", "выгрузить журнал безопасности вместе с архивом"),
    Command("audit find", "auth", "--actor … --since …: найти в журнале и в его архиве"),
    Command("audit retention", "auth", "месяцы журнала: где лежат и до какого дня"),
    Command("assessments list", "auth", "оценки защищённости: последняя и срок следующей"),
    Command("assessments record", "auth", "KZI|MATURITY --date … --value … --document …: записать"),
    Command("register load", "accreditation", "ход загрузки регистра медработников"),
    Command(
        "law list", "accreditation", "нормы в силе сегодня: владелец, срок пересмотра, источник"
    ),
    Command("law facts", "accreditation", "реестр норм для программ: версия, что не пересмотрено"),
    Command("law add", "accreditation", "ФАЙЛ: добавить нормы, они действуют со своего дня"),
    Command("egisz export-document", "egisz-bridge", "выгрузить электронный документ"),
    Command("outbox replay", None, "--since ВРЕМЯ: отправить события ещё раз", KIT),
    Command("dead-events list", None, "события, которые не удалось обработать", KIT),
    Command("dead-events replay", None, "обработать такие события ещё раз", KIT),
    Command("dead-events resolve", None, "СОБЫТИЕ --reason ПОЧЕМУ: закрыть его", KIT),
    Command("keys status", None, "ключи шифрования и сколько ключей данных под каждым", KIT),
    Command("keys rotate", None, "новый активный ключ", KIT),
    Command("keys rewrap", None, "[--retire]: ключи данных под активный ключ", KIT),
    Command("keys seal", None, "закрыть файл ключей хранилищем Transit", KIT),
)


def main() -> None:
    """Exit status of the command that ran; 2 when there is no such command."""
    words = sys.argv[1:]
    if words[:1] in (["backup"], ["restore"], ["drill"]):
        sys.exit(_copy(words))
    if words[:1] == ["evidence"]:
        sys.exit(_evidence(words[1:]))
    command = next((one for one in COMMANDS if one.words.split() == words[:2]), None)
    if command is None:
        print(_help())
        sys.exit(0 if words[:1] in ([], ["help"], ["--help"]) else 2)
    try:
        services, rest = _services(command, words[2:])
        known = _those_that_have(command, services)
        codes = asyncio.run(
            _with_database(lambda: [_hand_over(command, one, rest) for one in known])
        )
    except StartFailed as fault:
        print(fault, file=sys.stderr)
        sys.exit(2)
    sys.exit(max(codes))


def _copy(words: list[str]) -> int:
    """`backup FOLDER`, `drill FOLDER` at any time, `restore FOLDER` of a stopped suite."""
    if len(words) != 2:  # noqa: PLR2004 - the word and its folder
        print(f"bin/lkmr {words[0]} ПАПКА", file=sys.stderr)
        return 2
    try:
        line = asyncio.run(_copied(words[0], Path(words[1]).absolute()))
    except StartFailed as fault:
        print(fault, file=sys.stderr)
        return 1
    print(
        f"{_DONE[words[0]]}: строк {line['rows']}, файлов {line['files']}, {line['seconds']} с;"
        " записано в run/copies.jsonl"
    )
    print("Ключи (папка keys) в копию не входят, храните их отдельно: без них её не открыть.")
    return 0


async def _copied(word: str, folder: Path) -> dict[str, Any]:
    home = Home.from_env()
    noted = _noted(home)
    plan = Plan.from_env(home, {**os.environ, **noted})
    if word == DRILL:
        return await drill(home, folder)
    begin = monotonic()
    runs = await postgres.answers(home, plan.ports)
    if word == BACKUP and runs:
        manifest = await backup(home, plan.ports, folder)
        return note(home, word, monotonic() - begin, manifest)
    if runs:
        raise StartFailed("Сначала остановите систему: восстановление заменяет базы целиком")
    async with Suite(home, plan.ports.base, env=noted, only={"postgres"}):
        work = backup if word == BACKUP else restore
        manifest = await work(home, plan.ports, folder)
    return note(home, word, monotonic() - begin, manifest)


def _evidence(words: list[str]) -> int:
    """`export FOLDER [--scan REPORT] [--tests FOLDER]`; `check FOLDER` of an export."""
    parser = argparse.ArgumentParser(prog="bin/lkmr evidence")
    parser.add_argument("word", choices=("export", "check"))
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--scan", type=Path, help="отчёт scripts/scan --report вместо новой проверки"
    )
    parser.add_argument("--tests", type=Path, help="папка с отчётами JUnit последнего прогона")
    asked = parser.parse_args(words)
    try:
        work = _exported if asked.word == "export" else _checked
        return asyncio.run(_with_database(lambda: [work(asked)]))[0]
    except StartFailed as fault:
        print(fault, file=sys.stderr)
        return 1


def _exported(asked: argparse.Namespace) -> int:
    """Exit status 1 when a demand has no evidence."""
    home = Home.from_env()
    plan = Plan.from_env(home, {**os.environ, **_noted(home)})
    where = Surroundings(
        home=home, ports=plan.ports, instances=plan.instances, ask=_ask, scan_report=asked.scan
    )
    found = export(where, asked.folder, results(asked.tests) if asked.tests else {})
    for one in found:
        print(f"{one.demand.id}  {one.standing.value:<10}{one.demand.title_ru}")
        for line in one.to_do:
            print(f"        {line}")
    return 1 if any(one.standing is Standing.MISSING for one in found) else 0


def _checked(asked: argparse.Namespace) -> int:
    """Exit status 1 when a file is not what was signed."""
    wrong = changed(asked.folder)
    for name in wrong:
        print(f"ИЗМЕНЕНО {name}")
    checked = _ask("auth", "lkmr_auth.cli", "evidence", "check", str(asked.folder / MANIFEST))
    print(checked.stdout.strip() or checked.stderr.strip())
    return 1 if wrong or checked.returncode else 0


def _ask(service: str, module: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a program of a service with its settings and take what it prints."""
    return subprocess.run(
        [sys.executable, "-m", module, *words],
        check=False,
        capture_output=True,
        text=True,
        env=environment_of(Home.from_env(), service),
    )


def environment_of(home: Home, service: str) -> dict[str, str]:
    """The environment of a service in the suite of a data folder. Raises StartFailed."""
    plan = Plan.from_env(home, {**os.environ, **_noted(home)})
    settings = Environment(plan.home, plan.ports, plan.instances, plan.caller)
    return settings.service(service, 1)


def _noted(home: Home) -> dict[str, str]:
    noted = home.root / "run" / "suite.json"
    if not noted.is_file():
        raise StartFailed(f"В {home.root} ещё не запускали систему (make run)")
    settings: dict[str, str] = json.loads(noted.read_text(encoding="utf-8"))
    return settings


async def _with_database(work: Callable[[], list[int]]) -> list[int]:
    """Do the work beside a running suite; of a stopped one PostgreSQL is started for that long."""
    home = Home.from_env()
    noted = _noted(home)
    plan = Plan.from_env(home, {**os.environ, **noted})
    if await postgres.answers(home, plan.ports):
        return await asyncio.to_thread(work)
    async with Suite(home, plan.ports.base, env=noted, only={"postgres"}):
        return await asyncio.to_thread(work)


def _hand_over(command: Command, service: str, rest: list[str]) -> int:
    module = _module(command, service)
    words = [] if command.module == "people_import" else command.words.split()
    if command.module == KIT:
        words = [service, *words]
    environment = environment_of(Home.from_env(), service)
    arguments = [sys.executable, "-m", module, *words, *rest]
    return subprocess.run(arguments, check=False, env=environment).returncode


def _services(command: Command, rest: list[str]) -> tuple[list[str], list[str]]:
    if command.owner is not None:
        return [command.owner], rest
    if rest[:1] != ["--service"]:
        return list(SERVICES), rest
    if rest[1:2] == [] or rest[1] not in SERVICES:
        raise StartFailed(f"--service: одно из {', '.join(SERVICES)}")
    return [rest[1]], rest[2:]


def _those_that_have(command: Command, services: list[str]) -> list[str]:
    known = [one for one in services if _exists(_module(command, one))]
    if not known:
        raise StartFailed(f"{command.words}: этой команды ещё нет в составе установки")
    return known


def _module(command: Command, service: str) -> str:
    return command.module if command.module == KIT else f"lkmr_{snake(service)}.{command.module}"


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _help() -> str:
    copies = (
        ("backup", "ПАПКА: копия всех баз и файлов, также во время работы"),
        ("restore", "ПАПКА: восстановить остановленную систему из копии"),
        ("drill", "ПАПКА: учебное восстановление копии в пустом месте, рядом с системой"),
        ("evidence export", "ПАПКА: подтверждения по требованиям безопасности, подписанные"),
        ("evidence check", "ПАПКА: цела ли такая выгрузка"),
    )
    pairs = [*((one.words, one.meaning) for one in COMMANDS), *copies]
    rows = [f"  {words:<24}{meaning}" for words, meaning in pairs]
    return "\n".join(["bin/lkmr КОМАНДА [--service СЛУЖБА] …", "", *rows])


if __name__ == "__main__":
    main()
