"""What the fakes of the stores have in common."""

from typing import Any


class Table:
    """Reads and writes the tables of a working copy of the store."""

    def __init__(self, store: Any) -> None:
        self.store = store
