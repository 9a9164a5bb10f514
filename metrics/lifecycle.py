"""Lifecycle: how steadily members take part, who is new, who drifts, and who stays."""

from collections.abc import Mapping

import duckdb

from metrics.cells import Tally, tally
from metrics.metric import ALL_GRAINS, Better, Grain, Metric, Part, Source, Unit

DRIFTING_AFTER_DAYS = 56
AWAY_AFTER_DAYS = 112
HABITUAL_WEEKS = 9
FLOWS = ("new", "returning", "resurrected", "dormant")

_ACTION = "An action is an interaction or an attended event; of the two, what was loaded counts."

LIFECYCLE_CARDS = (
    Metric(
        name="habit_segments",
        title="Made it a habit",
        question="For how many members is the community a habit?",
        formula="members with an action in 9 or more of the last 12 calendar weeks (habitual), in 1 to 8 (occasional), in none / roster",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.ATTENDANCE, Source.INTERACTIONS),
        needs_any=True,
        look_back=84,
        breakdown="habitual, occasional, none",
        over="conduct",
        denominator=lambda m: m.count(),
        parts=(
            Part("habitual", lambda m: (m.action_weeks >= HABITUAL_WEEKS).ifelse(1, 0).sum()),
            Part("occasional", lambda m: m.action_weeks.between(1, HABITUAL_WEEKS - 1).ifelse(1, 0).sum()),
            Part("none", lambda m: (m.action_weeks == 0).ifelse(1, 0).sum()),
        ),
        reading="The three add up to 1. Higher is better for habitual; a holiday in the twelve weeks lowers it for everybody.",
        reference="Viva Insights, identify_habit, with a threshold for communities and every calendar week counted.",
        caveats=f"{_ACTION} Windows of neighbouring weeks overlap, so a week has no usual range. Members who joined within the twelve weeks can hardly be habitual yet. A month or a quarter reads its last whole week.",
        practices=("collaboration-tools", "resistance-to-change"),
    ),
    Metric(
        name="member_flow",
        title="Coming and going",
        question="Who is new, who came back, and who has gone quiet?",
        formula="members with an action in the period: the first ever (new), also in the period before (returning), before that (resurrected); without one, but with one before (dormant)",
        unit=Unit.PEOPLE,
        better=Better.NEITHER,
        grains=ALL_GRAINS,
        segment_grains=(Grain.QUARTER,),
        needs=(Source.ATTENDANCE, Source.INTERACTIONS),
        needs_any=True,
        warm_up=90,
        breakdown="new, returning, resurrected, dormant",
        reading="New, returning and resurrected are all who were active. New and resurrected less the growth of dormant is the net flow.",
        reference="8Knot, new, returning and drifting contributors.",
        caveats=f"{_ACTION} “Ever” begins with the first covered day, so the first 90 days are no data. Groups in quarters only; where one of a group's four counts is too small, all four are withheld.",
    ),
    Metric(
        name="drift",
        title="Active, drifting, away",
        question="How long ago did members last do anything?",
        formula="members whose last action lies up to 8 weeks back (active), 9 to 16 (drifting), longer (away) / members of the roster with any action ever",
        unit=Unit.SHARE,
        better=Better.NEITHER,
        grains=ALL_GRAINS,
        needs=(Source.ATTENDANCE, Source.INTERACTIONS),
        needs_any=True,
        look_back=112,
        breakdown="active, drifting, away",
        over="conduct",
        denominator=lambda m: m.days_since_action.notnull().ifelse(1, 0).sum(),
        parts=(
            Part("active", lambda m: (m.days_since_action <= DRIFTING_AFTER_DAYS).ifelse(1, 0).sum()),
            Part(
                "drifting",
                lambda m: m.days_since_action.between(DRIFTING_AFTER_DAYS + 1, AWAY_AFTER_DAYS).ifelse(1, 0).sum(),
            ),
            Part("away", lambda m: (m.days_since_action > AWAY_AFTER_DAYS).ifelse(1, 0).sum()),
        ),
        reading="The three add up to 1. Drifting is who a kind word may still reach.",
        reference="8Knot, activity windows, scaled from months to the weeks of a community.",
        caveats=f"{_ACTION} Weeks are counted as seven days back from the period's last day: 56 days are active, 57 drifting, 113 away. Members who never did anything are not in it.",
    ),
    Metric(
        name="quarter_retention",
        title="Still here after a quarter",
        question="Of those active last quarter, how many are active in this one?",
        formula="members active in the quarter and in the one before / all members active in the one before, leavers included",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=(Grain.QUARTER,),
        needs=(Source.INTERACTIONS,),
        numerator=lambda m: (m.is_active_next & (m.interactions > 0)).ifelse(1, 0).sum(),
        denominator=lambda m: (m.interactions > 0).ifelse(1, 0).sum(),
        of_previous=True,
        reading="0: a new crowd every quarter; 1: nobody was lost.",
        reference="LFX Insights and Viva Insights, retention, corrected: people who vanished stay in the denominator.",
        caveats="Active means at least one interaction. A member belongs to the segment of the quarter before.",
    ),
)


def count_flows(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    """Add `member_flow` to `cells`: counts of people, groups in quarters only."""
    tally(
        connection,
        "conduct",
        [
            Tally(
                "member_flow",
                value=f"count_if(flow = '{flow}')",
                people=f"count_if(flow = '{flow}')",
                breakdown=flow,
                segment_grains=(Grain.QUARTER,),
            )
            for flow in FLOWS
        ],
        columns,
    )
