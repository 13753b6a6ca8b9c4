"""Why a provider did not do what it was asked, in one vocabulary."""

from enum import StrEnum

from polycast.core.errors import Unavailable


class Trouble(StrEnum):
    """What follows from a failure."""

    REFUSED = "refused"  # never, at this provider: infringing, too big, invalid
    SLOTS = "slots"  # too many active; later
    TRAFFIC = "traffic"  # this key has used up what it had; tomorrow, or with another key
    BACK_OFF = "back_off"  # asked too often
    ACCOUNT = "account"  # wrong key, expired, blocked
    GONE = "gone"  # the file is no more at its hoster
    NOT_FOUND = "not_found"  # the item is no more at the provider
    RETRY = "retry"  # a fault of theirs that passes


PASSING = frozenset({Trouble.SLOTS, Trouble.BACK_OFF, Trouble.RETRY, Trouble.TRAFFIC, Trouble.ACCOUNT})


class ProviderError(Unavailable):
    """A provider's refusal. `word` is its own code, for the log and the person who asks."""

    code = "provider"

    def __init__(self, trouble: Trouble, message: str, *, word: str = "", retry_after: int | None = None) -> None:
        super().__init__(message)
        self.trouble = trouble
        self.word = word
        self.retry_after = retry_after  # seconds
