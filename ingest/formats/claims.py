"""Claims: what a report says of itself, held against its rows. Where the two differ a person is told both numbers."""

from ingest.formats.meetings import Meeting
from ingest.formats.times import as_moment


def check_attended(meeting: Meeting, claimed: int | None, ours: int) -> None:
    """Say so where a report's own number of people is another than that of its rows."""
    if claimed is not None and claimed != ours:
        meeting.warnings.append(f"The report says {claimed:,} attended and lists {ours:,} people.")


def check_minutes(meeting: Meeting, what: str, claimed: float | None, ours: float | None, within: float) -> None:
    """Say so where a report's own figure in minutes is further than `within` from that of its rows."""
    if claimed is not None and ours is not None and abs(claimed - ours) > within:
        meeting.warnings.append(
            f"The report gives {what} as {write_minutes(claimed)}; its rows make it {write_minutes(ours)}."
        )


def mean_minutes(meeting: Meeting) -> float | None:
    """The mean time there of those who came, of whom it is known; None where it is of nobody."""
    known = [minutes for person in meeting.attended if (minutes := person.time_there) is not None]
    return sum(known) / len(known) if known else None


def span_minutes(meeting: Meeting) -> float | None:
    """Minutes from the start of a meeting to its end; None where one of them is not known."""
    start, end = as_moment(meeting.starts_at or ""), as_moment(meeting.ends_at or "")
    if start is None or end is None or (start.tzinfo is None) != (end.tzinfo is None):
        return None
    return (end - start).total_seconds() / 60


def write_minutes(minutes: float) -> str:
    """Minutes as a person reads them: 1h 5m 30s."""
    seconds = round(minutes * 60)
    parts = [(seconds // 3600, "h"), (seconds % 3600 // 60, "m"), (seconds % 60, "s")]
    return " ".join(f"{number}{unit}" for number, unit in parts if number) or "0s"
