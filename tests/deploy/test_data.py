"""PostgreSQL and NATS of a cluster: sizes, rights, and what the server says to its settings."""

import ast
import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lkmr_rig.layout import prefix
from lkmr_servicekit.database import Database

from .manifests import DEPLOY, OVERLAYS, PROGRAMS, ROOT, SERVICES, of_kind, pods

# Beside its pools a process holds a connection that listens and one that carries a lease.
OF_ITS_OWN = 2
NATS = DEPLOY / "k8s/base/data/nats"


def pools() -> int:
    """Connections that the pools of one process may open, read from the code."""
    tree = ast.parse(Path(inspect.getfile(Database)).read_text(encoding="utf-8"))
    (engine,) = [
        call
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "create_async_engine"
    ]
    sizes = {word.arg: word.value for word in engine.keywords}
    plain = inspect.signature(Database.__init__).parameters["pool_size"].default
    return int(plain) + sum(ast.literal_eval(sizes[name]) for name in ("pool_size", "max_overflow"))


def test_services_take_the_pools_of_the_kit_as_they_are() -> None:
    calls = [
        call
        for path in (ROOT / "services").glob("*/src/*/main.py")
        for call in re.findall(r"\bDatabase\(([^)]*)\)", path.read_text(encoding="utf-8"))
    ]

    assert len(calls) == len(SERVICES)
    assert [call for call in calls if "," in call] == []


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_all_pools_at_their_fullest_leave_a_fifth_of_the_connections(overlay: str) -> None:
    scalers, deployments = (
        of_kind(kind, overlay) for kind in ("HorizontalPodAutoscaler", "Deployment")
    )
    most = sum(
        scalers[one]["spec"]["maxReplicas"]
        + deployments[one]["spec"]["strategy"]["rollingUpdate"]["maxSurge"]
        for one in SERVICES
    )
    migrations = len(of_kind("Job", overlay))
    cluster = of_kind("Cluster", overlay)["lkmr-postgres"]["spec"]
    there_are = int(cluster["postgresql"]["parameters"]["max_connections"])

    assert most * (pools() + OF_ITS_OWN) + migrations <= 0.8 * there_are


def test_an_acknowledged_commit_is_on_two_instances() -> None:
    cluster = of_kind("Cluster")["lkmr-postgres"]["spec"]

    assert cluster["instances"] == 3
    assert cluster["postgresql"]["synchronous"] == {
        "method": "any",
        "number": 1,
        "dataDurability": "required",
    }
    assert cluster["bootstrap"]["initdb"]["dataChecksums"] is True
    assert not {"fsync", "full_page_writes", "synchronous_commit"} & set(
        cluster["postgresql"]["parameters"]
    )


def test_a_role_reaches_the_database_of_its_service_only_and_only_by_tls() -> None:
    *lines, last = of_kind("Cluster")["lkmr-postgres"]["spec"]["postgresql"]["pg_hba"]
    names = [one.replace("-", "_") for one in SERVICES]

    assert sorted(lines) == sorted(
        f"hostssl {one} {one}_owner,{one}_app all scram-sha-256" for one in names
    )
    assert last == "host all all all reject"
    for name, database in of_kind("Database").items():
        snake = name.replace("-", "_")
        assert (database["spec"]["name"], database["spec"]["owner"]) == (snake, f"{snake}_owner")
        assert database["spec"]["databaseReclaimPolicy"] == "retain"


def test_rights_on_nats_are_those_of_one_machine() -> None:
    checked = subprocess.run(
        [sys.executable, DEPLOY / "nats-users", "--check"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert checked.returncode == 0, checked.stderr


def test_the_server_takes_the_settings_of_nats(tmp_path: Path) -> None:
    hashed = "$2b$04$" + "a" * 53
    for name in ("nats.conf", "users.conf"):
        text = (NATS / name).read_text(encoding="utf-8").replace('"/data"', f'"{tmp_path}/data"')
        (tmp_path / name).write_text(text.replace("/run/lkmr/tls", str(tmp_path)))
    passwords = "".join(f'{prefix(one)}PASSWORD: "{hashed}"\n' for one in PROGRAMS)
    (tmp_path / "passwords.conf").write_text(passwords)
    (tmp_path / "store-key.conf").write_text('STORE_KEY: "of a test"\n')
    _certificate(tmp_path)

    checked = subprocess.run(
        [Path(sys.executable).with_name("nats-server"), "-t", "-c", tmp_path / "nats.conf"],
        env=os.environ | {"POD_NAME": "nats-0"}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert checked.returncode == 0, checked.stderr


def _certificate(folder: Path) -> None:
    import trustme

    authority = trustme.CA()
    leaf = authority.issue_cert("nats-0.nats")
    leaf.private_key_pem.write_to_path(folder / "key.pem")
    leaf.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    authority.cert_pem.write_to_path(folder / "ca.pem")


def test_nats_has_three_nodes_that_answer_to_their_certificate() -> None:
    (certificate,) = [
        one for name, one in of_kind("Certificate").items() if name == "nats-tls"
    ]  # fmt: skip
    stateful = of_kind("StatefulSet")["nats"]["spec"]
    text = (NATS / "nats.conf").read_text(encoding="utf-8")
    nodes = [f"nats-{number}.nats" for number in range(stateful["replicas"])]

    assert len(nodes) == 3
    assert certificate["spec"]["dnsNames"] == nodes
    assert json.loads(text.partition("routes: ")[2].splitlines()[0]) == [
        f"nats://{node}:6222" for node in nodes
    ]
    assert "sync_interval: always" in text
    assert dict(pods())["nats"]["containers"][0]["args"] == ["-c", "/etc/nats/nats.conf"]
    for program in PROGRAMS:
        hosts = ",".join(f"{node}:4222" for node in nodes)
        environment = (DEPLOY / f"k8s/base/{program}/settings.env").read_text(encoding="utf-8")
        assert f"{prefix(program)}NATS_URL=nats://{program}@{hosts}\n" in environment
