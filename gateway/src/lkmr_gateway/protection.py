"""Headers that every answer carries (reliability rules, section 9)."""

from lkmr_gateway.exchange import Header

_OFF = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "usb",
    "xr-spatial-tracking",
)
_OWN_PAGES = ("publickey-credentials-create", "publickey-credentials-get")  # passkeys
_PERMISSIONS = [f"{name}=()" for name in _OFF] + [f"{name}=(self)" for name in _OWN_PAGES]
COMMON: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", ", ".join(_PERMISSIONS).encode()),
)
NO_STORE: Header = (b"cache-control", b"no-store")
DATA_POLICY: Header = (
    b"content-security-policy",
    b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
)
FILE_POLICY: Header = (
    b"content-security-policy",
    b"sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
)
TRANSPORT: Header = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")
