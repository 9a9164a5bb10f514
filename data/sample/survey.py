"""What the invented community answers: three waves of one survey, with one question that truly falls."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from data.sample.people import REGIONS, SILO, TEAMS, Floats, People, Rng

AGREE = ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree")
SKIPPED, NOT_APPLICABLE = 0.02, 0.015  # share of cells left empty, and answered N/A
COMMENTED = 0.18
CHANGE_OF_HEART = 0.2  # most who answer one wave answer the next
SPOILED = (("I feel that I belong here", 10, "7"), ("submitted_at", 40, "2026-09-31 10:00"), ("My voice is heard in decisions", 90, "often"))  # fmt: skip


@dataclass(frozen=True)
class Wave:
    """One wave of the survey."""

    label: str
    opened: date
    closed: date
    rate: float

    @property
    def file(self) -> str:
        year, season = self.label.split()
        return f"survey-{year}-{season}.csv"


@dataclass(frozen=True)
class Question:
    """One question on a scale of 1 to 5: the mean of what people think in each wave, and how it is asked."""

    item: str
    wording: str
    construct: str
    means: tuple[float, float, float]
    in_words: bool = False
    is_reversed: bool = False


WAVES = (
    Wave("2025 autumn", date(2025, 9, 15), date(2025, 10, 3), 0.67),
    Wave("2026 spring", date(2026, 3, 9), date(2026, 3, 27), 0.71),
    Wave("2026 autumn", date(2026, 9, 14), date(2026, 10, 2), 0.69),
)
QUESTIONS = (
    Question("proud", "I am proud to belong to this community", "engagement", (3.9, 3.9, 3.9), in_words=True),
    Question("recommend", "I would recommend this community to a colleague", "engagement", (4.0, 4.0, 4.0), in_words=True),
    Question("attached", "I feel attached to this community", "engagement", (3.5, 3.5, 3.5), in_words=True),
    Question("inspires", "This community inspires me to do my best", "engagement", (3.5, 3.5, 3.5), in_words=True),
    Question("motivates", "This community motivates me to help it reach its goals", "engagement", (3.5, 3.5, 3.5), in_words=True),
    Question("belong", "I feel that I belong here", "sense_of_community", (3.8, 3.8, 3.8)),
    Question("help", "When I ask for help here, I get it", "sense_of_community", (3.6, 3.6, 3.6)),
    Question("people", "I know people here whom I can turn to", "sense_of_community", (3.7, 3.7, 3.7)),
    Question("hesitate", "I hesitate to say what I think here", "safety", (2.5, 2.5, 2.5), is_reversed=True),
    Question("mistakes", "I can admit a mistake here", "safety", (3.6, 3.6, 3.6)),
    Question("heard", "My voice is heard in decisions", "voice", (3.52, 3.23, 3.23)),
    Question("leads", "What we say leads to change", "voice", (3.2, 3.2, 3.2)),
    Question("time", "Taking part takes a reasonable amount of time", "wellbeing", (3.6, 3.6, 3.6)),
)  # fmt: skip
RECOMMENDATION = "How likely are you to recommend this community, 0 to 10?"
PREFERENCE = "Where do you like to meet best?"
PLACES, PLACE_WEIGHTS = ("Calls", "Chat", "In person", "Workshops"), (0.35, 0.25, 0.25, 0.15)
COMMENT = "What should we change?"
COMMENTS = (
    "More time for questions at the call.",
    "Meet in the morning now and then; the lunch hour is when our shift starts.",
    "Tell us what became of our ideas.",
    "Decisions are made before we are asked.",
    "Ask us before the plan is final, not after.",
    "Keep the workshops, they are the best hour of my fortnight.",
    "Fewer channels. I never know where to ask.",
    "Less mail, more chat.",
    "Record the calls for those who work nights.",
    "I joined in spring and still know hardly anybody outside my team.",
    "Operations should be at the table more often.",
    "Please thank people in public, it costs nothing.",
    "The same five people talk every time.",
    "Captions on every call, please.",
    "Nothing, it works.",
    "A buddy for everybody who starts, not only for some.",
    "More coffee with other floors!",
    "When we vote on something, show the result.",
)


@dataclass(frozen=True)
class Minds:
    """What stays of a person from wave to wave."""

    leaning: Floats  # distance from the mean of each question (people x questions)
    readiness: Floats  # place in the line of those who answer, 0 to 1


def make_minds(rng: Rng, count: int) -> Minds:
    """What each person thinks of each question, and how ready they are to say it."""
    temper = rng.normal(0, 0.55, (count, 1))
    turns = np.array([-1.0 if question.is_reversed else 1.0 for question in QUESTIONS])
    return Minds(temper * turns + rng.normal(0, 0.75, (count, len(QUESTIONS))), rng.random(count))


def answer_wave(rng: Rng, people: People, minds: Minds, place: int, *, effects: bool) -> pa.Table:
    """The file of a wave, one row a respondent. Respondent ids are invented for each wave and say nothing about the member."""
    wave = WAVES[place]
    here = people.is_here(np.arange(people.count), np.full(people.count, wave.opened.toordinal()))
    invited = np.flatnonzero(here & people.is_member)
    in_silo = people.team[invited] == TEAMS.index(SILO)
    mood = (minds.readiness[invited] + CHANGE_OF_HEART * rng.random(len(invited))) % 1
    chosen = rng.permutation(invited[mood < wave.rate * np.where(in_silo & effects, 0.9, 1.04)])
    count = len(chosen)
    moments = np.sort((rng.beta(1, 2.2, count) * ((wave.closed - wave.opened).days + 1) * 600).astype(np.int64))
    columns: dict[str, list[str | None]] = {
        "respondent_id": [f"r{key:04d}" for key in rng.permutation(count) + 1],
        "submitted_at": [_write_moment(wave.opened, int(moment)) for moment in moments],
        "team": [TEAMS[team] for team in people.team[chosen]],
        "region": [REGIONS[region] for region in people.region[chosen]],
    }
    for column, question in enumerate(QUESTIONS):
        latent = question.means[place if effects else 0] + minds.leaning[chosen, column] + rng.normal(0, 0.15, count)
        columns[question.wording] = _mark(rng, latent, question)
    likely = np.clip(np.round(8.0 + 1.9 * minds.leaning[chosen, 1] + rng.normal(0, 0.5, count)), 0, 10).astype(np.int64)
    columns[RECOMMENDATION] = [str(mark) for mark in likely]
    columns[PREFERENCE] = [PLACES[choice] for choice in rng.choice(len(PLACES), size=count, p=PLACE_WEIGHTS)]
    says = rng.random(count) < COMMENTED
    remarks = rng.integers(0, len(COMMENTS), count)
    columns[COMMENT] = [COMMENTS[remark] if speaks else None for remark, speaks in zip(remarks, says, strict=True)]
    return pa.table(columns)


def spoil(answers: pa.Table) -> pa.Table:
    """The same answers with three mistakes: a 7 on a scale of 5, a day that does not exist, a word where a number belongs."""
    columns = answers.to_pydict()
    for column, row, wrong in SPOILED:
        if row < answers.num_rows:
            columns[column][row] = wrong
    return pa.table(columns)


def describe_items() -> pa.Table:
    """The items file: what each question column is."""
    rows = [
        {
            "column": question.wording,
            "item_id": question.item,
            "wording": question.wording,
            "kind": "likert",
            "scale_min": "1",
            "scale_max": "5",
            "labels": ";".join(AGREE) if question.in_words else None,
            "favourable": None if question.is_reversed else "4;5",
            "neutral": None if question.is_reversed else "3",
            "reverse": "yes" if question.is_reversed else "no",
            "construct": question.construct,
            "na_codes": "N/A",
            "outcome": "no",
        }
        for question in QUESTIONS
    ]
    others = (
        ("nps", RECOMMENDATION, "nps", "0", "10"),
        ("place", PREFERENCE, "choice", None, None),
        ("change", COMMENT, "text", None, None),
    )
    for item, wording, kind, least, most in others:
        empty = dict.fromkeys(rows[0])
        rows.append(
            empty
            | {
                "column": wording,
                "item_id": item,
                "wording": wording,
                "kind": kind,
                "scale_min": least,
                "scale_max": most,
            }
            | {"reverse": "no", "outcome": "yes" if kind == "nps" else "no"}
        )
    return pa.Table.from_pylist(rows)


def _mark(rng: Rng, latent: Floats, question: Question) -> list[str | None]:
    codes = np.clip(np.round(latent), 1, 5).astype(np.int64)
    words = AGREE if question.in_words else ("1", "2", "3", "4", "5")
    return [
        None if draw < SKIPPED else "N/A" if draw < SKIPPED + NOT_APPLICABLE else words[code - 1]
        for draw, code in zip(rng.random(len(latent)), codes, strict=True)
    ]


def _write_moment(opened: date, moment: int) -> str:
    """A working minute after the opening (600 a day, from eight o'clock) as a local time."""
    day, minute = divmod(moment, 600)
    return f"{opened + timedelta(days=day)} {8 + minute // 60:02d}:{minute % 60:02d}"
