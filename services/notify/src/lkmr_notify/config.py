"""Every setting of the service; prefix `NOTIFY_`."""

from pydantic import SecretStr

from lkmr_servicekit.settings import StoredSettings, settings_of


class Config(StoredSettings):
    """Settings of one process. An empty `sms_url` or `vapid_key` switches a channel off.

    `sms_url` holds the addresses of providers in their order, by comma. `push_hosts` are the push
    services that may be called, by comma; an origin with `http://` is for development.
    """

    model_config = settings_of("NOTIFY_")

    auth_url: str
    accreditation_url: str
    smtp_url: str
    smtp_password: SecretStr = SecretStr("")
    smtp_ca: str = ""
    sms_url: str = ""
    mail_from: str = "Кабинет медработника <no-reply@kabinet.example>"
    bounce_domain: str = ""
    bounce_listen: str = ""
    dkim_domain: str = ""
    dkim_selector: str = "lkmr"
    dkim_key_file: str = ""
    vapid_key: SecretStr = SecretStr("")
    vapid_contact: str = "mailto:support@kabinet.example"
    push_hosts: str = (
        "fcm.googleapis.com,updates.push.services.mozilla.com,.notify.windows.com,"
        ".push.apple.com,.push.yandex.net"
    )
    cabinet_url: str
    send_places: int = 48
