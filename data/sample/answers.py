"""What the invented community answers: three waves of one survey, with one question that truly falls."""

from datetime import date, timedelta

import numpy as np

from data.sample.people import REGIONS, TEAMS, People, Rng

# Label, first day, last day, share that answers.
WAVES = (
    ("2025 autumn", date(2025, 9, 15), date(2025, 10, 3), 0.70),
    ("2026 spring", date(2026, 3, 9), date(2026, 3, 27), 0.74),
    ("2026 autumn", date(2026, 9, 14), date(2026, 10, 2), 0.71),
)
AGREE = ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree")

# Id, column, construct, labelled, reversed, latent mean on 1 to 5 in each wave.
QUESTIONS = (
    ("proud", "I am proud to belong to this community", "engagement", True, False, (3.9, 3.9, 3.9)),
    ("recommend", "I would recommend this community to a colleague", "engagement", True, False, (4.0, 4.0, 4.1)),
    ("attached", "I feel attached to this community", "engagement", True, False, (3.5, 3.5, 3.5)),
    ("inspires", "This community inspires me to do my best", "engagement", True, False, (3.4, 3.5, 3.4)),
    ("motivates", "This community motivates me to help it reach its goals", "engagement", True, False, (3.5, 3.5, 3.5)),
    ("belong", "I feel that I belong here", "sense_of_community", False, False, (3.8, 3.8, 3.9)),
    ("help", "When I ask for help here I get it", "sense_of_community", False, False, (3.7, 3.8, 4.0)),
    ("hesitate", "I hesitate to say what I think here", "safety", False, True, (2.5, 2.5, 2.5)),
    ("mistakes", "I can admit a mistake here", "safety", False, False, (3.6, 3.6, 3.6)),
    ("heard", "My voice is heard in decisions", "voice", False, False, (3.45, 3.25, 3.25)),
    ("leads", "What we say leads to change", "voice", False, False, (3.2, 3.2, 3.2)),
    ("time", "Taking part takes a reasonable amount of time", "wellbeing", False, False, (3.6, 3.6, 3.6)),
)
RECOMMENDATION = "How likely are you to recommend this community, 0 to 10?"
PREFERENCE = "Where do you like to meet best?"
PLACES = ("Calls", "Chat", "In person", "Workshops")
COMMENT = "What should we change?"
COMMENTS = (
    "More time for questions at the call.",
    "Meet in the morning now and then.",
    "Tell us what became of our ideas.",
    "Keep the workshops.",
    "Less mail, more chat.",
    "Nothing, it works.",
)


Minds = np.ndarray


def make_minds(rng: Rng, count: int) -> Minds:
    """What each person thinks of each question, as a distance from the mean: the same in every wave (people x questions)."""
    temper = rng.normal(0, 0.55, (count, 1))
    turns = np.array([-1.0 if is_reversed else 1.0 for _, _, _, _, is_reversed, _ in QUESTIONS])
    return temper * turns + rng.normal(0, 0.75, (count, len(QUESTIONS)))


def answer_wave(
    rng: Rng, people: People, minds: Minds, place: int, *, effects: bool
) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a wave. Respondent ids are invented and say nothing about the member."""
    _, opened, closed, rate = WAVES[place]
    here = people.is_here(np.arange(people.count), np.full(people.count, opened.toordinal()))
    invited = np.flatnonzero(here & ~people.is_bot & ~people.is_staff)
    chance = rate * np.where(people.team[invited] == TEAMS.index("Operations"), 0.85, 1.05)
    chosen = invited[rng.random(len(invited)) < chance]
    columns = [
        _scale(rng, means[place if effects else 0] + minds[chosen, question], labelled=labelled)
        for question, (_, _, _, labelled, _, means) in enumerate(QUESTIONS)
    ]
    likely = np.clip(np.round(7.4 + 2 * minds[chosen, 1]), 0, 10).astype(int).astype(str)
    places = rng.choice(PLACES, size=len(chosen), p=(0.35, 0.25, 0.25, 0.15))
    comments = np.where(rng.random(len(chosen)) < 0.15, rng.choice(COMMENTS, size=len(chosen)), "")
    minutes = np.sort(rng.integers(0, ((closed - opened).days) * 24 * 60, len(chosen)))
    times = [
        f"{opened + timedelta(days=int(m) // 1440)} {8 + int(m) % 1440 // 144:02d}:{int(m) % 60:02d}" for m in minutes
    ]
    keys = rng.permutation(len(chosen)) + 1
    rows = [
        [f"r{key:04d}", time, TEAMS[people.team[person]], REGIONS[people.region[person]]]
        + [column[row] for column in columns]
        + [likely[row], str(places[row]), str(comments[row])]
        for row, (key, time, person) in enumerate(zip(keys, times, chosen, strict=True))
    ]
    header = ["respondent_id", "submitted_at", "team", "region", *[column for _, column, *_ in QUESTIONS]]
    return [*header, RECOMMENDATION, PREFERENCE, COMMENT], rows


def describe_items() -> list[list[str]]:
    """The rows of items.csv."""
    header = [
        "column",
        "item_id",
        "wording",
        "kind",
        "scale_min",
        "scale_max",
        "labels",
        "favourable",
        "neutral",
        "reverse",
        "construct",
        "na_codes",
        "outcome",
    ]
    rows = [header]
    for item, column, construct, labelled, is_reversed, _ in QUESTIONS:
        labels = ";".join(AGREE) if labelled else ""
        rows.append(
            [column, item, column, "likert", "1", "5", labels, "", "", _yes(is_reversed), construct, "N/A", "no"]
        )
    rows.append([RECOMMENDATION, "nps", RECOMMENDATION, "nps", "0", "10", "", "", "", "no", "", "", "yes"])
    rows.append([PREFERENCE, "place", PREFERENCE, "choice", "", "", "", "", "", "no", "", "", "no"])
    rows.append([COMMENT, "change", COMMENT, "text", "", "", "", "", "", "no", "", "", "no"])
    return rows


def _scale(rng: Rng, latent: np.ndarray, *, labelled: bool) -> list[str]:
    codes = np.clip(np.round(latent), 1, 5).astype(int)
    draw = rng.random(len(latent))
    cells = [AGREE[code - 1] if labelled else str(code) for code in codes]
    return [
        "" if chance < 0.02 else "N/A" if chance < 0.035 else cell for cell, chance in zip(cells, draw, strict=True)
    ]


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"
