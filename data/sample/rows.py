"""The columns of invented talk: whole numbers that stand for names, 32 bits each, -1 for none."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from data.sample.people import Ints

Rows = dict[str, npt.NDArray[np.int32]]

MINUTES = 24 * 60
COLUMNS = ("minute", "actor", "target", "channel", "kind", "thread", "topic", "intent")
CHANNELS = ("general", "help", "ideas", "events", "tools", "wins")
KINDS = ("post", "reply", "reaction", "message", "mention", "meeting")
INTENTS = ("ask", "answer", "announce", "introduce", "thank")
TOPICS = ("access", "data", "learning", "rota", "spaces", "travel", "pay", "welcome")


def number(names: Sequence[str], name: str) -> int:
    """The number that stands for a name."""
    return names.index(name)


def fill(count: int, **given: Ints | npt.NDArray[np.int32] | int) -> Rows:
    """`count` rows of every column; a column that is not given is empty."""
    return {name: np.broadcast_to(np.asarray(given.get(name, -1), dtype=np.int32), count) for name in COLUMNS}


def join(parts: Sequence[Rows]) -> Rows:
    """Parts one below the other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in COLUMNS}
