"""Rollups: the integer counts that behaviour metrics read instead of facts.

Each is an Ibis expression over one declared table of facts, without a connection: compiled for DuckDB it
runs beside the warehouse, compiled for another engine it runs where the facts lie. An atom is the
intersection of a week and a month, so weeks, months and quarters are all sums of atoms.

Facts hold what everybody did. `is_known` marks what people of the community did (on a roster, no bots, not
opted out); the rest is there only so that a thread keeps its true beginning. Staff are known here and
leave in the panel.
"""

import ibis
import ibis.expr.types as ir

FACTS = ibis.table(
    {
        "occurred_at": "timestamp",
        "day": "date",
        "hour": "uint8",
        "actor": "int32",
        "target": "int32",
        "more_targets": "array<int32>",
        "kind": "string",
        "channel": "string",
        "topic": "string",
        "thread": "string",
        "interaction_id": "string",
        "position": "int64",
        "is_addressed": "boolean",
        "is_question": "boolean",
        "is_known": "boolean",
        "has_threads": "boolean",
    },
    name="facts",
)

CONTENT_KINDS = ("post", "reply", "message")
STARTING_KINDS = ("post", "message")


@ibis.udf.agg.builtin(name="bit_or")  # type: ignore[untyped-decorator]  # ibis ships the decorator without types
def bit_or(x: int) -> int:  # type: ignore[empty-body]  # names the function that the engines have
    """The bitwise or of a group; Ibis has it, but not for every engine."""


def atom_of(day: ir.DateValue) -> ir.DateValue:
    """The first day of the atom a day lies in: the later of its Monday and the first of its month."""
    return ibis.greatest(day.truncate("W"), day.truncate("M"))


def member_atoms(facts: ir.Table = FACTS) -> ir.Table:
    """One row per person and atom: interactions and contributions they made, and a mask of active weekdays (bit 0 Monday)."""
    known = facts.filter(facts.is_known)
    weekday = known.day.day_of_week.index().cast("int32")
    return (
        known.mutate(person=known.actor, atom=atom_of(known.day), bit=ibis.literal(1, "int32") << weekday)
        .group_by("person", "atom")
        .aggregate(
            interactions=lambda t: t.count(),
            contributions=lambda t: t.kind.isin(CONTENT_KINDS).ifelse(1, 0).sum(),
            day_mask=lambda t: bit_or(t.bit),
        )
    )


def member_channels(facts: ir.Table = FACTS) -> ir.Table:
    """One row per person, channel and atom: interactions they made there, and a mask of active weekdays."""
    known = facts.filter(facts.is_known & facts.channel.notnull())
    weekday = known.day.day_of_week.index().cast("int32")
    return (
        known.mutate(person=known.actor, atom=atom_of(known.day), bit=ibis.literal(1, "int32") << weekday)
        .group_by("person", "channel", "atom")
        .aggregate(interactions=lambda t: t.count(), day_mask=lambda t: bit_or(t.bit))
    )


def member_topics(facts: ir.Table = FACTS) -> ir.Table:
    """One row per person, topic and atom: what they wrote on it. Where a fact names no topic, its channel stands for it."""
    topic = ibis.coalesce(facts.topic, facts.channel)
    written = facts.filter(facts.is_known & facts.kind.isin(CONTENT_KINDS) & topic.notnull())
    return (
        written.mutate(
            person=written.actor, topic=ibis.coalesce(written.topic, written.channel), atom=atom_of(written.day)
        )
        .group_by("person", "topic", "atom")
        .aggregate(contributions=lambda t: t.count())
    )


def member_hours(facts: ir.Table = FACTS) -> ir.Table:
    """One row per person, month, weekday (0 Monday) and hour of the community's zone: interactions they made."""
    known = facts.filter(facts.is_known)
    return (
        known.mutate(person=known.actor, month=known.day.truncate("M"), weekday=known.day.day_of_week.index())
        .group_by("person", "month", "weekday", "hour")
        .aggregate(interactions=lambda t: t.count())
    )


def first_seen(facts: ir.Table = FACTS) -> ir.Table:
    """One row per person and kind: the first day on which they did it."""
    known = facts.filter(facts.is_known)
    return known.mutate(person=known.actor).group_by("person", "kind").aggregate(first_day=lambda t: t.day.min())


