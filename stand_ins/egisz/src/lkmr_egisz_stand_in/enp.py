"""ENP (ЕНП), the 16-digit number of a policy of compulsory medical insurance (полис ОМС)."""

from datetime import date

LENGTH = 16
OLD, PRESENT = 1950, 2000


def check_digit(body: str) -> str:
    """The check digit for the first 15 digits: modulo 10 by Luhn."""
    total = 0
    for place, sign in enumerate(reversed(body)):
        value = int(sign) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the digits of the product are summed
    return str(-total % 10)


def is_enp(text: str) -> bool:
    """Whether the text is 16 digits with a right check digit."""
    whole = len(text) == LENGTH and text.isascii() and text.isdigit()
    return whole and check_digit(text[:-1]) == text[-1]


def compose(*, region: int, birth_date: date, male: bool, serial: int) -> str:
    """The number of a person: region, coded birth date and sex, serial below 100 000, check digit.

    The month is moved by 20 for those born up to 1950 and by 40 up to 2000, the year is written
    backwards, the day of men is moved by 50, and each digit is taken from nine.
    """
    shift = 20 if birth_date.year <= OLD else 40 if birth_date.year <= PRESENT else 0
    day = birth_date.day + (50 if male else 0)
    plain = f"{birth_date.month + shift:02d}{str(birth_date.year)[::-1]}{day:02d}"
    coded = "".join(str(9 - int(sign)) for sign in plain)
    body = f"{region:02d}{coded}{serial:05d}"
    return body + check_digit(body)
