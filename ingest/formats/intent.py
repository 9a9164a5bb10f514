"""What a message wants, by a published rule, read from its text before the text is dropped.

The rule reads the words that a message's author wrote: code and quoted lines are not theirs. First that fits:

- ask: it ends in a question mark (smileys, links, mentions and a short word of thanks behind the mark do not count);
- introduce: it mentions somebody and welcomes or presents them;
- thank: it begins or ends with words of thanks, other than "no thanks" and "thanks in advance";
- announce: it starts a thread and calls everybody (@channel, @here, @everyone);
- answer: it is in a thread that somebody else started with a question.
"""

import re

LONGEST = 4_000  # characters that are looked at, from the end for questions and from the start for the rest
EDGE = 80  # characters at either end in which thanks are meant as such; deep inside a long text they are politeness

# What the rule was right about, of how many hand-labelled messages of the samples; tests/test_formats_intent.py counts them
# anew. No sample calls everybody or presents somebody, so announce and introduce are not measured.
PRECISION: dict[str, tuple[int, int]] = {"ask": (135, 156), "thank": (56, 57), "answer": (49, 60)}

_QUESTION_MARKS = ("?", "？", "؟", "⁇", "⁈")
_AFTER_THE_MARK = "\"'”’»)]}*_~`!.…"
_BEHIND = re.compile(r"<[^>]*>|:[\w+-]+:|https?://\S+|@\S+|[:;=x8][-']?[()dpo/|]+|\W+", re.IGNORECASE)
_THANKS = re.compile(
    r"\b(thanks|thank (?:you|u)|thankyou|thx|tnx|ty|cheers for|much appreciated|danke|dankesch[öo]n|vielen dank|merci|gracias"
    r"|obrigad[oa]|grazie|dzi[eę]ki|dzi[eę]kuj[eę]|takk|tack s[åa] mycket|kiitos|bedankt|dank je|dank u|спасибо|ありがとう|谢谢)\b"
    r"|ありがとう|谢谢",
    re.IGNORECASE,
)
_SIGNED_OFF = re.compile(
    r"(?<=[?？؟])[\s\"')]{1,4}(?:many )?(?:thanks|thank you|thx|cheers|tia|danke|merci|gracias)\b[^?]{0,40}$",
    re.IGNORECASE,
)
_NO_THANKS = re.compile(
    r"\bno,? (?:thanks|thank you)\b|\b(?:thanks|thank you|thx),? (?:in advance|but no)\b|\bdanke im voraus\b|\bnein,? danke\b"
    r"|\bmerci d.av\w+\b|\bgracias de antemano\b|\bthanks? (?:god|goodness|you for any|for any)\b",
    re.IGNORECASE,
)
_PRESENTS = re.compile(
    r"\b(welcome|introduc(?:e|ing)|meet|say (?:hi|hello) to|willkommen|begr[üu](?:ß|ss)t|bienvenue|bienvenid[oa]s?|benvenut[oa])\b",
    re.IGNORECASE,
)


def read_intent(
    text: str,
    *,
    mentions_people: bool = False,
    calls_everybody: bool = False,
    is_reply: bool = False,
    to_ask: bool = False,
) -> str | None:
    """ask, introduce, thank, announce, answer, or None. `to_ask` says that a reply is to the question of somebody else."""
    own = own_words(text)
    if asks(own):
        return "ask"
    start = own[:LONGEST]
    if mentions_people and _PRESENTS.search(start):
        return "introduce"
    edges = start[:EDGE] + "\n" + own[-EDGE:]
    if _THANKS.search(edges) and not _NO_THANKS.search(start):
        return "thank"
    if calls_everybody and not is_reply:
        return "announce"
    return "answer" if to_ask else None


def own_words(text: str) -> str:
    """A message without what its author did not write: code between fences, and lines that quote."""
    said = " ".join(text.split("```")[::2]) if "```" in text else text
    if ">" not in said and "&gt;" not in said:
        return said
    return "\n".join(line for line in said.splitlines() if not line.lstrip().startswith((">", "&gt;")))


def asks(own: str) -> bool:
    """Whether the last word of a text carries a question mark."""
    words = _SIGNED_OFF.sub("", own[-LONGEST:].rstrip()).split()
    while words and not words[-1].endswith(_QUESTION_MARKS) and _BEHIND.fullmatch(words[-1]):
        words.pop()
    if not words or words[-1].startswith(("http://", "https://")):
        return False
    ends = words[-1].rstrip(_AFTER_THE_MARK).endswith(_QUESTION_MARKS)
    return ends and any(character.isalnum() for word in words for character in word)
