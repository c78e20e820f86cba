"""Have ФИС ФРДО asked about a document now, because its owner wishes it."""

from lkmr_education.domain.certificate import Certificate, next_ask_time
from lkmr_education.domain.errors import (
    CertificateNotFound,
    CheckNotNeeded,
    CheckTooSoon,
    EducationConsentMissing,
)
from lkmr_education.usecases.ports import NewUnitOfWork
from lkmr_servicekit.clock import Clock


async def ask_register(
    worker: str, certificate_id: str, *, new_uow: NewUnitOfWork, clock: Clock
) -> Certificate:
    """The document, about which the register is asked within seconds; what it said stays till then.

    Also one that was found is asked about again: a provider may have annulled it since.
    Raises CertificateNotFound, CheckNotNeeded, EducationConsentMissing, CheckTooSoon.
    """
    now = clock.now()
    async with new_uow() as uow:
        certificate = await uow.certificates.find(worker, certificate_id)
        if certificate is None:
            raise CertificateNotFound
        if not certificate.in_register:
            raise CheckNotNeeded
        if await uow.consents.refused(worker):
            raise EducationConsentMissing
        free = next_ask_time(certificate)
        if free is not None and free > now:
            raise CheckTooSoon(seconds=int((free - now).total_seconds()) + 1)
        await uow.certificates.ask_at(certificate.id, now)
        await uow.commit()
    return certificate
