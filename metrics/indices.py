"""Indices: scores of 0 to 100 over a fixed set of questions, each respondent's mean first, then the mean of these.

Which questions belong to an index is said by their construct. A construct may name a part after a slash
(`sense_of_community/membership`): then the index is over all parts and each part is a sub-score of its own.
"""

from metrics.metric import Better, Grain, Metric, Source, Unit

# Construct of the items, and the index that it makes.
INDICES = {
    "engagement": "engagement_index",
    "sense_of_community": "sense_of_community",
    "safety": "psychological_safety",
    "psychological_safety": "psychological_safety",
    "wellbeing": "wellbeing",
}

_OWN_MEANS = (
    "Margins are 95 %, from respondents' own means, corrected for the finite number of those invited where it is known."
)
_COMPLETE = "Only respondents who answered every question of it count, as in the Civil Service People Survey."

INDEX_CARDS = (
    Metric(
        name="engagement_index",
        title="Engagement index",
        question="How attached are members to the community?",
        formula="mean over respondents of the mean score of the items of the construct engagement; only those who answered all of them",
        unit=Unit.SCORE,
        better=Better.HIGHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        reading="0 to 100; in organisations 55 to 70 is usual.",
        reference="UK Civil Service People Survey technical guide: pride, advocacy, attachment, inspiration, motivation.",
        caveats=f"{_OWN_MEANS} Uses the items that the wave marks as engagement: five in the published form; with another number it is not comparable with published values.",
        practices=("belonging", "rates-frequency-feedback", "track-over-time"),
    ),
    Metric(
        name="sense_of_community",
        title="Sense of community",
        question="Do members feel that they belong here?",
        formula="mean over respondents of the mean score of the items of the construct sense_of_community, in all and for each part; only those who answered all of them",
        unit=Unit.SCORE,
        better=Better.HIGHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="part: needs, membership, influence, connection, where the items name them",
        reading="0: nobody agrees with anything; 100: everybody agrees fully. Compare it with your own earlier waves.",
        reference="Brief Sense of Community Scale, Peterson, Speer and McMillan 2008: eight items, two for each of four parts.",
        caveats=f"{_OWN_MEANS} {_COMPLETE} With other items than the eight published ones it is your own scale. Parts of two items are coarse.",
        practices=("belonging", "strong-relationships", "teamwork"),
    ),
    Metric(
        name="psychological_safety",
        title="Psychological safety",
        question="Is it safe to speak up, ask and admit mistakes here?",
        formula="mean over respondents of the mean score of the items of the construct safety (or psychological_safety), reversed ones turned; only those who answered all of them",
        unit=Unit.SCORE,
        better=Better.HIGHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        reading="0: nobody dares; 100: everybody does.",
        reference="Edmondson 1999: seven items, of which the first, third and fifth are reversed; CHAOSS inclusion items.",
        caveats=f"{_OWN_MEANS} {_COMPLETE} A reversed item that is not marked as reversed pulls the score to 50. Those who feel unsafe answer less often, so it may be lower than it looks.",
        practices=("open-channels", "safe-inclusive-valued"),
    ),
    Metric(
        name="wellbeing",
        title="Wellbeing and time",
        question="Does taking part leave members well?",
        formula="mean over respondents of the mean score of the items of the construct wellbeing, reversed ones turned; only those who answered all of them",
        unit=Unit.SCORE,
        better=Better.HIGHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        reading="0 to 100; items such as a reasonable amount of time, energised, and stress turned round.",
        reference="UK Civil Service People Survey, proxy stress and wellbeing items.",
        caveats=f"{_OWN_MEANS} {_COMPLETE} With a single item it is that item's score. It says nothing about health.",
        practices=("time-constraints", "mindfulness-wellbeing"),
    ),
)
