"""`/_control` of learning: studies, notices, codes of events, documents of ФИС ФРДО."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from lkmr_egisz_stand_in.frdo import DocumentRegister, State
from lkmr_egisz_stand_in.portal import PersonUnknown, Portal, StudyUnknown
from lkmr_servicekit.telemetry import log
from lkmr_stand_in_kit.snils import InvalidSnils, normalise_snils

T = TypeVar("T")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewStudy(_Body):
    """A study that begins; the person is known by SNILS."""

    snils: str
    kind: str = "PK"
    title: str = Field(min_length=1)
    organizer: str = Field(min_length=1)
    start_date: date
    end_date: date
    hours: int | None = None
    specialty: str = ""
    programme: str = ""
    state: str = "ENROLLED"


class StudyChange(_Body):
    """What changes; `after_days` tells of it later (начисление до 30 дней)."""

    state: str | None = None
    title: str | None = None
    organizer: str | None = None
    start_date: date | None = None
    end_date: date | None = None
    hours: int | None = None
    specialty: str | None = None
    reason: str | None = None
    after_days: int = Field(default=0, ge=0, le=400)


class Closing(_Body):
    """The provider closes the course; null `frdo_after_days`: ФИС ФРДО never hears of it."""

    number: str = ""
    issue_date: date | None = None
    frdo_after_days: int | None = Field(default=0, ge=0, le=400)
    after_days: int = Field(default=0, ge=0, le=400)


class NewCode(_Body):
    """A code of an event (ИКП); with a SNILS only that person may use it."""

    code: str = Field(min_length=4, max_length=100)
    kind: str = "EVENT"
    title: str
    organizer: str
    start_date: date
    end_date: date
    hours: int = Field(ge=1, le=100)
    specialties: list[str] = Field(min_length=1)
    snils: str | None = None


class Forced(_Body):
    """What ФИС ФРДО answers about a number; null ends that."""

    state: State | None
    fields: list[str] = []


class Entered(_Body):
    """A document in ФИС ФРДО."""

    snils: str
    type: str = "CPD_CERTIFICATE"
    series: str | None = None
    number: str
    issue_date: date
    issuer: str
    hours: int | None = None


def learning_steering_router(portal: Portal, documents: DocumentRegister) -> APIRouter:
    """Changes of studies and documents."""
    router = APIRouter(prefix="/_control")
    _add_studies(router, portal)
    _add_documents(router, portal, documents)
    return router


def _add_studies(router: APIRouter, portal: Portal) -> None:
    @router.get("/nmo/studies")
    async def list_studies(snils: str) -> list[dict[str, Any]]:
        return _checked(lambda: portal.studies_of(normalise_snils(snils)))

    @router.post("/nmo/studies", status_code=201)
    async def begin(asked: NewStudy) -> dict[str, Any]:
        fields = _camel(asked.model_dump(mode="json", exclude={"snils"}))
        made = _checked(lambda: portal.begin(normalise_snils(asked.snils), fields))
        log.info("study.begun", study=made["id"])
        return made

    @router.patch("/nmo/studies/{study}")
    async def change(study: str, asked: StudyChange) -> dict[str, Any]:
        given = asked.model_dump(mode="json", exclude={"after_days"}, exclude_unset=True)
        made = _checked(lambda: portal.change(study, _camel(given), after_days=asked.after_days))
        log.info("study.changed", study=study, fields=sorted(given))
        return made

    @router.post("/nmo/studies/{study}/close")
    async def close(study: str, asked: Closing) -> dict[str, Any]:
        made = _checked(lambda: portal.close(study, **asked.model_dump()))
        log.info("study.closed", study=study)
        return made

    @router.post("/nmo/notices", status_code=204)
    async def tell(notice: dict[str, Any] | list[Any] | str) -> None:
        portal.tell(notice)

    @router.post("/nmo/codes", status_code=201)
    async def put_code(asked: NewCode) -> dict[str, str]:
        event = _camel(asked.model_dump(mode="json", exclude={"code", "snils"}))
        snils = asked.snils
        _checked(
            lambda: portal.put_code(asked.code, event, normalise_snils(snils) if snils else None)
        )
        return {"code": asked.code}


def _add_documents(router: APIRouter, portal: Portal, documents: DocumentRegister) -> None:
    @router.put("/frdo/documents")
    async def enter(asked: Entered) -> dict[str, str]:
        document = _camel(asked.model_dump(mode="json", exclude={"snils"}))
        person = _checked(lambda: portal.person(normalise_snils(asked.snils)))
        documents.enter(person, document, visible_from=portal.today)
        return {"number": asked.number}

    @router.post("/frdo/documents/{number:path}/annul")
    async def annul(number: str) -> dict[str, int]:
        found = documents.annul(number)
        if not found:
            raise HTTPException(404, "no document with this number")
        return {"annulled": found}

    @router.put("/frdo/answers/{number:path}")
    async def force(number: str, asked: Forced) -> dict[str, Any]:
        documents.force(number, asked.state, asked.fields)
        return asked.model_dump()


def _checked(work: Callable[[], T]) -> T:
    """The result of the work, its refusals as answers with a clear text."""
    try:
        return work()
    except (StudyUnknown, PersonUnknown) as fault:
        raise HTTPException(404, str(fault)) from None
    except (InvalidSnils, ValueError) as fault:
        raise HTTPException(422, str(fault)) from None


def _camel(fields: dict[str, Any]) -> dict[str, Any]:
    """Names of the control as the protocols spell them."""
    spelled = {"start_date": "startDate", "end_date": "endDate", "issue_date": "issueDate"}
    return {spelled.get(name, name): value for name, value in fields.items()}
