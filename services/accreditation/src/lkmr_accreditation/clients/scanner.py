"""The scanner for malware of this service."""

from lkmr_accreditation.domain.documents import Scan
from lkmr_accreditation.domain.errors import DocumentUnsafe
from lkmr_servicekit.malware import Clamd, Found


class ClamScanner:
    """The port `Scanner` over clamd at `unix:///path` or `tcp://host:port`; empty: no scanner."""

    def __init__(self, url: str) -> None:
        self._clamd = Clamd(url)

    async def scan(self, content: bytes) -> Scan:
        """NOT_SCANNED where there is no scanner or it is away. Raises DocumentUnsafe."""
        found = await self._clamd.scan(content)
        if found is Found.MALWARE:
            raise DocumentUnsafe
        return Scan(found.value)
