"""How an e-mail is put together: plain text and the same as HTML, nothing about the person.

The new policies of `email` know addresses and encode words rightly, and take two milliseconds for a
letter; here they write single headers, kept when they repeat, and the letter takes them as they
are: a tenth of that.
"""

from email.headerregistry import Address
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import SMTP, Compat32
from email.utils import format_datetime
from functools import lru_cache
from html import escape

from lkmr_notify.usecases.ports import Dispatch

_SIGNATURE = "Это письмо отправлено автоматически, отвечать на него не нужно."
_STOP = "Не получать такие письма"
_LONGEST = 900  # RFC 5322 lets a line have 998 characters


class _AsWritten(Compat32):
    """Headers that are ready stand in a letter as they are."""

    def fold_binary(self, name: str, value: str) -> bytes:
        return f"{name}: {value}\r\n".encode("ascii")


_POLICY = _AsWritten(linesep="\r\n", mangle_from_=False)


def letter_of(dispatch: Dispatch, sender: Address) -> Message:
    """The letter of a delivery; a repeat has the same Message-ID.

    One that can be stopped carries a one-click address for it (RFC 8058).
    Raises ValueError when the address is not one.
    """
    letter = MIMEMultipart("alternative", boundary=dispatch.delivery.hex, policy=_POLICY)
    letter["From"] = _kept("From", str(sender))
    letter["To"] = _recipient(Address(addr_spec=dispatch.to.open()))
    letter["Subject"] = _kept("Subject", dispatch.subject)
    letter["Date"] = format_datetime(dispatch.create_time)
    letter["Message-ID"] = f"<{dispatch.delivery}@{sender.domain}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter["Content-Language"] = "ru"
    if dispatch.unsubscribe:
        letter["List-Unsubscribe"] = f"<{dispatch.unsubscribe}>"
        letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        letter["List-ID"] = f"<{dispatch.group.lower()}.{sender.domain}>"
    letter.attach(_part(_plain(dispatch), "plain"))
    letter.attach(_part(_html(dispatch), "html"))
    return letter


def _recipient(address: Address) -> str:
    plain = address.addr_spec.isascii() and len(address.addr_spec) < _LONGEST
    return address.addr_spec if plain else _written("To", address)


def _written(name: str, value: object) -> str:
    """A header as it stands in a letter: folded, other alphabets encoded. Raises ValueError."""
    _, parsed = SMTP.header_store_parse(name, value)
    folded: str = SMTP.fold(name, parsed)
    return folded[len(name) + 2 :].rstrip("\r\n")


@lru_cache(maxsize=1000)
def _kept(name: str, value: str) -> str:
    return _written(name, value)


def _part(text: str, kind: str) -> MIMEText:
    return MIMEText("\r\n".join([*text.split("\n"), ""]), kind, "utf-8", policy=_POLICY)


def _plain(dispatch: Dispatch) -> str:
    stop = [f"{_STOP}: {dispatch.unsubscribe}"] if dispatch.unsubscribe else []
    paragraphs = [*dispatch.paragraphs, dispatch.link, _SIGNATURE, *stop]
    return "\n\n".join(paragraphs).replace("\u00a0", " ")


def _html(dispatch: Dispatch) -> str:
    link = escape(dispatch.link, quote=True)
    paragraphs = "".join(f"<p>{escape(one)}</p>" for one in dispatch.paragraphs)
    stop = ""
    if dispatch.unsubscribe:
        stop = f'<p><a href="{escape(dispatch.unsubscribe, quote=True)}">{_STOP}</a></p>'
    return (
        f'<!doctype html><html lang="ru"><head><meta charset="utf-8">'
        f"<title>{escape(dispatch.subject)}</title></head><body>{paragraphs}"
        f'<p><a href="{link}">Открыть сообщение в кабинете</a></p>'
        f"<p>{escape(_SIGNATURE)}</p>{stop}</body></html>"
    )
