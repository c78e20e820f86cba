"""Words of which the recogniser is not sure reach no field."""

import pytest

from lkmr_education.clients.picture_reader import sure_text
from lkmr_education.domain.proposal import proposal_of


def table(*words: tuple[float, str]) -> str:
    """What Tesseract writes: a head, a line of the layout, a line a word."""
    heads = "level page block par line word left top width height conf text"
    rows = [heads.split(), ["1", *["0"] * 9, "-1", ""]]
    rows += [["5", *["1"] * 9, str(sure), word] for sure, word in words]
    return "\n".join("\t".join(row) for row in rows)


@pytest.mark.parametrize(
    ("words", "text", "number"),
    [
        ([(96, "номер"), (92, "77-12")], "номер 77-12", "77-12"),
        ([(96, "номер"), (36, "77-12"), (95, "НМО-8")], "номер □ НМО-8", ""),
        ([(70, "номер"), (49, "77-12")], "", ""),
        ([], "", ""),
    ],
)
def test_a_word_that_is_not_sure_is_a_gap(
    words: list[tuple[float, str]], text: str, number: str
) -> None:
    found = sure_text(table(*words))

    assert (found, proposal_of(found).number) == (text, number)
