"""Every export that Hearth knows, the more particular before the more general."""

from ingest.formats import (
    discord,
    discourse,
    eventbrite,
    glint,
    google_forms,
    google_meet,
    limesurvey,
    long,
    luma,
    m365,
    mattermost,
    meetup,
    ms_forms,
    qualtrics,
    slack,
    slack_analytics,
    surveymonkey,
    teams,
    teams_log,
    typeform,
    viva_engage,
    zoom,
    zoom_webinar,
    zulip,
)
from ingest.formats.export import Export
from ingest.formats.format import Format

EVENTS: tuple[Format, ...] = (
    zoom_webinar.FORMAT,
    zoom.FORMAT,
    teams_log.LIVE_EVENT,
    teams_log.LIST,
    teams.FORMAT,
    google_meet.FORMAT,
    eventbrite.FORMAT,
    luma.FORMAT,
    meetup.MEMBERS,
    meetup.ATTENDEES,
)
CHAT: tuple[Format, ...] = (
    slack.SLACK_EXPORT,
    zulip.ZULIP,
    mattermost.MATTERMOST,
    viva_engage.ARCHIVE,
    viva_engage.MESSAGES_TABLE,
    viva_engage.USERS_TABLE,
    discord.DISCORD_JSON,
    discord.DISCORD_CSV,
    discourse.USER_ARCHIVE,
    discourse.USER_LIST,
    slack_analytics.MEMBER_TOTALS,
    slack_analytics.CHANNEL_TOTALS,
    slack_analytics.DAILY_TOTALS,
    slack_analytics.MEMBER_LIST,
    m365.USER_REPORT,
    m365.GROUP_REPORT,
    m365.DAY_REPORT,
)
SURVEYS: tuple[Format, ...] = (
    qualtrics.FORMAT,
    surveymonkey.FORMAT,
    typeform.FORMAT,
    limesurvey.FORMAT,
    glint.FORMAT,
    ms_forms.FORMAT,
    google_forms.FORMAT,
    long.FORMAT,
)
FORMATS: tuple[Format, ...] = (*EVENTS, *CHAT, *SURVEYS)


def recognise_format(export: Export) -> Format | None:
    """The format of an export, by its content; None for a file that is canonical, or of no tool that is known."""
    return next((known for known in FORMATS if known.recognise(export)), None)


def kinds_of(name: str) -> tuple[str, ...]:
    """Every canonical kind that the exports of a tool can give; none for a name that is no tool's."""
    return tuple(dict.fromkeys(kind for known in FORMATS if known.name == name for kind in known.kinds))


def is_one_event(name: str) -> bool:
    """Whether the exports of a tool are reports of one event each."""
    return any(known.is_one_event for known in FORMATS if known.name == name)
