import pytest

from lkmr_education.domain.proposal import Proposal, proposal_of


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Регистрационный номер: ПК-77/2026 Дата выдачи 05.02.2026 в объёме 144 часа",
            Proposal(number="ПК-77/2026", issue_date="2026-02-05", hours="144"),
        ),
        ("Рег. № 12345 выдано 2026-02-05", Proposal(number="12345", issue_date="2026-02-05")),
        ("Период 01.02.2026, выдан 31.02.2026, 05.02.2026", Proposal(issue_date="2026-02-05")),
        ("объём 36 академических часов", Proposal(hours="36")),
        ("объём 0 часов, 9999 часов", Proposal()),
        ("Сертификат участника", Proposal()),
        ("", Proposal()),
    ],
)
def test_fields_are_found_where_the_text_names_them_and_never_invented(
    text: str, found: Proposal
) -> None:
    assert proposal_of(text) == found
