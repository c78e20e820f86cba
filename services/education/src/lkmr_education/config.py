"""Every setting of this service."""

from pathlib import Path
from sysconfig import get_path

from lkmr_servicekit.settings import StoredSettings, settings_of


class Config(StoredSettings):
    """Read from `EDUCATION_…`."""

    model_config = settings_of("EDUCATION_")

    auth_url: str
    accreditation_url: str
    egisz_bridge_url: str
    files_dir: Path
    signing_key: Path
    signing_certificate: Path
    fonts_dir: Path = Path(get_path("purelib")) / "fontpkg_pt_sans" / "files"
    scanner_url: str = ""
    norms_seconds: float = 10.0
    portal_seconds: float = 2.0
    checks_seconds: float = 3.0
    catalogue_seconds: float = 3600.0
    catalogue_delay_seconds: float = 10.0  # the start of a whole suite goes first
