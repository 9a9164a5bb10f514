"""Themes of comments: the words that put a comment under a theme, until a community writes its own into `settings.toml`.

A keyword is a word or a few words in a row, in any case; with * at its end it is the beginning of a word. A table
`[themes]` in the settings takes the place of all of these.
"""

THEMES: dict[str, tuple[str, ...]] = {
    "being heard": (
        "decid*", "decision*", "ask us", "asked", "listen*", "heard", "voice*", "vote*", "our ideas", "feedback", "at the table", "consult*",
    ),
    "time and meetings": (
        "time", "times", "meeting*", "hour*", "calendar*", "busy", "schedule*", "scheduling", "morning*", "evening*", "night*", "shift*", "lunch", "workload",
    ),
    "calls and events": ("call", "calls", "event*", "workshop*", "session*", "webinar*", "training*", "record*", "captions", "agenda*"),
    "channels and tools": (
        "channel*", "chat*", "mail", "mails", "email*", "tool*", "app", "apps", "slack", "teams", "forum*", "platform*", "notification*",
    ),
    "knowing people": (
        "know nobody", "know hardly", "hardly anybody", "people", "introduc*", "network*", "coffee", "other teams", "other floors", "outside my team",
        "silo*", "meet others",
    ),
    "newcomers": ("newcomer*", "new member*", "new here", "joined", "start*", "onboard*", "buddy", "mentor*", "welcom*"),
    "recognition": ("thank*", "recogni*", "prais*", "appreciate*", "appreciation", "celebrat*", "valued", "credit"),
    "information": ("inform*", "newsletter*", "update*", "transparen*", "unclear", "clear", "find", "where to ask", "document*"),
    "inclusion": ("inclu*", "exclu*", "same people", "same five people", "diverse", "diversity", "access*", "remote", "language*"),
}  # fmt: skip
