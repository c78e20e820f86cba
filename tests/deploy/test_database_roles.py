"""The SQL of a new cluster and the command of a migration, tried on a real PostgreSQL."""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from lkmr_rig import postgres
from lkmr_rig.pytest_plugin import Infra

from .manifests import DEPLOY, ROOT, SERVICES, of_kind

pytestmark = pytest.mark.servers
SQL = DEPLOY / "k8s/base/data/postgres"


def renamed(text: str) -> str:
    """Roles of their own: the server of the tests has those of the rig already."""
    names = "|".join(one.replace("-", "_") for one in SERVICES)
    return re.sub(rf"\b({names})_(owner|app)\b", r"\1_k8s_\2", text)


async def run(infra: Infra, database: str, *statements: str) -> None:
    connection = await asyncpg.connect(postgres.dsn(infra.home, infra.ports, database), timeout=5)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def made(infra: Infra, service: str) -> str:
    """A database as the operator makes it: from a template that has seen template.sql."""
    name = f"{service.replace('-', '_')}_k8s"
    exists = "SELECT 1 FROM pg_roles WHERE rolname = 'auth_k8s_app'"
    connection = await asyncpg.connect(postgres.dsn(infra.home, infra.ports), timeout=5)
    try:
        if not await connection.fetchval(exists):
            await connection.execute(renamed((SQL / "roles.sql").read_text()))
            await connection.execute("CREATE DATABASE template_k8s TEMPLATE template0")
            template = renamed((SQL / "template.sql").read_text())
            await run(infra, "template_k8s", template)
            for one in SERVICES:
                for role in ("owner", "app"):
                    snake = one.replace("-", "_")
                    await connection.execute(f"ALTER ROLE {snake}_k8s_{role} PASSWORD 'of-a-test'")
        await connection.execute(
            f"CREATE DATABASE {name} OWNER {name}_owner TEMPLATE template_k8s STRATEGY file_copy"
        )
    finally:
        await connection.close()
    return name


@pytest.mark.parametrize("service", SERVICES)
async def test_a_migration_job_prepares_what_the_program_may_use_but_not_alter(
    service: str, infra: Infra, tmp_path: Path
) -> None:
    name = await made(infra, service)
    address = f"127.0.0.1:{infra.ports.postgres}"
    (tmp_path / "secret").write_text(f"{address}:{name}:{name}_owner:of-a-test\n")
    pod = of_kind("Job")[f"{service}-migrations"]["spec"]["template"]["spec"]
    shell, option, command = pod["containers"][0]["command"]
    command = command.replace("/run/lkmr/secrets/pgpass", str(tmp_path / "secret"))
    command = command.replace("/opt/lkmr/bin/python", sys.executable)
    variable = service.replace("-", "_").upper() + "_MIGRATION_URL"

    await asyncio.to_thread(
        subprocess.run,
        [shell, option, command, *pod["containers"][0]["args"]],
        env=os.environ
        | {
            variable: f"postgresql://{name}_owner@{address}/{name}",
            "PGPASSFILE": str(tmp_path / "pgpass"),
            "PGSSLMODE": "disable",
        },
        cwd=ROOT,
        check=True,
    )

    program = await asyncpg.connect(
        f"postgresql://{name}_app:of-a-test@{address}/{name}", timeout=5, ssl=False
    )
    try:
        assert await program.fetchval("SELECT count(*) FROM outbox") == 0
        assert await program.fetchval("SHOW statement_timeout") == "3s"
        assert await program.fetchval("SHOW idle_in_transaction_session_timeout") == "5s"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await program.execute("CREATE TABLE public.mine (id int)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await program.execute("DROP TABLE outbox")
    finally:
        await program.close()
