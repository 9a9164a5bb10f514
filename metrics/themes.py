"""Themes: what members write about in their own words, counted by keywords that a community can edit.

Only counts leave: no sentence, and no word of fewer than ten people. Unhappy people write more, so themes are never
read as how common something is; that is why the tone of those who wrote stands beside everybody's.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import log

import duckdb
import pandas as pd

from data.redaction import IsName, is_nobody
from metrics.comments import read_roster_of
from metrics.metric import Better, Grain, Metric, Source, Unit
from metrics.stopwords import ASKING, STOP_WORDS
from metrics.survey_frames import add_results

SUGGESTED = 12
UNTHEMED = "no theme"

_BIAS = "Unhappy people write more often (in one published survey 9.4 % against 1.7 %), so a theme's share says what is written about, never how common something is."
_RULE = "By keywords, in any case; irony and other languages than the keywords' are missed. Withheld under ten writers, or where those left over would be fewer than ten."

THEME_CARDS = (
    Metric(
        name="comment_rate",
        title="Wrote a comment",
        question="How many said something in their own words?",
        formula="respondents who wrote something in a text question / respondents",
        unit=Unit.SHARE,
        better=Better.NEITHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        reading="A fifth to a third is usual where the question is optional.",
        reference="Viva Glint, comment rate.",
        caveats=f"More comments are no better and no worse. {_BIAS}",
        practices=("open-ended-nuance",),
    ),
    Metric(
        name="comment_themes",
        title="Themes of comments",
        question="What do those who write write about?",
        formula="respondents whose comments hold a keyword of the theme / respondents who wrote",
        unit=Unit.SHARE,
        better=Better.NEITHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="theme",
        reading="A comment may have several themes or none; shares do not add up to 1. Keywords are the table themes of the settings.",
        reference="Viva Glint keyword themes.",
        caveats=f"{_BIAS} {_RULE}",
        practices=("open-ended-nuance",),
    ),
    Metric(
        name="comment_tone",
        title="How those who wrote answered",
        question="Are those who write about a theme more or less content?",
        formula="mean over respondents of their own mean score of 0 to 100 over all items on a scale: those who wrote, those who did not, and those who wrote about a theme",
        unit=Unit.SCORE,
        better=Better.HIGHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="wrote, silent, or theme",
        reading="Wrote far below silent: the comments are those of the unhappy. It stands in the place of a reading of mood from words.",
        reference="Answers of the same respondents; comments after Poncheri and others 2008, who found the dissatisfied to write more.",
        caveats=f"It is how people answered, not what their words sound like. Not tested. {_RULE}",
        practices=("open-ended-nuance",),
    ),
    Metric(
        name="comment_prescriptive",
        title="Say what to do",
        question="How many comments ask for something?",
        formula="respondents whose comments hold a word of asking (please, should, more, fewer, …) / respondents who wrote",
        unit=Unit.SHARE,
        better=Better.NEITHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        reading="High: people offer things to do, so answer them.",
        reference="Viva Glint, prescriptive comments.",
        caveats=f"A fixed list of English words; other languages are missed. {_BIAS}",
        practices=("gathers-feedback",),
    ),
)


def match_themes(comments: pd.Series, themes: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Which comment (by its index) is under which theme: one column of booleans a theme."""
    plain = comments.map(_plain)
    return pd.DataFrame(
        {theme: plain.str.contains(_pattern(words), regex=True) for theme, words in themes.items() if words},
        index=comments.index,
    )


def suggest_words(
    comments: Sequence[str] | pd.Series, fewest: int, known: Sequence[str], is_name: IsName
) -> list[tuple[str, int]]:
    """Words that many write and few comments share: TF-IDF over respondents, best first, with how many wrote them.

    Only words of at least `fewest` respondents, without stop words, keywords that there are (`known`) and names (`is_name`).
    """
    texts = [_words(text) for text in comments]
    writers = Counter(word for words in texts for word in set(words))
    uses = Counter(word for words in texts for word in words)
    pattern = re.compile(_pattern(known)) if known else None
    scored = [
        (uses[word] * (1 + log((1 + len(texts)) / (1 + count))), word, count)
        for word, count in writers.items()
        if count >= fewest and word not in STOP_WORDS and not is_name(word) and not (pattern and pattern.search(word))
    ]
    return [(word, count) for _, word, count in sorted(scored, key=lambda found: (-found[0], found[1]))[:SUGGESTED]]


