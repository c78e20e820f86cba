"""The set of certificates with which an environment of ESIA signs its tokens.

ESIA publishes no key set; certificates are files of configuration and rotate about once a year.
"""

import threading
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from lkmr_gost import Certificate, load_certificate
from lkmr_gost.certificates import CertificateUnreadable
from lkmr_servicekit.clock import monotonic
from lkmr_servicekit.telemetry import log

GOST, RSA = "GOST3410_2012_256", "RS256"
_SUFFIXES = frozenset({".pem", ".cer", ".crt", ".der"})
_MAX_FILE_BYTES = 64 * 1024

_FolderState = tuple[tuple[str, int, int], ...]


@dataclass(slots=True)
class TrustedCertificates:
    """Certificates of a folder (`*.pem`, `*.cer`, `*.crt`, `*.der`); a changed folder is reread.

    The folder may be empty or absent at start: then every token is refused with KEY_UNKNOWN. A
    file that cannot be read is logged by its name and skipped, so that one bad file of a rotation
    does not stop sign-in for all. Safe to share between threads.
    """

    folder: Path
    check_every_seconds: float = 2.0
    _certificates: tuple[Certificate, ...] = field(default=(), init=False, repr=False)
    _state: _FolderState | None = field(default=None, init=False, repr=False)
    _checked: float = field(default=float("-inf"), init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def all(self) -> tuple[Certificate, ...]:
        """All readable certificates, whatever their dates."""
        with self._lock:
            if monotonic() - self._checked >= self.check_every_seconds:
                self._checked = monotonic()
                self._reread_if_changed()
            return self._certificates

    def candidates(
        self, algorithm: str, key_id: str | None, moment: datetime
    ) -> tuple[Certificate, ...]:
        """Certificates that may have signed: algorithm fits, id equal if given, valid then."""
        return tuple(
            certificate
            for certificate in self.all()
            if certificate.is_gost == (algorithm == GOST)
            and key_id in {None, certificate.hash}
            and certificate.valid_at(moment)
        )

    def last_end(self) -> datetime | None:
        """When the last certificate ends; an alarm is due 30 days before it."""
        return max((certificate.not_after for certificate in self.all()), default=None)

    def _reread_if_changed(self) -> None:
        state = _state_of(self.folder)
        if state == self._state:
            return
        found: dict[str, Certificate] = {}
        for name, _, _ in state:
            try:
                certificate = load_certificate((self.folder / name).read_bytes())
            except (OSError, CertificateUnreadable) as fault:
                log.error("esia.certificate_unreadable", file=name, kind=type(fault).__name__)
                continue
            found[certificate.hash] = certificate
        self._certificates, self._state = tuple(found.values()), state
        log.info("esia.certificates_loaded", count=len(found))


def _state_of(folder: Path) -> _FolderState:
    if not folder.is_dir():
        return ()
    entries = []
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in _SUFFIXES and path.is_file():
            about = path.stat()
            if about.st_size <= _MAX_FILE_BYTES:
                entries.append((path.name, about.st_mtime_ns, about.st_size))
    return tuple(entries)
