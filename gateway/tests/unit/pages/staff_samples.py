"""Pages of compliance: of oneself, of the staff, of the law."""

from typing import Any

import compliance_samples as judged
from frame_samples import CALM, PART_FAULT, POOR, with_current

from lkmr_gateway.pages.views.compliance import (
    ComplianceView,
    CourseForm,
    LawView,
    StaffMemberView,
    StaffReportView,
    StaffView,
)
from lkmr_gateway.pages.views.frame import Chrome

NO_FILTER = {"family_name": "", "department": "", "specialty": "", "admission": ""}

PAGES: dict[str, tuple[Any, Chrome]] = {
    "compliance-least": (ComplianceView(made=judged.LEAST), POOR),
    "compliance-fault": (ComplianceView(made=None, fault=PART_FAULT), CALM),
    "compliance": (ComplianceView(made=judged.MOST), with_current("/accreditations")),
    "compliance-course": (
        ComplianceView(
            made=judged.MOST,
            then=judged.MOST,
            form=CourseForm(hours="x", hours_fault="Напишите целое число часов."),
        ),
        with_current("/accreditations"),
    ),
    "staff-least": (
        StaffView(
            board={**judged.BOARD, "items": [], "next_page_token": ""},
            asked=NO_FILTER,
            query="",
        ),
        POOR,
    ),
    "staff": (
        StaffView(
            board=judged.BOARD,
            asked=NO_FILTER,
            query="&admission=EXPIRING",
            next_href="/staff?page_token=abc",
            first_href="",
            can_export=True,
        ),
        CALM,
    ),
    "staff-filtered": (
        StaffView(
            board={**judged.BOARD, "department": "терапевтическое отделение"},
            asked={**NO_FILTER, "admission": "EXPIRING", "family_name": "Образ"},
            query="",
        ),
        CALM,
    ),
    "staff-totals": (StaffView(board=judged.TOTALS, asked=NO_FILTER, query=""), CALM),
    "staff-fault": (
        StaffView(board=None, asked=NO_FILTER, query="", fault=PART_FAULT),
        CALM,
    ),
    "staff-member": (
        StaffMemberView(made={**judged.MOST, "member": judged.a_member()}),
        CALM,
    ),
    "staff-member-least": (
        StaffMemberView(made={**judged.LEAST, "member": judged.CALM_MEMBER}),
        CALM,
    ),
    "staff-report": (
        StaffReportView(
            made=judged.REPORT,
            tables=(("Срок закончился", [judged.a_member()]), ("Отстают по часам", [])),
        ),
        CALM,
    ),
    "law-changes-least": (LawView(items=()), CALM),
    "law-changes": (LawView(items=judged.CHANGES, next_href="/law-changes?page_token=a"), CALM),
}
