"""Acts, purposes and programs in plain words; what this release does not know stays a code."""

from collections.abc import Mapping
from dataclasses import dataclass

_RPC = ".rpc."


@dataclass(frozen=True, slots=True)
class Words:
    """The words of `operations.toml`."""

    operations: Mapping[str, str]
    purposes: Mapping[str, str]
    programs: Mapping[str, str]

    def act(self, operation: str) -> str:
        """What was done."""
        if _RPC in operation:
            return "Попытка действия, на которое нет права"
        return self.operations.get(operation, operation)

    def purpose(self, purpose: str) -> str:
        """What for."""
        return self.purposes.get(purpose, purpose)

    def program(self, name: str) -> str:
        """Which program."""
        return self.programs.get(name, name)