def measure_themes(
    connection: duckdb.DuckDBPyConnection,
    scores: pd.DataFrame,
    themes: Mapping[str, Sequence[str]],
    k: int,
    is_erased: IsName = is_nobody,
) -> None:
    """Add the comment numbers of every closed wave, and the temp table `theme_suggestions` (wave, word, writers).

    `scores` is what `read_answers` returns, `k` the smallest number of writers that may show.
    """
    connection.execute(
        "create or replace temp table theme_suggestions (wave varchar, place integer, word varchar, writers integer)"
    )
    completed = connection.execute(_ASKING_WAVES).fetchall()
    if not completed:
        return
    written = connection.execute(_WRITTEN).df()
    roster = read_roster_of(connection, is_erased)
    for wave, people in completed:
        comments = written[written["wave"] == wave].set_index("respondent")["text"]
        own = scores[(scores["wave"] == wave) & (scores["kind"] == "likert")].groupby("respondent")["score"].mean()
        rows = pd.DataFrame(_measure(comments, own, people, themes, k))
        add_results(connection, rows.assign(period=wave, dimension="all", segment="all"))
        if len(comments) >= k:
            known = [word for words in themes.values() for word in words]
            suggested = suggest_words(comments, k, known, roster.is_anybody)
            for place, (word, writers) in enumerate(suggested, start=1):
                connection.execute("insert into theme_suggestions values (?, ?, ?, ?)", [wave, place, word, writers])


# All that a respondent wrote in one wave, as one text.
_WRITTEN = """
select answers.wave, answers.respondent, string_agg(answers.text, ' . ' order by answers.item_id) as text
from answers
join survey_completed using (wave, respondent)
join survey_waves using (wave)
where answers.text is not null
  and trim(answers.text) <> ''
  and survey_waves.closed_on is not null
group by all
order by all
"""

# Waves with a text question; in the others nobody could write.
_ASKING_WAVES = """
select wave, completed
from survey_waves
where completed > 0
  and wave in (select wave from survey_items where kind = 'text')
order by position
"""


def _measure(
    comments: pd.Series, own: pd.Series, people: int, themes: Mapping[str, Sequence[str]], k: int
) -> Iterator[dict[str, object]]:
    yield _share("comment_rate", "all", len(comments), people, people)
    if comments.empty:
        return
    yield _share(
        "comment_prescriptive", "all", int(match_themes(comments, {"asks": ASKING})["asks"].sum()), len(comments), k
    )
    found = match_themes(comments, themes)
    found[UNTHEMED] = ~found.any(axis=1)
    for theme in found:
        yield _share("comment_themes", str(theme), int(found[theme].sum()), len(comments), k)
    silent = own.index.difference(comments.index)
    yield from _tones(own, {"wrote": comments.index, "silent": silent}, own.index, k)
    yield from _tones(
        own, {str(theme): comments.index[found[theme]] for theme in themes if theme in found}, comments.index, k
    )


def _share(metric: str, breakdown: str, count: int, of: int, k: int) -> dict[str, object]:
    """A share of respondents, withheld where those counted, the others or all who wrote are fewer than `k`.

    Nobody and everybody are shown.
    """
    row: dict[str, object] = {"metric": metric, "breakdown": breakdown}
    if metric != "comment_rate" and (0 < count < k or 0 < of - count < k or of < k):
        return row | {"status": "withheld"}
    return row | {"value": count / of, "numerator": count, "denominator": of, "people": of, "status": "final"}


def _tones(own: pd.Series, parts: Mapping[str, pd.Index], whole: pd.Index, k: int) -> Iterator[dict[str, object]]:
    """Mean scores of parts of a whole whose own mean is known, withheld where a part or the rest of the whole is under `k`."""
    everybody = own.index.intersection(whole)
    for name, who in parts.items():
        here = own.index.intersection(who)
        row: dict[str, object] = {"metric": "comment_tone", "breakdown": name}
        if not len(here):
            continue
        if len(here) < k or 0 < len(everybody) - len(here) < k:
            yield row | {"status": "withheld"}
        else:
            yield row | {
                "value": float(own[here].mean()),
                "denominator": len(here),
                "people": len(here),
                "verdict": "not tested",
                "status": "final",
            }


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace("’", "'")


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]{3,30}", _plain(text))


def _pattern(words: Sequence[str]) -> str:
    """Whole words and beginnings of words as one pattern without nesting, so that it runs in linear time."""
    parts = [
        re.escape(_plain(word).rstrip("*")).replace(r"\ ", r"\s+") + (r"\w*" if word.endswith("*") else "")
        for word in words
        if word.strip(" *")
    ]
    return rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)"
