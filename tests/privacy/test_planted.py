"""The search itself finds what it is there to find."""

import pytest

from .planted import Planted


@pytest.mark.parametrize(
    "text",
    [
        'worker "Иванова" came',
        "ИО: Анна Сергеевна.",
        "born 1984-03-12",
        "born 12.03.1984",
        "snils=90000103798",
        "900-001-037 98",
        "900 001 037",
        "+79000000001",
        "8 (900) 000-00-01",
        "to ivanova@demo.example",
        "enp 7756510887007010",
        "Kabinet-2026!",
        "/find?name=%D0%98%D0%B2%D0%B0%D0%BD%D0%BE%D0%B2%D0%B0",
        r"\x" + "Иванова".encode().hex(),
        "Bearer eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
        '"code": 271828,',
        "cookie q7Zk0sWcUe1r9XxA",
    ],
)
def test_each_spelling_is_found(text: str) -> None:
    planted = Planted(secrets={"q7Zk0sWcUe1r9XxA"}, codes={"271828"})

    assert len(planted.found_in(text)) == 1


@pytest.mark.parametrize(
    "text",
    ["trace 271828fa", "took 0.271828 s", "ivanov", "2026-11-24T11:30:01.271828Z", "Ивановка"],
)
def test_what_only_looks_alike_is_let_pass(text: str) -> None:
    found = Planted(codes={"271828"}).found_in(text)

    assert found == set()
