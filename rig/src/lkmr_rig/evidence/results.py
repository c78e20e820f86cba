"""How the named tests ended, from the JUnit reports of a run."""

from collections.abc import Mapping
from pathlib import Path

from lxml import etree

PASSED, FAILED, SKIPPED = "PASSED", "FAILED", "SKIPPED"
_WORST = (FAILED, SKIPPED, PASSED)


def results(folder: Path) -> Mapping[str, str]:
    """Outcome by `path::name`; of a test with parameters the worst, of a file that of its tests.

    Raises OSError, lxml.etree.XMLSyntaxError for reports that cannot be read.
    """
    found: dict[str, str] = {}
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    for report in sorted(folder.glob("*.xml")):
        for case in etree.parse(str(report), parser).getroot().iter("testcase"):
            path = case.get("classname", "").replace(".", "/") + ".py"
            name = case.get("name", "").partition("[")[0]
            for key in (path, f"{path}::{name}"):
                found[key] = _worse(found.get(key, PASSED), _outcome(case))
    return found


def _outcome(case: etree._Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return FAILED
    return SKIPPED if case.find("skipped") is not None else PASSED


def _worse(one: str, other: str) -> str:
    return min(one, other, key=_WORST.index)
