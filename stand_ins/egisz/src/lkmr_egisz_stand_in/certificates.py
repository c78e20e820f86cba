"""The certificate of a finished study as PDF: the same bytes for the same study."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from threading import Lock
from typing import Any

import orjson
import typst

_TEMPLATE = """
#let d = json(bytes(sys.inputs.content))
#set document(title: "Удостоверение", date: none)
#set page(paper: "a5", flipped: true, margin: 15mm)
#set text(size: 11pt, lang: "ru")
#align(center)[#text(size: 17pt, weight: "bold")[УДОСТОВЕРЕНИЕ] \\ о повышении квалификации]
#v(6mm)
#grid(columns: (34%, 66%), row-gutter: 4mm,
  [Программа], [#d.title],
  [Организация], [#d.organizer],
  [Серия и номер], [#d.series #d.number],
  [Дата выдачи], [#d.issueDate],
  [Период обучения], [#d.startDate – #d.endDate],
  [Объём], [#d.hours ч],
)
#v(1fr)
#align(right)[Демонстрационный документ]
"""
_lock = Lock()


def certificate_pdf(study: Mapping[str, Any]) -> bytes:
    """The PDF; it names the study and the document, never the person."""
    document = study["document"]
    content = {
        **{key: str(study[key]) for key in ("title", "organizer", "startDate", "endDate")},
        **{key: str(document[key]) for key in ("series", "number", "issueDate")},
        "hours": str(document["hours"] or ""),
    }
    moment = datetime.combine(date.fromisoformat(document["issueDate"]), datetime.min.time(), UTC)
    with _lock:
        made = typst.compile(
            _TEMPLATE.encode(),
            format="pdf",
            sys_inputs={"content": orjson.dumps(content).decode()},
            timestamp=int(moment.timestamp()),
        )
    if not isinstance(made, bytes):
        raise TypeError("Typst made no single document")
    return made
