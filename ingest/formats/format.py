"""What a format is: a tool's export, recognised from its content and read into the text rows of a canonical file.

A format knows the tool; contracts, checks, people and loading are the same for all and know no tool.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from data.errors import BadFile
from ingest.formats.export import Export
from ingest.importer import Details
from ingest.mapping import Suggested

Row = tuple[int, Sequence[str | None]]


@dataclass(frozen=True)
class Identity:
    """Somebody as a tool knows them. `id` is what the rows call them; the rest helps to find the member they are."""

    id: str
    name: str | None = None
    email: str | None = None
    login: str | None = None
    kind: Literal["member", "guest", "bot"] = "member"


@dataclass(frozen=True)
class Question:
    """Something that a file does not say and a person must: `detail` is the field of Details that answers it.

    `choices` are the values it can have (none: any value), each with what it would make of an example.
    """

    detail: str
    words: str
    option: str
    choices: tuple[tuple[str, str], ...] = ()
    examples: tuple[str, ...] = ()


class Unsettled(BadFile):
    """A file that can be read in more than one way. The questions say what has to be known first."""

    def __init__(self, name: str, questions: Sequence[Question]) -> None:
        first = questions[0]
        shown = f" In the file: {', '.join(first.examples)}." if first.examples else ""
        options = " or ".join(f"{first.option} {value}" for value, _ in first.choices) or first.option
        super().__init__(f"{first.words}{shown}", where=name, fix=f"Say {options}.")
        self.questions = tuple(questions)


class Unmapped(BadFile):
    """A table of no tool that is known, of which nobody has said yet what its columns are.

    `kind` is what it seems to be (None: nothing), `suggested` what each column of its header seems to be, `examples`
    its first rows.
    """

    def __init__(
        self, name: str, kind: str | None, suggested: Sequence[Suggested], examples: Sequence[Sequence[str]]
    ) -> None:
        shown = ", ".join(one.column for one in suggested[:8])
        likely = [f'"{one.column}={one.target}"' for one in suggested if one.target and one.column != one.target]
        hint = f" It looks like {kind}: " if kind else ""
        mapped = f"--as {kind} {' '.join(f'--column {one}' for one in likely)}" if kind else "--as KIND"
        super().__init__(
            f"The columns {shown} are those of no file that Hearth knows.{hint.rstrip(': ')}{'.' if hint else ''}",
            where=name,
            fix=f"Say what they are, for example {mapped}, or compare the file with a template.",
        )
        self.kind = kind
        self.suggested = tuple(suggested)
        self.examples = tuple(tuple(row) for row in examples)


@dataclass
class Reading:
    """What a format makes of an export: the rows of one canonical kind as text.

    `rows` are (line in the export, cells in the order of `columns`); times are ISO text with an offset, or local to
    the community. A cell that cannot be read stays as it was, so that checking names it. `rows` may be lazy: `people`,
    `left_out` and `warnings` are complete once it is exhausted.
    `ragged` are lines whose number of cells is not the header's, with that number; their rows are there, cut or filled up.
    `covers` are the days that the export says it covers. `left_out` counts in words what was not taken ("bot
    messages": 94). `keys` gives a survey column the key that its tool keeps when the wording changes.
    `personal` are survey columns left out because they say who somebody is, with what they hold.
    """

    kind: str
    columns: tuple[str, ...]
    rows: Iterable[Row]
    people: list[Identity] = field(default_factory=list)
    covers: tuple[date, date] | None = None
    left_out: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    personal: dict[str, str] = field(default_factory=dict)
    ragged: list[tuple[int, int]] = field(default_factory=list)

    def leave_out(self, what: str, count: int = 1) -> None:
        """Count something that was not taken."""
        self.left_out[what] = self.left_out.get(what, 0) + count


@dataclass(frozen=True)
class Format:
    """One export of one tool.

    `kinds` are the canonical kinds it can give, the usual one first. `recognise` looks at the content only and is
    cheap. `read` takes the export, the kind wanted, what a person said, and the community's zone; it raises BadFile for a
    file that is not whole and Unsettled for one that can be read in more than one way.
    `is_one_event` says that a file is the report of one event, and covers the days since the report before it.
    """

    name: str
    title: str
    kinds: tuple[str, ...]
    recognise: Callable[[Export], bool]
    read: Callable[[Export, str, Details, str], Reading]
    is_one_event: bool = False
