import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkmr_notify.api.convert import own_message, position_from_token
from lkmr_notify.domain.errors import MessageForeign, MessageNotFound
from lkmr_servicekit.errors import ServiceError
from lkmr_servicekit.identity import Caller, CallerKind
from lkmr_servicekit.pagination import page_token_of

ME = Caller(CallerKind.PERSON, "11111111-1111-4111-8111-111111111111", 0)


def test_another_persons_message_is_refused_before_it_is_looked_up() -> None:
    with pytest.raises(MessageForeign):
        own_message("persons/another/messages/whatever", ME)
    with pytest.raises(MessageNotFound):
        own_message(f"persons/{ME.subject}/messages/whatever", ME)


@given(st.text(max_size=80))
def test_whatever_token_comes_it_is_a_place_or_a_refusal(token: str) -> None:
    try:
        position_from_token(token)
    except ServiceError as refused:
        assert refused.reason == "PAGE_TOKEN_INVALID"


@given(st.integers(-(2**63), 2**63 - 1), st.text(max_size=40))
def test_a_forged_place_is_refused(micros: int, message: str) -> None:
    try:
        position_from_token(page_token_of(micros, message))
    except ServiceError as refused:
        assert refused.reason == "PAGE_TOKEN_INVALID"
