"""Every setting of the service; prefix `NOTIFY_`."""

from pydantic import SecretStr

from lkmr_servicekit.settings import StoredSettings, settings_of


class Config(StoredSettings):
    """Settings of one process. An empty `sms_url` switches SMS off: those deliveries wait."""

    model_config = settings_of("NOTIFY_")

    auth_url: str
    accreditation_url: str
    smtp_url: str
    smtp_password: SecretStr = SecretStr("")
    sms_url: str = ""
    mail_from: str = "Кабинет медработника <no-reply@kabinet.example>"
    cabinet_url: str
