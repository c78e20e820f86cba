import pytest

from lkmr_gateway.exchange import Refused
from lkmr_gateway.schemas import MessageQuery, read_query


def test_groups_of_messages_are_asked_for_one_by_one_or_several() -> None:
    one = read_query(MessageQuery, b"group=SECURITY")
    several = read_query(MessageQuery, b"group=SECURITY&page_size=5&group=NEWS")

    assert [group.value for group in one.group] == ["SECURITY"]
    assert [group.value for group in several.group] == ["SECURITY", "NEWS"]
    assert several.page_size == 5


@pytest.mark.parametrize("query", [b"group=OTHER", b"view=DONE&view=ALL", b"groups=NEWS"])
def test_what_is_none_or_stands_twice_is_refused(query: bytes) -> None:
    with pytest.raises(Refused):
        read_query(MessageQuery, query)
