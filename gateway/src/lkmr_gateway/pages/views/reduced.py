"""Entry while Gosuslugi does not answer."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class ReducedView:
    """`/auth/reduced`: POST there with `employee_number` and `password`."""

    template: ClassVar[str] = "reduced.html"
    return_to: str = "/"
    csrf_token: str = ""
    employee_number: str = ""
    error: str = ""
    error_code: str = ""
