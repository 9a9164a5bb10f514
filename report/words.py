"""The sentences. Each claims only what a verdict or a signal says, and names no cause."""

import re
from collections.abc import Sequence

from metrics.metric import Unit
from report.numbers import write_value

# Characters that Markdown gives a meaning: emphasis, links, code, headings, formulas, entities, Streamlit's :directives,
# and those that make a list or a line of what begins with them.
MARKUP = re.compile(r"([\\`*_\[\]<>#$|~&]|:(?=\w)|(?<![^\n])[-+=](?=[\s=-])|(?<=\d)[.)](?=\s))")
# Addresses become links even when escaped; an invisible joiner in front of this place keeps them text.
ADDRESS = re.compile(r"(?<=https:)(?=//)|(?<=http:)(?=//)|(?<=www)(?=\.)|(?<=@)(?=[\w-]+\.)", re.IGNORECASE)
WORD_JOINER = "\u2060"

# What a lower and a higher number of a metric mean, as a clause that can begin a sentence.
CLAUSES = {
    "event_participation": ("fewer members came to events", "more members came to events"),
    "answered_within_day": ("questions wait longer for an answer", "questions are answered sooner"),
    "posting_members": ("fewer members wrote something", "more members wrote something"),
    "active_members": ("fewer members took part in the talk", "more members took part in the talk"),
    "member_to_member": ("less of the talk goes between members", "more of the talk goes between members"),
    "newcomers_with_tie": ("fewer newcomers have found a tie", "more newcomers have found a tie"),
    "cross_team_share": ("fewer ties cross teams", "more ties cross teams"),
    "quarter_retention": ("fewer members stayed active", "more members stayed active"),
    "engagement_index": ("the engagement index is lower", "the engagement index is higher"),
    "actions_on_time": ("fewer actions were closed on time", "more actions were closed on time"),
    "favourable:voice": ("answers on voice are less favourable", "answers on voice are more favourable"),
    "event_return": ("fewer came back to events", "more came back to events"),
    "interactions_per_member": ("members interact less", "members interact more"),
    "weekly_stickiness": ("members take part less steadily", "members take part more steadily"),
    "thread_response": ("fewer threads got a reply", "more threads got a reply"),
}

# A first step that members and staff can take where a number got worse; it asks, and knows no cause.
FIRST_STEPS = {
    "event_participation": "Ask members who did not come what would bring them",
    "answered_within_day": "Agree who looks after open questions each day",
    "posting_members": "Ask one question that every member can answer",
    "member_to_member": "Pass the next questions on to members who know",
    "newcomers_with_tie": "Introduce each newcomer to one member",
    "cross_team_share": "Bring two teams together around one topic",
}

# Why a group of one mind has a band instead of a number.
BANDED = "nearly all answered alike, so only a band is shown"

# What the denominator of a metric counts.
NOUNS = {
    "event_participation": "members",
    "show_up": "registrations",
    "event_return": "attendees before",
    "first_timers": "attendees",
    "attendance_per_event": "events",
    "reach": "members",
    "interactions_per_member": "members",
    "active_members": "members",
    "posting_members": "members",
    "weekly_stickiness": "active members",
    "share_of_voice": "contributions",
    "member_to_member": "interactions",
    "thread_response": "threads",
    "answered_within_day": "questions",
    "newcomers_with_tie": "newcomers",
    "cross_team_share": "ties",
    "quarter_retention": "members active before",
    "giant_component": "members",
    "isolates": "members",
    "reciprocity": "ties",
    "member_answered": "threads answered",
    "newcomer_conversion": "newcomers",
    "habit_segments": "members",
    "after_programme": "people whose programme ended",
    "actions_on_time": "actions due",
    "mentoring_coverage": "newcomers",
    "mentoring_meetings": "pairs",
    "recognition_coverage": "members",
    "recognition_givers": "members",
    "value_stories": "active members",
    "joint_actions": "projects begun",
    "learning": "members",
    "new_roles": "members",
    "evaluation_engagement": "members",
    "action_loop": "actions opened",
    "survey_response": "invited",
}


def clause(metric: str, *, is_up: bool) -> str:
    """A clause about the direction of a metric."""
    lower, higher = CLAUSES.get(metric, ("a number is lower", "a number is higher"))
    return higher if is_up else lower


def join_clauses(worse: Sequence[str], better: Sequence[str]) -> str:
    """Up to two clauses as one sentence, what got worse first; "but" between the two kinds, "and" within one."""
    if worse and better:
        return sentence(f"{worse[0]}, but {better[0]}")
    return sentence(", and ".join((worse or better)[:2]))


def verbatim(text: str) -> str:
    """A text that people uploaded, so that the page shows its characters and never reads them as markup."""
    return ADDRESS.sub(WORD_JOINER, MARKUP.sub(r"\\\1", text))


def sentence(text: str) -> str:
    """A text with a capital and a full stop."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def number_word(count: int) -> str:
    """Small numbers in words, as in running text."""
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    return words[count] if 0 <= count < len(words) else str(count)


def plain_list(names: Sequence[str]) -> str:
    """Care, Digital and Estates."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def beyond_limit(value: float, limit: float, unit: Unit, *, is_up: bool) -> str:
    """Which limit a number passed, in words."""
    side = "above the upper" if is_up else "below the lower"
    return f"{side} limit of {write_value(limit, unit)}"


def withheld_words(k: int) -> str:
    """What a withheld number says, and what can be done."""
    return f"Withheld: fewer than {k} people, or it would reveal a small group."
