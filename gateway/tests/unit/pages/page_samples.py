"""Every page with as little and as much in it as it can have. All people are invented."""

from typing import Any

import access_samples
import administration_samples
import entry_samples
import home_samples
import message_samples
import public_samples
import record_samples
import security_samples
import staff_samples
from application_samples import application_pages
from document_samples import document_pages
from education_ahead_samples import ahead_pages
from education_outside_samples import outside_pages, report_pages
from education_samples import education_pages
from frame_samples import CALM, FAULT, GUEST, NOW, POOR, with_current
from message_samples import MESSAGES
from notice_samples import notice_pages
from record_samples import DETAIL, ITEM, ITEMS

from lkmr_gateway.pages.views.frame import Chrome

__all__ = [
    "CALM",
    "DETAIL",
    "FAULT",
    "GUEST",
    "ITEM",
    "ITEMS",
    "MESSAGES",
    "NOW",
    "PAGES",
    "with_current",
]

# Name of the sample → view, frame. Names are also the addresses of the local test server.
PAGES: dict[str, tuple[Any, Chrome]] = {
    **entry_samples.PAGES,
    **home_samples.PAGES,
    **record_samples.PAGES,
    **staff_samples.PAGES,
    **message_samples.PAGES,
    **administration_samples.PAGES,
    **security_samples.PAGES,
    **public_samples.PAGES,
    **application_pages(CALM, POOR),
    **{name: (view, with_current("/admin/announcements")) for name, view in notice_pages().items()},
    **{
        name: (view, CALM)
        for section in (
            education_pages(),
            ahead_pages(),
            outside_pages(),
            report_pages(),
            access_samples.VIEWS,
            document_pages(),
        )
        for name, view in section.items()
    },
}
