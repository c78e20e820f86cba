"""SNILS (СНИЛС), the insurance number of a person: 11 digits, shown as `XXX-XXX-XXX YY`."""

DIGITS, BODY = 11, 9
LAST_WITHOUT_CHECK = 1_001_998


class InvalidSnils(ValueError):
    """The text is not a SNILS: wrong length, other characters, or wrong check digits."""


def check_digits(body: str) -> str:
    """The two check digits for the nine digits of a number.

    The sum of digits weighted 9…1 is taken modulo 101, and 100 counts as 00 (rule of the Pension
    Fund for numbers above 001-001-998). Raises InvalidSnils when `body` is not nine digits.
    """
    if len(body) != BODY or not (body.isascii() and body.isdigit()):
        raise InvalidSnils("the body of a SNILS is nine digits")
    total = sum(int(digit) * (BODY - place) for place, digit in enumerate(body))
    return f"{total % 101 % 100:02d}"


def normalise_snils(text: str) -> str:
    """The 11 digits of a SNILS given with or without separators. Raises InvalidSnils."""
    digits = "".join(sign for sign in text if sign not in "- \u00a0")
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        raise InvalidSnils("a SNILS has 11 digits, with or without separators")
    body = digits[:BODY]
    if int(body) > LAST_WITHOUT_CHECK and check_digits(body) != digits[BODY:]:
        raise InvalidSnils("the check digits of the SNILS do not fit")
    return digits


def is_snils(text: str) -> bool:
    """Whether the text is a SNILS with right check digits, with or without separators."""
    try:
        normalise_snils(text)
    except InvalidSnils:
        return False
    return True


def format_snils(digits: str) -> str:
    """A SNILS as people write it: `112-233-445 95`."""
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}"


def mask_snils(digits: str) -> str:
    """A SNILS for pages: only the last two digits of the number and its check digits are shown."""
    return f"***-***-*{digits[7:9]} {digits[9:]}"
