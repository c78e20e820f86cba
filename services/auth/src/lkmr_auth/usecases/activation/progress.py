"""How far an activation has come, and what its next step shows."""

from dataclasses import dataclass, replace
from datetime import datetime

from lkmr_auth.domain.activation import (
    Activation,
    ActivationStage,
    ApprovalState,
    stage_of_activation,
)
from lkmr_auth.domain.code import Purpose
from lkmr_auth.domain.errors import AlreadyActive, StepNotOpen
from lkmr_auth.domain.legal import Document, Kind, accepted, undecided
from lkmr_auth.domain.person import AccountState, Person, masked_phone
from lkmr_auth.domain.sign_in import CodeStep, Stage, Step, WaitingSignIn
from lkmr_auth.usecases.advance_sign_in import renewed_terms, require_admitted
from lkmr_auth.usecases.get_sign_in import get_waiting
from lkmr_auth.usecases.parts import IdentityParts
from lkmr_auth.usecases.ports import UnitOfWork
from lkmr_auth.usecases.send_code import code_step
from lkmr_servicekit.clock import MOSCOW, day_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The present step. `phone_masked` is empty when Gosuslugi knows no telephone."""

    stage: ActivationStage
    greeting_name: str
    documents: tuple[Document, ...] = ()
    phone_masked: str = ""
    code: CodeStep | None = None
    approval_offered: bool = False
    approval: ApprovalState = ApprovalState.NONE
    approval_end: datetime | None = None
    next: Step | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Under:
    """A sign-in that waits for its activation, with its person; rows are locked when asked for."""

    waiting: WaitingSignIn
    person: Person
    activation: Activation
    stage: ActivationStage
    documents: tuple[Document, ...]

    def require(self, stage: ActivationStage) -> None:
        """Raises StepNotOpen."""
        if self.stage is not stage:
            raise StepNotOpen


async def load(
    uow: UnitOfWork, login_cookie: str, parts: IdentityParts, *, lock: bool = False
) -> Under:
    """Raises SignInStateLost, AlreadyActive, AccountBlocked, CodeBlocked."""
    waiting = await get_waiting(uow, login_cookie, Stage.ACTIVATION, parts.codes, lock=lock)
    person = await uow.people.get(waiting.confirmed.person_id, lock=lock)
    require_admitted(person)
    if person.state is AccountState.ACTIVE:
        return await _of_active(uow, waiting, person, parts)
    day = day_in(MOSCOW, parts.codes.clock.now())
    latest = await uow.registry.latest(person.id)
    activation = await uow.activations.find(person.id)
    terms = tuple(one for one in parts.legal.in_force(Kind.TERMS, day) if not accepted(one, latest))
    consents = undecided(parts.legal.in_force(Kind.CONSENT, day), latest)
    stage = stage_of_activation(
        terms=not terms, consents=not consents, employee=activation.employee_time is not None
    )
    shown = {ActivationStage.TERMS: terms, ActivationStage.CONSENTS: consents}
    return Under(
        waiting=waiting,
        person=person,
        activation=activation,
        stage=stage,
        documents=shown.get(stage, ()),
    )


async def _of_active(
    uow: UnitOfWork, waiting: WaitingSignIn, person: Person, parts: IdentityParts
) -> Under:
    """An active account has one thing left: terms that changed. Raises AlreadyActive."""
    terms = await renewed_terms(uow, person, parts.codes)
    if not terms:
        raise AlreadyActive
    return Under(
        waiting=waiting,
        person=person,
        activation=await uow.activations.find(person.id),
        stage=ActivationStage.TERMS,
        documents=terms,
    )


async def get_progress(login_cookie: str, *, parts: IdentityParts) -> Progress:
    """The present step; a question in the application is looked at.

    Raises SignInStateLost, AccountBlocked, CodeBlocked, ApprovalUnavailable.
    """
    async with parts.codes.new_uow() as uow:
        under = await load(uow, login_cookie, parts)
        code = await _code(uow, under)
    plain = Progress(
        stage=under.stage,
        greeting_name=under.person.names.greeting(),
        documents=under.documents,
    )
    if under.stage is not ActivationStage.PROOF:
        return plain
    phone = under.person.contacts.phone.open()
    return replace(
        plain,
        phone_masked=masked_phone(phone) if phone else "",
        code=code,
        approval_offered=parts.approvals.offered,
        approval=await approval_state(under, parts),
        approval_end=under.activation.approval_end,
    )


async def approval_state(under: Under, parts: IdentityParts) -> ApprovalState:
    """What became of the question. Raises ApprovalUnavailable."""
    activation = under.activation
    if not activation.approval_id:
        return ApprovalState.NONE
    return await parts.approvals.state(under.waiting.confirmed.tokens, activation.approval_id)


async def _code(uow: UnitOfWork, under: Under) -> CodeStep | None:
    """The code that was sent, also when its time is over: the page says so."""
    last = await uow.codes.find_last(under.person.id)
    if last is None or last.purpose is not Purpose.ACTIVATION:
        return None
    over = last.consume_time or last.replace_time or not under.person.contacts.phone.open()
    return None if over else code_step(under.person, last)
