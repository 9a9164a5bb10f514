"""Messages as Slack writes them: what people said as rows, what apps and Slack itself say counted by words."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ingest.formats.format import Identity, Row
from ingest.formats.talk import Message, Reaction, Start, Talk
from ingest.formats.times import read_epoch

DIRECT_CHANNEL = "direct messages"

# What people write has no subtype or one of these; every other subtype is Slack or an app speaking.
HUMAN = (None, "", "me_message", "thread_broadcast", "file_share")
JOINS = ("channel_join", "channel_leave", "group_join", "group_leave")
DELETED = ("tombstone", "message_deleted")
NOTICES = (
    "message_changed",
    "message_replied",
    "reply_broadcast",
    "bot_add",
    "bot_remove",
    "bot_enable",
    "bot_disable",
)

_MENTION = re.compile(r"<@([A-Z][A-Z0-9]{2,})(?:\|[^>]*)?>")
_TO_ALL = re.compile(r"<!(?:channel|here|everyone)(?:\|[^>]*)?>")
_STAMP = re.compile(r"\d{1,11}(\.\d{1,6})?")


@dataclass(frozen=True)
class Conversation:
    """A channel or chat: its id, its name as shown, what sort of private one it is (empty: none), and who is in it."""

    id: str
    name: str
    sort: str = ""
    members: tuple[str, ...] = ()

    @property
    def is_chat(self) -> bool:
        return self.sort in ("group chat", "direct message")


def read_messages(
    messages: Iterable[Mapping[str, Any]], channel: Conversation, talk: Talk, starts: dict[str, Start]
) -> Iterator[Row]:
    """The rows of messages of one conversation, oldest first. `starts` are the threads begun before, and grow."""
    seen: set[str] = set()
    for said in sorted(messages, key=lambda one: str(one.get("ts", ""))):
        if (stamp := str(said.get("ts"))) in seen:
            continue
        seen.add(stamp)
        reason = _why_not(said, talk)
        if reason == "bot messages":
            talk.leave_out_bot(_reactions(said, talk))
            continue
        if reason:
            talk.reading.leave_out(reason)
            continue
        message = _as_message(said, channel, talk, starts)
        if message.thread == message.id or said.get("reply_count"):
            starts[message.id] = message.as_start()
        yield from talk.lay_out(message)


def _why_not(said: Mapping[str, Any], talk: Talk) -> str | None:
    """Why a message is not taken, in words to be counted by; None for one that is."""
    subtype, author = said.get("subtype"), said.get("user")
    if said.get("type", "message") != "message":
        return "notices of the tool"
    if subtype in JOINS:
        return "joins and departures"
    if subtype in NOTICES:
        return "notices of the tool"
    if subtype in DELETED or said.get("hidden") is True:
        return "deleted messages"
    if subtype == "file_comment" or (subtype == "file_share" and not said.get("files")):
        return "notices of files shared"  # before 2018 Slack wrote a sentence of its own beside the file
    if subtype == "bot_message" or said.get("bot_id") or said.get("bot_profile"):
        return "bot messages"
    if subtype not in HUMAN:
        return "notices of the tool"
    if not author:
        return "messages without an author"
    return "bot messages" if talk.is_bot(str(author)) else None


def _as_message(said: Mapping[str, Any], channel: Conversation, talk: Talk, starts: Mapping[str, Start]) -> Message:
    stamp, author, text = str(said.get("ts", "")), str(said["user"]), str(said.get("text") or "")
    thread = str(said["thread_ts"]) if said.get("thread_ts") else None
    is_reply = thread is not None and thread != stamp
    parent = starts.get(f"{channel.id}:{thread}") if is_reply else None
    if parent is None and is_reply and said.get("parent_user_id"):
        parent = Start(str(said["parent_user_id"]), is_ask=False)
    if author not in talk.known:
        talk.meet(author, _stranger(author, said.get("user_profile") or {}))
    return Message(
        id=f"{channel.id}:{stamp}",
        at=read_epoch(float(stamp)) if _STAMP.fullmatch(stamp) else stamp,
        author=author,
        channel=DIRECT_CHANNEL if channel.is_chat else channel.name,
        text=text,
        is_reply=is_reply,
        parent=parent,
        thread=f"{channel.id}:{thread}" if thread else None,
        mentioned=_MENTION.findall(text) if "<@" in text else (),
        calls_everybody="<!" in text and _TO_ALL.search(text) is not None,
        reactions=_reactions(said, talk),
        addressed=tuple(one for one in channel.members if one != author) if channel.is_chat else None,
    )


def _stranger(author: str, profile: Mapping[str, Any]) -> Identity:
    """Somebody of another workspace, or an account that is gone: known only from the message."""
    name = profile.get("real_name") or profile.get("display_name") or None
    return Identity(author, name, login=profile.get("name") or None, kind="guest" if profile else "member")


def _reactions(said: Mapping[str, Any], talk: Talk) -> list[Reaction]:
    """Those whose giver is named; the rest of the count is only counted."""
    found: list[Reaction] = []
    for reaction in said.get("reactions") or ():
        givers = dict.fromkeys(str(giver) for giver in reaction.get("users") or ())
        found.extend(Reaction(str(reaction.get("name")), giver) for giver in givers)
        count = reaction.get("count")
        if isinstance(count, int) and count > len(givers):
            talk.reading.leave_out("reactions whose giver the export does not name", count - len(givers))
    return found
