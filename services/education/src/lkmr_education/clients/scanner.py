"""The scanner for malware of this service."""

from lkmr_education.domain.certificate import Scan
from lkmr_education.domain.errors import FileUnsafe
from lkmr_servicekit.malware import Clamd, Found


class ClamScanner:
    """The port `Scanner` over clamd at `unix:///path` or `tcp://host:port`; empty: no scanner."""

    def __init__(self, url: str) -> None:
        self._clamd = Clamd(url)

    async def scan(self, content: bytes) -> Scan:
        """NOT_SCANNED where there is no scanner or it is away. Raises FileUnsafe."""
        found = await self._clamd.scan(content)
        if found is Found.MALWARE:
            raise FileUnsafe
        return Scan(found.value)
