"""Mail to people, over a server that somebody has configured."""

from polycast.core.mail.model import Mail, MailRefused, MailServer, Security
from polycast.core.mail.sending import send_mail

__all__ = ["Mail", "MailRefused", "MailServer", "Security", "send_mail"]
