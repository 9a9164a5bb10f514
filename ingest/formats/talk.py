"""Messages of any chat tool as rows of interactions: who said something, to whom, and who reacted or was mentioned.

Bots and what the tool itself says are left out and counted; the text is read for its intent and goes no further.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ingest.formats.format import Identity, Reading, Row
from ingest.formats.intent import asks, own_words, read_intent

COLUMNS = (
    "occurred_at", "actor_id", "target_id", "channel", "kind", "thread_id", "interaction_id", "topic", "intent",
)  # fmt: skip
NO_REACTION_TIMES = "Reactions carry no time in this export; each is taken at the time of its message."


class Reaction(NamedTuple):
    """One person's reaction to a message. `at` is None where the tool keeps no time."""

    name: str
    giver: str
    at: str | None = None


class Start(NamedTuple):
    """What is remembered of a message that others reply to: who wrote it and whether it asks."""

    author: str
    is_ask: bool


@dataclass(slots=True)
class Message:
    """One message of a person, in the tool's own ids.

    `id` is stable over exports. `parent` is what is known of the message that it replies to; `is_reply` may be true
    without it. `thread` is the `id` of the message that began the thread, where the tool says that there is one.
    `addressed` are those whom a direct message is to.
    """

    id: str
    at: str
    author: str
    channel: str | None
    text: str
    is_reply: bool = False
    parent: Start | None = None
    thread: str | None = None
    topic: str | None = None
    mentioned: Iterable[str] = ()
    calls_everybody: bool = False
    reactions: Iterable[Reaction] = ()
    addressed: tuple[str, ...] | None = None

    def as_start(self) -> Start:
        """What replies to the message need to know of it."""
        return Start(self.author, asks(own_words(self.text)))


class Talk:
    """Lays out messages as rows, numbered as they come: one message gives several, and each row must have a number of its own.

    `known` are the people of the export by id; those met are added to the reading.
    """

    def __init__(self, reading: Reading, known: Mapping[str, Identity]) -> None:
        self.reading = reading
        self.known = known
        self._row_number = 0
        self._met: set[str] = set()
        self._warned = False

    def meet(self, person: str, shown: Identity | None = None) -> None:
        """Note that somebody occurs in the rows; `shown` is who they are where the people of the export do not say."""
        if person not in self._met:
            self._met.add(person)
            self.reading.people.append(self.known.get(person) or shown or Identity(person))

    def is_bot(self, person: str) -> bool:
        """Whether the export says that somebody is a bot."""
        found = self.known.get(person)
        return found is not None and found.kind == "bot"

    def lay_out(self, message: Message) -> Iterator[Row]:
        """The message's own row, then one for each mention and each reaction. Nothing for a bot's message but the count."""
        if self.is_bot(message.author):
            self.leave_out_bot(message.reactions)
            return
        self.meet(message.author)
        mentioned = [person for person in dict.fromkeys(message.mentioned) if person != message.author]
        people = [person for person in mentioned if not self.is_bot(person)]
        if len(people) < len(mentioned):
            self.reading.leave_out("mentions of bots", len(mentioned) - len(people))
        intent = read_intent(
            message.text,
            mentions_people=bool(people),
            calls_everybody=message.calls_everybody,
            is_reply=message.is_reply,
            to_ask=message.parent is not None and message.parent.is_ask and message.parent.author != message.author,
        )
        kind = "message" if message.addressed is not None else "reply" if message.is_reply else "post"
        yield self._row(message, message.at, message.author, self._target_of(message), kind, message.id, intent)
        for person in people:
            self.meet(person)
            yield self._row(message, message.at, message.author, person, "mention", f"{message.id}:@{person}", None)
        yield from self._reactions_to(message)

    def leave_out_bot(self, reactions: Iterable[Reaction] = ()) -> None:
        """Count a bot's message and the reactions to it, which are addressed to nobody."""
        self.reading.leave_out("bot messages")
        if count := sum(1 for _ in reactions):
            self.reading.leave_out("reactions to bot messages", count)

    def _target_of(self, message: Message) -> str | None:
        if message.addressed:
            for person in message.addressed:
                self.meet(person)
            return ";".join(message.addressed)
        if message.parent is None or self.is_bot(message.parent.author):
            return None
        self.meet(message.parent.author)
        return message.parent.author

    def _reactions_to(self, message: Message) -> Iterator[Row]:
        for reaction in message.reactions:
            if self.is_bot(reaction.giver):
                self.reading.leave_out("reactions of bots")
                continue
            self.meet(reaction.giver)
            if reaction.at is None and not self._warned:
                self._warned = True
                self.reading.warnings.append(NO_REACTION_TIMES)
            key = f"{message.id}:{reaction.name}:{reaction.giver}"
            at = reaction.at or message.at
            yield self._row(message, at, reaction.giver, message.author, "reaction", key, None)

    def _row(
        self, message: Message, at: str, actor: str, target: str | None, kind: str, key: str, intent: str | None
    ) -> Row:
        self._row_number += 1
        return self._row_number, (at, actor, target, message.channel, kind, message.thread, key, message.topic, intent)
