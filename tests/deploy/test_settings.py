"""Whether each program would start with the settings and files that it is given."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from .manifests import (
    DEPLOY,
    OVERLAYS,
    PROGRAMS,
    ROOT,
    SERVICES,
    config_of,
    files_of,
    of_kind,
    pods,
    rendered,
    settings_of,
)

FOR_OTHERS = {"SECRETS_DIR", "MIGRATION_URL"}  # read by the loader and by migrations
GIVEN = {"esia-certificates", "partners"}  # public certificates, made by hand: see deploy/README.md


def prefix(program: str) -> str:
    return program.replace("-", "_").upper() + "_"


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_loads_its_settings_from_what_the_manifests_give(
    program: str, overlay: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment, own = settings_of(program, overlay), prefix(program)
    folder = environment[f"{own}SECRETS_DIR"]
    for path, (_, key) in files_of(dict(pods(overlay))[program]).items():
        if path.startswith(folder + "/"):
            (tmp_path / path.removeprefix(folder + "/")).write_text(f"value of {key}\n")
    for name, value in environment.items():
        monkeypatch.setenv(name, value.replace(folder, str(tmp_path)))

    config = config_of(program).load()

    for name, field in config_of(program).model_fields.items():
        if field.annotation is SecretStr and (field.is_required() or (tmp_path / name).exists()):
            assert getattr(config, name).get_secret_value() == f"value of {name}"
        elif isinstance(getattr(config, name), Path) and f"{own}{name.upper()}" in environment:
            assert getattr(config, name).is_absolute()


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_no_setting_is_misspelled(program: str, overlay: str) -> None:
    known = {name.upper() for name in config_of(program).model_fields} | FOR_OTHERS
    given = {
        name.removeprefix(prefix(program))
        for name in settings_of(program, overlay)
        if name.startswith(prefix(program))
    }

    assert given <= known


def configured_files(pod: dict[str, Any]) -> set[str]:
    """Files of ConfigMaps that a pod names one by one."""
    mounts = {one["name"]: one["mountPath"] for one in pod["containers"][0]["volumeMounts"]}
    return {
        f"{mounts[volume['name']]}/{item['path']}"
        for volume in pod["volumes"]
        for item in volume.get("configMap", {}).get("items", [])
    }


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_every_path_of_a_setting_is_mounted(program: str, overlay: str) -> None:
    pod = dict(pods(overlay))[program]
    mounts = {one["mountPath"] for one in pod["containers"][0]["volumeMounts"]}
    reachable = mounts | set(files_of(pod)) | configured_files(pod)
    paths = {value for value in settings_of(program, overlay).values() if value.startswith("/run/")}
    if program not in SERVICES:
        paths.discard("/run/lkmr/postgres/ca.pem")  # shared setting of those with a database

    assert paths - reachable == set()


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_listening_ports_are_those_that_the_pod_names(overlay: str) -> None:
    for program in PROGRAMS:
        ports = dict(pods(overlay))[program]["containers"][0]["ports"]
        listens = {
            int(value.rpartition(":")[2])
            for name, value in settings_of(program, overlay).items()
            if name.endswith("_LISTEN") and value
        }
        assert listens == {one["containerPort"] for one in ports}, program


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_gateway_has_no_plain_listener_and_knows_how_many_it_is(overlay: str) -> None:
    environment = settings_of("gateway", overlay)
    least = of_kind("HorizontalPodAutoscaler", overlay)["gateway"]["spec"]["minReplicas"]
    origins = environment["GATEWAY_PUBLIC_ORIGINS"]

    assert environment["GATEWAY_HTTP_LISTEN"] == ""
    assert environment["GATEWAY_REPLICAS"] == str(least)
    assert origins.startswith("https://")
    assert settings_of("auth", overlay)["AUTH_ALLOWED_ORIGINS"] == origins
    assert "LKMR_LIMIT_FACTOR" not in environment


@pytest.mark.parametrize("overlay", ["staging", "production"])
def test_outside_programs_are_called_by_tls_only(overlay: str) -> None:
    names = [
        *("AUTH_ESIA_BASE_URL", "AUTH_SMS_URL", "EGISZ_BRIDGE_FRMR_URL", "EGISZ_BRIDGE_FERZL_URL"),
        *("EGISZ_BRIDGE_NMO_URL", "EGISZ_BRIDGE_FRDO_URL", "EGISZ_BRIDGE_AUTHORITY_URL"),
        *("NOTIFY_SMTP_URL", "NOTIFY_SMS_URL", "NOTIFY_CABINET_URL"),
    ]
    values = {k: v for one in PROGRAMS for k, v in settings_of(one, overlay).items()}

    assert {urlsplit(values[name]).scheme for name in names} == {"https", "smtps"}
    assert values["PGSSLMODE"] == "verify-full"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_secret_value_stands_in_a_manifest(overlay: str) -> None:
    assert of_kind("Secret", overlay) == {}
    for config in of_kind("ConfigMap", overlay).values():
        for name, value in config["data"].items():
            assert not re.search(r"PASSWORD|TOKEN|CSRF", name), name
            assert urlsplit(value).password is None if "://" in value[:20] else True, name
    for _, pod in pods(overlay):
        for variable in pod["containers"][0].get("env", []):
            assert "secretKeyRef" not in variable.get("valueFrom", {})


def test_no_secret_value_stands_in_the_folder() -> None:
    patterns = r"PRIVATE KEY|\$2[aby]\$\d\d\$|postgresql://[^@/\s]+:[^@{]+@|AKIA[0-9A-Z]{16}"
    for path in DEPLOY.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert not re.search(patterns, path.read_text(encoding="utf-8")), path


def wanted(overlay: str) -> set[tuple[str, str]]:
    """Every (secret, key) that some pod mounts, that a role needs or an issuer signs with."""
    keys = {pair for _, pod in pods(overlay) for pair in files_of(pod).values()}
    for _, pod in pods(overlay):
        for volume in pod["volumes"]:
            for source in volume.get("projected", {}).get("sources", []):
                secret = source.get("secret", {"items": []})
                keys |= {(secret["name"], item["key"]) for item in secret["items"]}
    for role in of_kind("Cluster", overlay)["lkmr-postgres"]["spec"]["managed"]["roles"]:
        keys |= {(role["passwordSecret"]["name"], key) for key in ("username", "password")}
    return keys | {("lkmr-internal-ca", "tls.crt"), ("lkmr-internal-ca", "tls.key")}


def issued(overlay: str) -> set[tuple[str, str]]:
    """What cert-manager and the operator of PostgreSQL make themselves."""
    names = [one["spec"]["secretName"] for one in of_kind("Certificate", overlay).values()]
    keys = {(name, key) for name in names for key in ("tls.crt", "tls.key", "ca.crt")}
    return keys | {("lkmr-postgres-ca", "ca.crt")}


@pytest.mark.parametrize("overlay", ["staging", "production"])
def test_the_store_gives_every_secret_that_is_mounted(overlay: str) -> None:
    stored = set()
    for name, one in of_kind("ExternalSecret", overlay).items():
        keys = {entry["secretKey"] for entry in one["spec"]["data"]}
        keys |= set(one["spec"]["target"].get("template", {}).get("data", {}))
        stored |= {(name, key) for key in keys}

    assert wanted(overlay) - issued(overlay) <= stored
    # what an operator of PostgreSQL matches a role by
    assert {f"{one}-{role}" for one in SERVICES for role in ("app", "owner")} <= {
        name for name, _ in stored
    }


def test_local_secrets_are_all_that_the_local_overlay_mounts(tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, DEPLOY / "local-secrets"],
        env={"LKMR_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    items = json.loads(made.stdout)["items"]
    given = {(one["metadata"]["name"], key) for one in items for key in one.get("stringData", ())}

    assert wanted("local") - issued("local") <= given
    assert {one["metadata"]["name"] for one in items if one["kind"] == "ConfigMap"} == GIVEN


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_config_map_that_is_named_exists(overlay: str) -> None:
    maps = set(of_kind("ConfigMap", overlay))
    named = {
        volume["configMap"]["name"]
        for _, pod in pods(overlay)
        for volume in pod["volumes"]
        if "configMap" in volume
    }
    text = str(rendered(overlay))

    assert named - maps == GIVEN
    assert "'name': 'common-settings'" not in text
