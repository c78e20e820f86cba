"""Every setting of this service."""

from pathlib import Path
from sysconfig import get_path

from lkmr_servicekit.settings import StoredSettings, settings_of


class Config(StoredSettings):
    """Read from `ACCREDITATION_…`."""

    model_config = settings_of("ACCREDITATION_")

    auth_url: str
    egisz_bridge_url: str
    education_url: str
    fonts_dir: Path = Path(get_path("purelib")) / "fontpkg_pt_sans" / "files"
    seal_certificates: Path
    seal_key: Path
    files_dir: Path
    scanner_url: str = ""
    register_sync_enabled: bool = True
    register_sync_seconds: float = 30.0
