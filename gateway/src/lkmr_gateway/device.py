"""The device key of a browser: family and platform, which a mere update does not change."""

import re
from functools import lru_cache

_FAMILIES = (
    (b"YaBrowser/", "yandex"),
    (b"Edg/", "edge"),
    (b"OPR/", "opera"),
    (b"Firefox/", "firefox"),
    (b"Chrome/", "chrome"),
    (b"Safari/", "safari"),
)
_PLATFORMS = (
    (b"Android", "android"),
    (b"iPhone", "iphone"),
    (b"iPad", "ipad"),
    (b"Windows", "windows"),
    (b"Mac OS X", "macos"),
    (b"CrOS", "chromeos"),
    (b"Linux", "linux"),
)


@lru_cache(maxsize=4096)
def device_key(user_agent: bytes) -> str:
    """`firefox;windows`; a program goes by the name before its version.

    `Sec-CH-UA` has no part in it: browsers send it to some addresses and not to others, and a
    session must not end because of that (docs/divergences.md).
    """
    family = next((name for sign, name in _FAMILIES if sign in user_agent), "")
    platform = next((name for sign, name in _PLATFORMS if sign in user_agent), "")
    if not family:
        family = user_agent[:64].partition(b"/")[0].decode("latin-1").lower() or "unnamed"
    return f"{family};{platform}"


_WORDS = (
    (re.compile(r"YaBrowser/(\d+)"), "Яндекс Браузер"),
    (re.compile(r"Edg/(\d+)"), "Edge"),
    (re.compile(r"OPR/(\d+)"), "Opera"),
    (re.compile(r"Firefox/(\d+)"), "Firefox"),
    (re.compile(r"Chrome/(\d+)"), "Chrome"),
    (re.compile(r"Version/(\d+)[\d.]* .*Safari/"), "Safari"),
)


def device_words(user_agent: str) -> str:
    """A browser for its person: «Firefox 131»; empty when it cannot be told."""
    for sign, name in _WORDS:
        if found := sign.search(user_agent):
            return f"{name} {found[1]}"
    return ""
