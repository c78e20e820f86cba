"""The bill of materials (SBOM) of an image: CycloneDX 1.6."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from lkmr_scan.inventory import Package


def bill_of_materials(packages: Sequence[Package], moment: datetime) -> dict[str, Any]:
    """What an image is made of, named by package URLs; its number follows from its content."""
    components = [
        {
            "type": "library",
            "bom-ref": _url(one),
            "name": one.name,
            "version": one.version,
            "purl": _url(one),
        }
        for one in sorted(packages)
    ]
    content = " ".join(one["purl"] for one in components)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, content)}",
        "version": 1,
        "metadata": {
            "timestamp": moment.isoformat(),
            "component": {"type": "application", "bom-ref": "lkmr", "name": "lkmr"},
        },
        "components": components,
        "dependencies": [{"ref": "lkmr", "dependsOn": [one["bom-ref"] for one in components]}],
    }


def _url(package: Package) -> str:
    """A package URL (purl); versions of Debian hold signs that must be quoted."""
    ecosystem, _, release = package.ecosystem.partition(":")
    version = quote(package.version, safe="")
    if ecosystem == "PyPI":
        return f"pkg:pypi/{package.name}@{version}"
    return f"pkg:deb/debian/{package.name}@{version}?distro=debian-{release}"
