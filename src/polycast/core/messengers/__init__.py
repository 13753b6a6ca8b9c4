"""Messages to the services that Apprise knows. Its code runs in a confined child and reaches the world through us alone."""

from polycast.core.messengers.model import Message, Sent, Tone
from polycast.core.messengers.service import Messengers, open_messengers

__all__ = ["Message", "Messengers", "Sent", "Tone", "open_messengers"]
