"""The password rule of the portal."""

_LENGTH = 8


def missing_classes(password: str) -> list[str]:
    """What a password lacks: 8 signs, upper and lower case, a digit, a special sign."""
    checks = {
        "не короче 8 знаков": len(password) >= _LENGTH,
        "заглавная буква": any(sign.isupper() for sign in password),
        "строчная буква": any(sign.islower() for sign in password),
        "цифра": any(sign.isdigit() for sign in password),
        "специальный знак": any(not sign.isalnum() and not sign.isspace() for sign in password),
    }
    return [name for name, fits in checks.items() if not fits]
