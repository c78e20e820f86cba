"""A passkey from its registration to the act that it proves, in a browser with a virtual key."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from ..support.visitor import Visitor
from .steps import sign_in, submit

pytestmark = [pytest.mark.journey, pytest.mark.browser]
NewVisitor = Callable[..., Visitor]
LOGIN = "ivanova"


@dataclass
class Device:
    """A device with a key store (WebAuthn domain of the DevTools)."""

    control: Any
    id: str

    def verifies(self, owner: bool) -> None:  # noqa: FBT001 - it reads as a sentence
        wanted = {"authenticatorId": self.id, "isUserVerified": owner}
        self.control.send("WebAuthn.setUserVerified", wanted)


@pytest.fixture
def device(page: Any) -> Iterator[Device]:
    """It verifies its owner until it is told not to."""
    control = page.context.new_cdp_session(page)
    control.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    added = control.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield Device(control, added["authenticatorId"])
    control.detach()


def prove_by_code(page: Any, person: Visitor) -> None:
    page.get_by_role("button", name="Получить код").click()
    page.locator("input[name=code]").fill(person.code_for(person._phone_of(LOGIN)))
    submit(page, "input[name=code]")


def forget_the_proof(page: Any, person: Visitor) -> None:
    """A fresh sign-in: its session is not proven."""
    page.context.clear_cookies()
    sign_in(page, person, LOGIN)


def test_a_passkey_is_registered_named_used_instead_of_a_code_and_removed(
    page: Any, device: Device, visitor: NewVisitor
) -> None:
    person = visitor()
    sign_in(page, person, LOGIN)
    page.goto("/security")
    page.get_by_role("link", name="Добавить ключ").click()
    prove_by_code(page, person)
    page.get_by_label("Имя ключа").fill("Рабочий компьютер")
    page.get_by_role("button", name="Добавить ключ").click()
    page.get_by_text("Ключ входа добавлен.").wait_for()
    assert page.get_by_text("Рабочий компьютер").first.is_visible()

    forget_the_proof(page, person)
    sent = len(person.messages(person._phone_of(LOGIN)))
    page.goto("/security")
    page.get_by_role("button", name="Выпустить коды").click()
    page.get_by_role("button", name="Подтвердить ключом").click()
    page.get_by_role("heading", name="Резервные коды").wait_for()
    codes = page.locator("#backup-codes li").all_inner_texts()
    assert len(set(codes)) == 10
    assert len(person.messages(person._phone_of(LOGIN))) == sent  # no code was sent for it

    forget_the_proof(page, person)
    page.goto("/security")
    page.get_by_text("Изменить").first.click()
    page.get_by_role("button", name="Удалить ключ «Рабочий компьютер»").click()
    page.get_by_text("Телефона нет под рукой?").click()
    page.get_by_label("Резервный код").fill(codes[0])
    page.get_by_role("button", name="Подтвердить резервным кодом").click()
    page.get_by_text("Ключ входа удалён.").wait_for()
    assert page.get_by_text("Осталось неиспользованных: 9").is_visible()


def test_a_device_that_does_not_know_its_owner_leaves_the_code(
    page: Any, device: Device, visitor: NewVisitor
) -> None:
    person = visitor()
    sign_in(page, person, LOGIN)
    page.goto("/security/passkeys/new")
    prove_by_code(page, person)
    device.verifies(False)
    page.get_by_label("Имя ключа").fill("Чужие руки")
    page.get_by_role("button", name="Добавить ключ").click()

    page.get_by_text("Устройство не подтвердило вас").wait_for()
    page.goto("/security")
    assert not page.get_by_text("Чужие руки").is_visible()
