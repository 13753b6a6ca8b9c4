"""What can be found, and what is found."""

from msgspec import Struct


class SearchWords(Struct, frozen=True, kw_only=True):
    """How a row presents itself to the search."""

    kind: str  # "channel", "movie", "programme", "station", "setting" ...
    title: str
    subtitle: str = ""  # shown below the title: "2021, Science fiction"
    text: str = ""  # other words it is found by, not shown: people, original title, description
    weight: int = 0  # 0-100: what is wanted more often among titles that match as well
    image: str = ""  # path on our own origin, or empty


class Hit(Struct, frozen=True, kw_only=True):
    """One thing found."""

    ref: str  # "library.movie:123"
    kind: str
    title: str
    subtitle: str
    image: str
    score: float  # only its order means anything, and only within one answer