def threads(facts: ir.Table = FACTS) -> ir.Table:
    """One row per thread: starter, day and channel of the first post, whether it asks, and the first reply by somebody else.

    A post or message starts a thread unless an earlier one has the same thread; reactions, mentions and
    meetings start none. A reply is of kind reply, or a later post or message in the thread; the first one
    by a known person other than the starter counts. Threads without a thread id stand alone.
    """
    said = facts.filter(facts.has_threads & facts.kind.isin(CONTENT_KINDS))
    openings = said.filter(said.kind.isin(STARTING_KINDS))
    order = ibis.window(
        group_by=openings.thread, order_by=[openings.occurred_at, openings.interaction_id, openings.position]
    )
    starts = (
        openings.mutate(turn=ibis.row_number().over(order))
        .filter(lambda t: t.turn == 0)
        .select(
            "thread",
            "channel",
            "is_question",
            starter="actor",
            started_at="occurred_at",
            started_on="day",
            opening="position",
        )
    )
    replies = said.join(starts.select("thread", "starter", "started_at", "opening"), "thread")
    by_others = replies.filter(
        (replies.actor != replies.starter)
        & replies.is_known
        & (replies.position != replies.opening)
        & (replies.occurred_at >= replies.started_at)
    )
    turns = ibis.window(
        group_by=by_others.opening,  # a number, and as good a name of the thread as its own
        order_by=[by_others.occurred_at, by_others.interaction_id, by_others.position],
    )
    first = (
        by_others.mutate(turn=ibis.row_number().over(turns))
        .filter(lambda t: t.turn == 0)
        .select("opening", replier="actor", replied_at="occurred_at")
    )
    return starts.left_join(first, "opening").select(
        "thread", "channel", "is_question", "starter", "started_at", "started_on", "replier", "replied_at"
    )


THREADS = ibis.table({"thread": "string", "starter": "int32"}, name="threads")
COMMUNITY = ibis.table({"person": "int32"}, name="community")
ALIASES = ibis.table({"person": "int32", "member": "int32"}, name="aliases")


def pair_atoms(
    facts: ir.Table = FACTS,
    started: ir.Table = THREADS,
    community: ir.Table = COMMUNITY,
    aliases: ir.Table = ALIASES,
) -> ir.Table:
    """One row per actor, target and atom: how many (interaction, known target), each counted once, never to oneself; a mask of weekdays.

    An interaction addressed to several people counts once for each. A reply addressed to nobody is to
    the one who started its thread.
    """
    known = facts.filter(facts.is_known)
    one = known.filter(known.target.notnull() & known.more_targets.isnull()).select("actor", "target", "day")
    several = known.filter(known.more_targets.notnull())
    named = ibis.union(
        several.select("position", "actor", "target", "day"),
        several.select("position", "actor", "day", target=several.more_targets.unnest()).select(
            "position", "actor", "target", "day"
        ),
        distinct=False,
    )
    to_nobody = known.filter(~known.is_addressed & (known.kind == "reply"))
    inferred = (
        to_nobody.join(started, "thread").select("actor", "day", target="starter").select("actor", "target", "day")
    )
    # One member may be named twice, also by two of their ids.
    each = _as_members(named, aliases).distinct().select("actor", "target", "day")
    addressed = ibis.union(_as_members(ibis.union(one, inferred, distinct=False), aliases), each, distinct=False)
    return (
        addressed.filter(addressed.actor != addressed.target)
        .semi_join(community, [("target", "person")])
        .mutate(
            atom=lambda t: atom_of(t.day),
            bit=lambda t: ibis.literal(1, "int32") << t.day.day_of_week.index().cast("int32"),
        )
        .group_by("actor", "target", "atom")
        .aggregate(interactions=lambda t: t.count(), day_mask=lambda t: bit_or(t.bit))
    )


def _as_members(addressed: ir.Table, aliases: ir.Table) -> ir.Table:
    """The same rows with targets by the id that stands for a member's others."""
    known = addressed.left_join(aliases, addressed.target == aliases.person)
    return known.select(
        *addressed.drop("target").columns, target=ibis.coalesce(aliases.member, addressed.target)
    ).select(*addressed.columns)
