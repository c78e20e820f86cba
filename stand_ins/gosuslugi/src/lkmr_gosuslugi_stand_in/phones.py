"""Phone numbers: `+79000000006` inside, `+7(900)0000006` in the data of ESIA."""

import re

_NUMBER = re.compile(r"\+7[0-9]{10}")


def normal_phone(text: str) -> str | None:
    """`+7` and ten digits from the usual spellings of a Russian number; None for other texts."""
    plain = re.sub(r"[\s()\-\u00a0]", "", text)
    if re.fullmatch(r"[78][0-9]{10}", plain):
        plain = "+7" + plain[1:]
    return plain if _NUMBER.fullmatch(plain) else None


def esia_phone(phone: str) -> str:
    """The form of `value` in contacts: `+7(900)0000006`."""
    plain = normal_phone(phone)
    return f"+7({plain[2:5]}){plain[5:]}" if plain else phone


def masked_phone(phone: str) -> str:
    """For pages: `+7 ••• •••-••-06`."""
    return f"+7 ••• •••-••-{phone[-2:]}"
