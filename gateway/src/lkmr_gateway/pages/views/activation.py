"""The steps of an activation, one page each."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal

from lkmr_gateway.pages.views.step_up import SentCode

Stage = Literal["TERMS", "CONSENTS", "EMPLOYEE", "PROOF"]
Approval = Literal["NONE", "PENDING", "APPROVED", "DECLINED", "EXPIRED"]
STAGES: tuple[tuple[Stage, str], ...] = (
    ("TERMS", "Условия"),
    ("CONSENTS", "Согласия"),
    ("EMPLOYEE", "Работник"),
    ("PROOF", "Подтверждение"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalText:
    """A text to accept or to decide on."""

    id: str
    version: str
    title: str
    purpose: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormError:
    """What is wrong with a form: in all, and at its fields by name."""

    text: str
    code: str
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationView:
    """`/auth/activation`: forms lead to `/auth/activation/{terms,consents,employee,code,…}`.

    `given` keeps the answers to consents, `employee_number` what was typed.
    """

    template: ClassVar[str] = "activation.html"
    stage: Stage
    greeting_name: str = ""
    texts: tuple[LegalText, ...] = ()
    given: dict[str, str] = field(default_factory=dict)
    employee_number: str = ""
    phone_masked: str = ""
    code: SentCode | None = None
    approval_offered: bool = False
    approval: Approval = "NONE"
    approval_end: datetime | None = None
    error: FormError | None = None

    @property
    def number(self) -> int:
        """Number of the step, from 1."""
        return [name for name, _ in STAGES].index(self.stage) + 1

    @property
    def stages(self) -> tuple[str, ...]:
        """Words of all steps."""
        return tuple(words for _, words in STAGES)
