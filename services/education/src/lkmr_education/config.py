"""Every setting of this service."""

from lkmr_servicekit.settings import StoredSettings, settings_of


class Config(StoredSettings):
    """Read from `EDUCATION_…`."""

    model_config = settings_of("EDUCATION_")

    auth_url: str
    accreditation_url: str
