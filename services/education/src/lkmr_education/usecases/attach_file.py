"""Keep the file of a document that the worker recorded."""

from collections.abc import AsyncIterator

from lkmr_education.domain.errors import CertificateNotFound
from lkmr_education.usecases.files import CertificateFiles
from lkmr_education.usecases.ports import NewUnitOfWork


async def attach_file(
    worker: str,
    certificate_id: str,
    content: AsyncIterator[bytes],
    *,
    files: CertificateFiles,
    new_uow: NewUnitOfWork,
) -> str:
    """The id of the activity of the document. The file takes the place of an earlier one.

    Raises CertificateNotFound, FileRefused, FileCut, ServiceError FILE_TOO_LARGE; then nothing is
    kept.
    """
    async with new_uow() as uow:
        certificate = await uow.certificates.find(worker, certificate_id)
    if certificate is None:
        raise CertificateNotFound
    file = await files.store(certificate, content)
    async with new_uow() as uow:
        await uow.certificates.file_stored(certificate, file)
        await uow.commit()
    return certificate.activity
