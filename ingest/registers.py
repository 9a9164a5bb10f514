"""Registers: the small lists that people keep by hand: objectives, actions, annotations and outside references."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ingest.cells import Day, Flag, Number, Text, Whole, one_of
from ingest.importer import Importer


class ObjectiveRow(BaseModel):
    """One goal for one metric."""

    model_config = ConfigDict(extra="forbid")

    objective_id: Text = Field(description="Id of the objective.")
    title: Text = Field(description="What is to be reached, in a sentence.")
    metric: Text = Field(description="Name of the metric it is measured by.")
    segment: Text | None = Field(default=None, description="Group it is about; empty for the whole community.")
    starts_on: Day | None = Field(default=None, description="Day it was set.")
    baseline: Number = Field(description="The number when it was set; shares as 0 to 1.")
    target: Number = Field(description="The number to reach; shares as 0 to 1.")
    due_on: Day = Field(description="Day by which it is to be reached.")
    owner: Text | None = Field(default=None, description="Who looks after it.")
    programme: Text | None = Field(default=None, description="Programme it belongs to.")


class ActionRow(BaseModel):
    """One thing that somebody promised to do."""

    model_config = ConfigDict(extra="forbid")

    action_id: Text = Field(description="Id of the action.")
    title: Text = Field(description="What is to be done.")
    found_on: Day | None = Field(default=None, description="Day the reason for it was seen.")
    finding: Text | None = Field(default=None, description="The reason: metric, segment and period.")
    owner: Text | None = Field(default=None, description="Who does it.")
    opened_on: Day = Field(description="Day it was promised.")
    due_on: Day | None = Field(default=None, description="Day it is due.")
    status: Text | None = Field(default=None, description="Open, done or dropped.")
    closed_on: Day | None = Field(default=None, description="Day it was done.")
    follow_up_metric: Text | None = Field(default=None, description="Metric that should move.")
    effect_seen_on: Day | None = Field(default=None, description="Day an effect was seen.")
    message_to_members: Text | None = Field(default=None, description="What members were told.")


class AnnotationRow(BaseModel):
    """One thing worth knowing beside a chart."""

    model_config = ConfigDict(extra="forbid")

    on: Day = Field(description="Day it is about.")
    label: Text = Field(description="A few words.")
    kind: Text | None = Field(default=None, description="What kind of thing: holiday, tool, event, programme.")
    metric: Text | None = Field(default=None, description="The metric it concerns; empty for all.")
    rebase: Flag = Field(default=False, description="Whether usual limits start anew from here.")


class BenchmarkRow(BaseModel):
    """One outside reference."""

    model_config = ConfigDict(extra="forbid")

    metric: Text = Field(description="Name of the metric it can be held against.")
    value: Number = Field(description="The published number; shares as 0 to 1.")
    unit: Text | None = Field(default=None, description="Unit, as on the metric's card.")
    publisher: Text = Field(description="Who published it.")
    year: Whole = Field(ge=1900, le=2199, description="Year it is about.")
    population: Text | None = Field(default=None, description="Who was measured.")
    low: Number | None = Field(default=None, description="Lower end of a printed range.")
    high: Number | None = Field(default=None, description="Upper end of a printed range.")
    link: Text | None = Field(default=None, description="Where it can be read.")
    match: Annotated[str, one_of("A", "B", "C")] | None = Field(
        default=None, description="A same formula, B close, C indicative."
    )
    expires_on: Day | None = Field(default=None, description="Day after which it is too old.")


OBJECTIVES = Importer(
    name="objectives",
    title="Objectives",
    row=ObjectiveRow,
    table="objectives",
    key=("objective_id",),
    example={
        "objective_id": "O1",
        "title": "Two in five members at an event each quarter",
        "metric": "event_participation",
        "baseline": "0.34",
        "target": "0.4",
        "due_on": "2026-12-31",
    },
)

ACTIONS = Importer(
    name="actions",
    title="Actions",
    row=ActionRow,
    table="actions",
    key=("action_id",),
    example={
        "action_id": "A1",
        "title": "Evening slot for people on shifts",
        "owner": "Community team",
        "opened_on": "2026-10-05",
        "due_on": "2026-11-30",
        "status": "open",
    },
)

ANNOTATIONS = Importer(
    name="annotations",
    title="Annotations",
    row=AnnotationRow,
    table="annotations",
    key=("on", "label"),
    renamed={"on": "occurred_on"},
    example={"on": "2026-06-01", "label": "Moved to the new chat", "kind": "tool", "rebase": "no"},
)

BENCHMARKS = Importer(
    name="benchmarks",
    title="Outside references",
    row=BenchmarkRow,
    table="benchmarks",
    key=("metric", "publisher", "year"),
    example={
        "metric": "survey_response",
        "value": "0.75",
        "unit": "share",
        "publisher": "Your sector body",
        "year": "2025",
        "match": "B",
    },
)
