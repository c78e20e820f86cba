"""Terms of use and consents: each decision is a line of the registry."""

import uuid
from collections.abc import Mapping

from lkmr_auth.domain.activation import ActivationStage
from lkmr_auth.domain.audit import CONSENT, TERMS, AuditEntry, Result
from lkmr_auth.domain.erasure import CONSENTS
from lkmr_auth.domain.errors import DocumentUnknown, TermsNotAccepted
from lkmr_auth.domain.facts import ConsentDecided
from lkmr_auth.domain.legal import Decision, DecisionRecord, Document, Kind
from lkmr_auth.domain.person import AccountState, Person
from lkmr_auth.usecases.activation.progress import Progress, get_progress, load
from lkmr_auth.usecases.advance_sign_in import advance_within
from lkmr_auth.usecases.measure import step
from lkmr_auth.usecases.parts import IdentityParts
from lkmr_auth.usecases.ports import UnitOfWork


async def accept_terms(
    login_cookie: str, version: str, *, accepted: bool, parts: IdentityParts
) -> Progress:
    """Accept the terms in the version that was shown; a refusal ends the sign-in.

    An active account that was asked about changed terms goes on with `next`.
    Raises TermsNotAccepted, DocumentUnknown, StepNotOpen, SignInStateLost.
    """
    with step("terms"):
        async with parts.codes.new_uow() as uow:
            under = await load(uow, login_cookie, parts, lock=True)
            under.require(ActivationStage.TERMS)
            document = under.documents[0]
            if document.version != version:
                raise DocumentUnknown(field="version")
            decision = Decision.GIVEN if accepted else Decision.DECLINED
            await record(uow, under.person, document, decision, parts)
            if accepted and under.person.state is AccountState.ACTIVE:
                await uow.sign_ins.remove(under.waiting.id)
                following, _ = await advance_within(uow, under.waiting.confirmed, parts.codes)
                await uow.commit()
                return Progress(
                    stage=ActivationStage.TERMS,
                    greeting_name=under.person.names.greeting(),
                    next=following,
                )
            if accepted:
                await uow.sign_ins.prolong(under.waiting.id, parts.codes.clock.now())
            else:
                await uow.sign_ins.remove(under.waiting.id)
            await uow.commit()
        if not accepted:
            raise TermsNotAccepted
        return await get_progress(login_cookie, parts=parts)


async def decide_consents(
    login_cookie: str, given: Mapping[str, bool], *, parts: IdentityParts
) -> Progress:
    """Decide on each consent by itself; `given` has an answer for every one that is open.

    Raises DocumentUnknown for a missing answer, StepNotOpen, SignInStateLost.
    """
    with step("consents"):
        async with parts.codes.new_uow() as uow:
            under = await load(uow, login_cookie, parts, lock=True)
            under.require(ActivationStage.CONSENTS)
            for document in under.documents:
                if document.id not in given:
                    raise DocumentUnknown(field=document.id)
                decision = Decision.GIVEN if given[document.id] else Decision.DECLINED
                await record(uow, under.person, document, decision, parts)
            await uow.sign_ins.prolong(under.waiting.id, parts.codes.clock.now())
            await uow.commit()
        return await get_progress(login_cookie, parts=parts)


async def record(
    uow: UnitOfWork,
    person: Person,
    document: Document,
    decision: Decision,
    parts: IdentityParts,
    *,
    session: str = "",
) -> None:
    """Write a line of the registry and its entry in the journal, and tell who acts upon it."""
    now = parts.codes.clock.now()
    made = DecisionRecord(
        id=uuid.uuid4(),
        person_id=person.id,
        document=document.id,
        version=document.version,
        text_hash=document.text_hash,
        decision=decision,
        time=now,
    )
    await uow.registry.add(made)
    if document.id in CONSENTS:
        await uow.announce(ConsentDecided(record=made, worker_id=person.worker_id))
    entry = AuditEntry(
        operation=TERMS if document.kind is Kind.TERMS else CONSENT,
        object=f"persons/{person.id}/consents/{document.id}",
        result=Result.ALLOWED,
        reason=decision.value,
        actor=person.id,
        session=session,
    )
    await uow.journal.add(entry, now)


async def tell_decisions(uow: UnitOfWork, before: Person, after: Person) -> None:
    """Tell what was decided while nobody knew which worker the person is; the caller commits."""
    if not after.worker_id or after.worker_id == before.worker_id:
        return
    latest = await uow.registry.latest(after.id)
    for document in CONSENTS:
        if held := latest.get(document):
            await uow.announce(ConsentDecided(record=held, worker_id=after.worker_id))
