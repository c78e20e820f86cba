"""Block an account, open it again, lift the lock of wrong codes. None of it opens a session."""

from dataclasses import replace

from lkmr_auth.domain.audit import UNLOCK
from lkmr_auth.domain.errors import SeparationOfDuties
from lkmr_auth.domain.person import AccountState, Person, PersonId
from lkmr_auth.domain.rights import AccountAct, require_account_act
from lkmr_auth.domain.session import EndReason
from lkmr_auth.usecases.administration.acting import (
    actor_of,
    count_act,
    note_act,
    reason_in,
    subject_in_reach,
)
from lkmr_auth.usecases.administration.apply_rights import SESSIONS, end_sessions
from lkmr_auth.usecases.administration.ports import AdministrationParts
from lkmr_servicekit.identity import Caller

_OPERATIONS = {
    AccountAct.BLOCK: "account.block",
    AccountAct.UNBLOCK: "account.unblock",
    AccountAct.LIFT_CODE_LOCK: UNLOCK,
}


async def change_account(
    person_id: PersonId,
    act: AccountAct,
    *,
    reason: str,
    caller: Caller,
    parts: AdministrationParts,
) -> None:
    """Do one of the three; a block ends all sessions at once. A repeat changes nothing (F-198).

    Raises PersonNotFound, SeparationOfDuties, ReasonRequired, AccountActClosed.
    """
    actor, now = actor_of(caller), parts.clock.now()
    require_account_act(actor.role, act)
    words = reason_in(reason)
    if person_id == actor.person_id:
        raise SeparationOfDuties
    async with parts.new_uow() as uow:
        person = await subject_in_reach(uow, person_id, actor, parts, lock=True)
        changed = _changed(person, act)
        if changed == person:
            return
        await uow.people.save(changed, now)
        if act is AccountAct.LIFT_CODE_LOCK:
            await uow.codes.forgive(person_id, now)
        if act is AccountAct.BLOCK:
            for session in await uow.sessions.list_open(person_id, now, SESSIONS):
                await end_sessions(uow, session, EndReason.ACCOUNT_BLOCKED, now)
        await note_act(
            uow, person_id, operation=_OPERATIONS[act], reason=words, actor=actor, now=now
        )
        await uow.commit()
    count_act(act.value.lower())


def _changed(person: Person, act: AccountAct) -> Person:
    if act is AccountAct.BLOCK:
        return replace(person, state=AccountState.BLOCKED)
    if act is AccountAct.LIFT_CODE_LOCK:
        return replace(person, code_lock_time=None)
    blocked = person.state is AccountState.BLOCKED
    return replace(person, state=AccountState.ACTIVE) if blocked else person
