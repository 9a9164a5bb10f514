"""The action loop: how long it takes from a finding to an action, and from an action to an effect."""

import duckdb
import pandas as pd

from metrics.collaborations import insert_waits
from metrics.hand_kept import final_after
from metrics.metric import Better, Grain, Metric, Source, Unit
from metrics.survival import median_wait

HORIZON = 180

LOOP_CARDS = (
    Metric(
        name="action_loop",
        title="From finding to effect",
        question="How long does it take until a finding leads to something?",
        formula=f"of actions opened in the quarter: median days from the finding to the action, and the Kaplan-Meier median of the days from the action to a seen effect, watched for {HORIZON} days",
        unit=Unit.DAYS,
        better=Better.LOWER,
        grains=(Grain.QUARTER,),
        needs=(Source.ACTIONS,),
        breakdown="finding to action, action to effect",
        reading=f"Half were quicker. Empty: after {HORIZON} days less than half had a seen effect.",
        reference="Hearth's own; Kaplan and Meier 1958.",
        caveats=f"Actions without a seen effect stay in as still waiting: a median of the others alone would be too short. A finding on which nobody acted is in no register. An effect that was seen is no proof of its cause. Action to effect changes for {HORIZON} days after the quarter's end.",
        practices=("check-ins",),
    ),
)

_WAITS = f"""
with opened as (
    select actions.*, periods.grain, periods.period, periods.complete, {final_after(HORIZON)} as after_horizon
    from actions
    join periods
      on periods.grain = 'quarter'
     and actions.opened_on between periods.starts_on and periods.ends_on
    where actions.opened_on <= getvariable('as_of')
)
select grain, period, 'finding to action' as breakdown, case when complete then 'final' else 'provisional' end as status,
       opened_on - found_on as days, false as is_waiting
from opened
where found_on <= opened_on
union all
select grain, period, 'action to effect', after_horizon,
       least({HORIZON}, getvariable('as_of') - opened_on, effect_seen_on - opened_on),
       not coalesce(effect_seen_on <= least(getvariable('as_of'), opened_on + {HORIZON}), false)
from opened
where effect_seen_on is null
   or effect_seen_on >= opened_on
"""


def time_actions(connection: duckdb.DuckDBPyConnection) -> None:
    """Add `action_loop` to `register_results`; numerator and denominator are the waits that ended and all waits."""
    found = connection.execute(_WAITS).df()
    rows = []
    for keys, waits in found.groupby(["grain", "period", "breakdown", "status"]):
        wait = median_wait(waits["days"], waits["is_waiting"])
        # Where nobody waits any more the median is the plain one, between the two in the middle.
        median = wait.median if waits["is_waiting"].any() else float(waits["days"].median())
        rows.append((*keys, median, wait.seen, wait.watched, wait.watched, wait.low, wait.high))
    if rows:
        columns = [
            "grain",
            "period",
            "breakdown",
            "status",
            "value",
            "numerator",
            "denominator",
            "people",
            "low",
            "high",
        ]
        insert_waits(connection, "action_loop", pd.DataFrame(rows, columns=columns))
