"""How an e-mail is put together: plain text and the same as HTML, nothing about the person."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from lkmr_notify.usecases.ports import Dispatch

_SIGNATURE = "Это письмо отправлено автоматически, отвечать на него не нужно."
_STOP = "Не получать такие письма"


def letter_of(dispatch: Dispatch, sender: Address) -> EmailMessage:
    """The letter of a delivery; a repeat has the same Message-ID.

    One that can be stopped carries a one-click address for it (RFC 8058).
    Raises ValueError when the address is not one.
    """
    letter = EmailMessage(policy=SMTP)
    letter["From"] = sender
    letter["To"] = Address(addr_spec=dispatch.to.open())
    letter["Subject"] = dispatch.subject
    letter["Date"] = format_datetime(dispatch.create_time)
    letter["Message-ID"] = f"<{dispatch.delivery}@{sender.domain}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter["Content-Language"] = "ru"
    if dispatch.unsubscribe:
        letter["List-Unsubscribe"] = f"<{dispatch.unsubscribe}>"
        letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        letter["List-ID"] = f"<{dispatch.group.lower()}.{sender.domain}>"
    stop = [f"{_STOP}: {dispatch.unsubscribe}"] if dispatch.unsubscribe else []
    text = "\n\n".join([*dispatch.paragraphs, dispatch.link, _SIGNATURE, *stop])
    letter.set_content(text.replace("\u00a0", " ") + "\n")
    letter.add_alternative(_html(dispatch), subtype="html")
    return letter


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
