"""Settings of the stand-in `mailbox`."""

from pydantic import Field

from lkmr_servicekit.settings import settings_of
from lkmr_stand_in_kit.config import StandInSettings


class MailboxSettings(StandInSettings):
    """Where to listen; `max_letter_bytes` is the largest letter taken."""

    model_config = settings_of("MAILBOX_")

    smtp_listen: str = "127.0.0.1:0"
    max_letter_bytes: int = Field(default=10 * 1024 * 1024, gt=0)
