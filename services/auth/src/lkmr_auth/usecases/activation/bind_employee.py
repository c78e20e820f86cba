"""Tie the account to an employee, and set the password of the cabinet."""

import hmac
import math
from dataclasses import replace

from lkmr_auth.domain.activation import ActivationStage, normalized_number
from lkmr_auth.domain.audit import EMPLOYEE, AuditEntry, Result
from lkmr_auth.domain.errors import EmployeeUnknown, SignInLocked
from lkmr_auth.domain.password import require_strong
from lkmr_auth.usecases.activation.progress import Progress, Under, get_progress, load
from lkmr_auth.usecases.measure import step
from lkmr_auth.usecases.parts import IdentityParts
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.personal import Personal

_KIND = "employee_number"
_MAX_NUMBER = 64


async def bind_employee(
    login_cookie: str, number: str, password: Personal[str], *, parts: IdentityParts
) -> Progress:
    """The identifier must be the one that the organisation gave to this very person.

    An attempt is counted before anything is looked up. Another person's identifier and one of
    nobody look the same. Raises EmployeeUnknown, SignInLocked, PasswordWeak, StepNotOpen,
    SignInStateLost.
    """
    with step("employee"):
        require_strong(password)
        typed = Personal(normalized_number(number[:_MAX_NUMBER]))
        async with parts.codes.new_uow() as uow:
            under = await load(uow, login_cookie, parts)
            under.require(ActivationStage.EMPLOYEE)
            now = parts.codes.clock.now()
            until = await uow.attempts.take(_KIND, str(under.person.id), now)
            await uow.commit()
        try:
            if until is not None:
                seconds = max(math.ceil((until - now).total_seconds()), 1)
                raise SignInLocked(seconds=seconds)
            _require_own(under, typed)
        except ServiceError as refusal:
            await _journal(under, Result.DENIED, refusal.reason, parts)
            raise
        hashed = await parts.hasher.hash(password)
        async with parts.codes.new_uow() as uow:
            under = await load(uow, login_cookie, parts, lock=True)
            under.require(ActivationStage.EMPLOYEE)
            now = parts.codes.clock.now()
            if not await uow.activations.claim(under.person.id, typed, now):
                raise EmployeeUnknown
            await uow.passwords.save(under.person.id, hashed, now)
            await uow.activations.save(replace(under.activation, employee_time=now))
            await uow.attempts.forgive(_KIND, str(under.person.id))
            await uow.sign_ins.prolong(under.waiting.id, now)
            await uow.commit()
        await _journal(under, Result.ALLOWED, "", parts)
        return await get_progress(login_cookie, parts=parts)


def _require_own(under: Under, typed: Personal[str]) -> None:
    own = normalized_number(under.person.employee_number.open())
    if not own or not hmac.compare_digest(own.encode(), typed.open().encode()):
        raise EmployeeUnknown


async def _journal(under: Under, result: Result, reason: str, parts: IdentityParts) -> None:
    entry = AuditEntry(
        operation=EMPLOYEE,
        object=f"persons/{under.person.id}",
        result=result,
        reason=reason,
        actor=under.person.id,
        address=under.waiting.confirmed.browser.address,
    )
    async with parts.codes.new_uow() as uow:
        await uow.journal.add(entry, parts.codes.clock.now())
        await uow.commit()
