"""The credit statement as a message for accreditation's verdicts."""

from datetime import date

from lkmr.education.v1 import education_service_pb2 as pb

from lkmr_education.domain.activity import Kind
from lkmr_education.domain.counting import REASON_WORDS, Line, Period, Statement
from lkmr_education.domain.draft import MAX_HOURS
from lkmr_education.domain.errors import PeriodInvalid
from lkmr_education.usecases.account import Simulated
from lkmr_servicekit.errors import FieldFault
from lkmr_servicekit.resource_names import name_of

MAX_SIMULATED = 50


def period_of(request: pb.GetCreditStatementRequest) -> Period:
    """The period of a request. Raises PeriodInvalid."""
    start, end = (_day(text) for text in (request.period_start, request.period_end))
    if start is None or end is None or end < start or not request.specialty.strip():
        raise _invalid("period_start")
    return Period(start=start, end=end)


def simulated_of(request: pb.GetCreditStatementRequest) -> list[Simulated]:
    """Activities that are not taken yet. Raises PeriodInvalid."""
    if len(request.simulated) > MAX_SIMULATED:
        raise _invalid("simulated")
    made = []
    for one in request.simulated:
        end = _day(one.end_date)
        if one.kind not in Kind.__members__ or end is None or not 0 < one.hours <= MAX_HOURS:
            raise _invalid("simulated")
        made.append(
            Simulated(
                kind=Kind(one.kind),
                hours=one.hours,
                end_date=end,
                title=one.title[:500],
                specialty=one.specialty,
            )
        )
    return made


def statement_to_proto(worker: str, account: Statement) -> pb.CreditStatement:
    """An account as a message."""
    return pb.CreditStatement(
        sufficient=account.sufficient,
        variant=account.variant,
        programme_hours=account.programme,
        portal_units=account.portal,
        waiting_hours=account.waiting,
        unverified_hours=account.unverified,
        missing_programme_hours=account.missing_programme,
        missing_hours=account.missing,
        required_hours=account.required,
        required_programme_hours=account.required_programme,
        source=account.source,
        lines=[_line(worker, line) for line in account.lines],
    )


def _line(worker: str, line: Line) -> pb.CreditLine:
    activity, certificate = line.study.activity, line.study.certificate
    simulated = line.study.simulated
    return pb.CreditLine(
        activity="" if simulated else name_of(workers=worker, activities=activity.id),
        title=activity.title,
        kind=activity.kind.value,
        hours=line.hours,
        verdict=line.verdict.value,
        reason=line.reason.value,
        explanation=REASON_WORDS[line.reason],
        counted_hours=line.counted,
        end_date=activity.end_date.isoformat(),
        certificate=name_of(workers=worker, certificates=certificate.id) if certificate else "",
        simulated=simulated,
        unverified=line.unverified,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _invalid(field: str) -> PeriodInvalid:
    return PeriodInvalid([FieldFault(field, "INVALID")])
