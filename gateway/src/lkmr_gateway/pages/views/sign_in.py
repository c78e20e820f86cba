"""Pages on the way in."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal
from urllib.parse import quote

from lkmr_gateway.pages.views.frame import Banner, Link, ProfileChoice, SystemState


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInView:
    """`/` without a session; `notice` explains why one ended, with the code if there is one."""

    template: ClassVar[str] = "sign_in.html"
    systems: tuple[SystemState, ...] = ()
    check_time: datetime | None = None
    return_to: str = ""
    notice: Banner | None = None
    notice_code: str = ""
    reduced_open: bool = False

    @property
    def login_href(self) -> str:
        """Where the only sign-in begins."""
        return "/auth/login" + (f"?return_to={quote(self.return_to)}" if self.return_to else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileView:
    """`/auth/profile`: POST there with radio `profile` and `csrf_token`."""

    template: ClassVar[str] = "profile.html"
    profiles: tuple[ProfileChoice, ...]
    greeting_name: str = ""
    error: str = ""
    error_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeView:
    """`/auth/code`: POST there with `code`; POST `/auth/code/resend` for a new one.

    `phone` in the second form is compared with the profile first. `instruction` and `portal` say
    how a refusal is mended.
    """

    template: ClassVar[str] = "code.html"
    phone_masked: str
    expire_time: datetime
    attempts_left: int
    resend_time: datetime
    error: str = ""
    error_code: str = ""
    error_field: Literal["code", "phone"] = "code"
    instruction: tuple[str, ...] = ()
    portal: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """The one cause that the self-check names. `time` is that of the last sign-in, if it tells.

    `over` says that it has passed: the system that was away answers again.
    """

    code: str
    title: str
    detail: str
    instruction: tuple[str, ...]
    time: datetime | None = None
    over: bool = False
    portal: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCheck:
    """What is known about the account at Gosuslugi; `good` is None for nothing yet."""

    name: str
    hint: str
    good: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfCheckView:
    """`/help/sign-in`: one cause and one action, then everything that was looked at.

    `tls_version` as «TLS 1.3», empty over plain HTTP; `browser` as «Firefox 131».
    """

    template: ClassVar[str] = "self_check.html"
    systems: tuple[SystemState, ...] = ()
    check_time: datetime | None = None
    tls_version: str = ""
    browser: str = ""
    cause: Cause | None = None
    account: tuple[AccountCheck, ...] = ()
    recovery_href: str = ""
    support_href: str = ""
    profile_href: str = ""
    cleared: bool = False
