"""Settings that every stand-in has."""

from pathlib import Path

from pydantic_settings import BaseSettings


class StandInSettings(BaseSettings):
    """Base of a stand-in's settings; a subclass sets `model_config = settings_of("EGISZ_")`."""

    listen: str = "127.0.0.1:0"
    data_dir: Path
