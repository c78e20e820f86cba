"""Known faults of packages, as a database with the interface of OSV tells them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import httpx2

from lkmr_scan.findings import Finding
from lkmr_scan.inventory import Package

_AT_ONCE = 1000  # queries that one request may hold
_SECONDS = 10
_WORDS = {"MODERATE": "MEDIUM", "IMPORTANT": "HIGH"}
_LEVELS = frozenset({"CRITICAL", "HIGH", "MEDIUM", "LOW"})


class Unreachable(Exception):
    """The database cannot be asked, or its answer cannot be read; the text says how."""


def known_faults(address: str, packages: Sequence[Package]) -> list[Finding]:
    """Advisories about these versions, withdrawn ones left out. Raises Unreachable."""
    try:
        with httpx2.Client(base_url=address, timeout=_SECONDS) as client:
            pairs = list(_matches(client, packages))
            told = {key: _told(client, key) for key in sorted({key for key, _ in pairs})}
    except httpx2.HTTPError as fault:
        raise Unreachable(f"its data cannot be reached: {type(fault).__name__}") from None
    except (KeyError, TypeError, ValueError) as fault:
        raise Unreachable(f"its data cannot be read: {type(fault).__name__}") from None
    return [
        finding_of(told[key], package) for key, package in pairs if not told[key].get("withdrawn")
    ]


def _matches(client: httpx2.Client, packages: Sequence[Package]) -> Iterator[tuple[str, Package]]:
    waiting: list[tuple[Package, str]] = [(one, "") for one in packages]
    while waiting:
        asked, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
        answer = client.post(
            "/v1/querybatch", json={"queries": [_query(one, token) for one, token in asked]}
        )
        answer.raise_for_status()
        for (package, _), result in zip(asked, answer.json()["results"], strict=True):
            for one in result.get("vulns", ()):
                yield one["id"], package
            if token := result.get("next_page_token"):
                waiting.append((package, token))


def _query(package: Package, token: str) -> dict[str, Any]:
    about = {"name": package.name, "ecosystem": package.ecosystem}
    query: dict[str, Any] = {"package": about, "version": package.version}
    return query | {"page_token": token} if token else query


def _told(client: httpx2.Client, key: str) -> dict[str, Any]:
    answer = client.get(f"/v1/vulns/{key}")
    answer.raise_for_status()
    told: dict[str, Any] = answer.json()
    return told


def finding_of(advisory: Mapping[str, Any], package: Package) -> Finding:
    """An advisory about a package. One that does not tell its severity counts as HIGH."""
    word = str(advisory.get("database_specific", {}).get("severity", "")).upper()
    level = _WORDS.get(word, word)
    aliases = ", ".join(sorted(advisory.get("aliases", ())))
    fixed = ", ".join(sorted(set(_fixed_in(advisory, package.name))))
    text = f"{package.name} {package.version}: {advisory['id']}"
    text += f" ({aliases})" if aliases else ""
    text += f", fixed in {fixed}" if fixed else ", no fix is known"
    published = str(advisory.get("published", ""))[:10]
    return Finding(
        key=f"{advisory['id']} {package.name}",
        severity=level if level in _LEVELS else "HIGH",
        text=text,
        published=date.fromisoformat(published) if published else None,
    )


def _fixed_in(advisory: Mapping[str, Any], name: str) -> Iterator[str]:
    for affected in advisory.get("affected", ()):
        if affected.get("package", {}).get("name") == name:
            for reach in affected.get("ranges", ()):
                if reach.get("type") != "GIT":
                    yield from (one["fixed"] for one in reach["events"] if "fixed" in one)
