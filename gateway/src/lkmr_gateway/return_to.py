"""Where a person is led after sign-in: a page of ours, or home."""

from urllib.parse import quote, unquote

from lkmr_gateway.access import is_page

HOME = "/"
_MAX = 512
_SPACE, _DELETE = 0x20, 0x7F


def safe_return_to(wanted: str) -> str:
    """The wanted path with its query when it is one of our pages; otherwise home.

    Begins with exactly one `/`, holds no backslash and no control character, also after decoding
    (reliability rules, section 9).
    """
    if not 0 < len(wanted) <= _MAX or not wanted.isascii():
        return HOME
    path, _, query = wanted.partition("?")
    plain = unquote(unquote(path))
    for text in (wanted, plain, unquote(unquote(query))):
        if "\\" in text or "#" in text or any(_is_control(letter) for letter in text):
            return HOME
    if plain != path or "//" in plain or any(part in {".", ".."} for part in plain.split("/")):
        return HOME
    return wanted if plain.startswith("/") and is_page(plain) else HOME


def entrance(wanted: str) -> str:
    """Address of the front page that remembers what was asked for."""
    target = safe_return_to(wanted)
    return HOME if target == HOME else f"/?return_to={quote(target, safe='/')}"


def _is_control(letter: str) -> bool:
    return ord(letter) < _SPACE or ord(letter) == _DELETE
