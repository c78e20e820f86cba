"""What the overlays render to, and where the code says what they must agree with."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from lkmr_servicekit.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
OVERLAYS = ("local", "staging", "production")
SERVICES = sorted(folder.name for folder in (ROOT / "services").iterdir() if folder.is_dir())
PROGRAMS = [*SERVICES, "gateway", "partner"]
SECOND_OF = {"partner": "gateway"}  # programs of another one's package and image
KUBECTL = Path(sys.executable).with_name("kubectl")

Manifest = dict[str, Any]


@cache
def rendered(overlay: str = "production") -> tuple[Manifest, ...]:
    """All manifests of an overlay; read them, never change them."""
    made = subprocess.run(
        [KUBECTL, "kustomize", DEPLOY / "k8s/overlays" / overlay],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return tuple(yaml.load_all(made.stdout, yaml.CSafeLoader))


def of_kind(kind: str, overlay: str = "production") -> dict[str, Manifest]:
    """Manifests of a kind by name."""
    return {one["metadata"]["name"]: one for one in rendered(overlay) if one["kind"] == kind}


def pods(overlay: str = "production") -> Iterator[tuple[str, Manifest]]:
    """Every pod template that is ours, with the name of its owner."""
    for one in rendered(overlay):
        if one["kind"] in {"Deployment", "Job", "StatefulSet", "CronJob", "DaemonSet"}:
            assert one["kind"] != "DaemonSet"
            made = one["spec"]["jobTemplate"] if one["kind"] == "CronJob" else one
            yield one["metadata"]["name"], made["spec"]["template"]["spec"]


def containers(pod: Manifest) -> list[Manifest]:
    return [*pod.get("initContainers", []), *pod["containers"]]


def settings_of(program: str, overlay: str = "production") -> dict[str, str]:
    """The environment of a program: its ConfigMaps, as the container names them."""
    pod = dict(pods(overlay))[program]
    (container,) = pod["containers"]
    assert "env" not in container
    maps = of_kind("ConfigMap", overlay)
    found: dict[str, str] = {}
    for source in container["envFrom"]:
        found |= maps[source["configMapRef"]["name"]]["data"]
    return found


def files_of(pod: Manifest) -> dict[str, tuple[str, str]]:
    """Mounted files of secrets: path → (secret, key)."""
    mounts = {one["name"]: one["mountPath"] for one in pod["containers"][0]["volumeMounts"]}
    return {
        f"{mounts[volume['name']]}/{item['path']}": (volume["secret"]["secretName"], item["key"])
        for volume in pod["volumes"]
        if "secret" in volume
        for item in volume["secret"]["items"]
    }


def config_of(program: str) -> type[Settings]:
    package = f"lkmr_{program.replace('-', '_')}"
    if program in SECOND_OF:
        package = f"lkmr_{SECOND_OF[program]}.{program}"
    module = importlib.import_module(f"{package}.config")
    config: type[Settings] = module.Config
    return config


def callers_of(service: str) -> set[str]:
    """Programs that some method of a service lets in."""
    rules = importlib.import_module(f"lkmr_{service.replace('-', '_')}.api.rules").RULES
    return {peer for rule in rules.values() for peer in rule.peers}
