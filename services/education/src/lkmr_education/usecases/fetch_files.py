"""Fetch the files of certificates that providers issued (автоматическая загрузка удостоверений)."""

from datetime import timedelta

from lkmr_education.domain.errors import FileNotAtPortal, FileRefused, FileUnsafe
from lkmr_education.usecases.files import CertificateFiles
from lkmr_education.usecases.outside import Portal
from lkmr_education.usecases.ports import NewUnitOfWork
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.telemetry import log

LEASE = timedelta(minutes=5)
AGAIN, REFUSED = timedelta(hours=1), timedelta(days=1)
BATCH = 20


async def fetch_files(
    *, portal: Portal, files: CertificateFiles, new_uow: NewUnitOfWork, clock: Clock
) -> int:
    """How many files were stored.

    Documents are claimed for five minutes, their files are fetched outside any transaction; one
    that the portal does not give yet is asked for again in an hour, one that may not be kept, in a
    day. Raises PortalUnavailable.
    """
    async with new_uow() as uow:
        due = await uow.certificates.claim_files(now=clock.now(), lease=LEASE, size=BATCH)
        await uow.commit()
    stored = 0
    for certificate in due:
        try:
            file = await files.store(certificate, portal.file(certificate.portal_file))
        except FileNotAtPortal:
            file, pause = None, AGAIN
        except (FileRefused, FileUnsafe) as fault:
            log.warning("certificate.file_refused", reason=fault.reason)
            file, pause = None, REFUSED
        async with new_uow() as uow:
            if file is None:
                await uow.certificates.file_later(certificate, clock.now() + pause)
            else:
                await uow.certificates.file_stored(certificate, file)
                stored += 1
            await uow.commit()
    return stored
