"""Lifecycle: who stays."""

from metrics.metric import Better, Grain, Metric, Source, Unit

LIFECYCLE_CARDS = (
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
