"""Write the generated pages of the reference: metrics from their cards, files from their contracts, practices from
their map, and what was checked against published answers.

`python -m docs.generate` writes them; `--check` fails when what is written differs from what would be. The page of
verification needs the reference data and is left as it is without them.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from docs.practices import PRACTICES, describe_practices
from docs.verification import Row, behaviour, surveys, write_rows
from ingest.importers import IMPORTERS
from metrics.catalogue import FAMILIES
from metrics.metric import Metric

REFERENCE = Path(__file__).parent / "reference"


def describe_metrics() -> str:
    """docs/reference/metrics.md: question, formula, how to read it, what not to conclude, reference."""
    parts = [
        "# Metrics",
        "Every number that Hearth publishes, generated from the cards in `metrics/`. Shares are 0 to 1 in data and "
        "percent on pages. Staff and bots are in no number unless the card says so; a quiet period is a zero, a period "
        "that no upload covers is no data, and a group that is too small is withheld.",
    ]
    for family, cards in FAMILIES.items():
        parts.append(f"## {family}")
        parts += [_describe(card) for card in cards]
    return "\n\n".join(parts) + "\n"


def describe_files() -> str:
    """docs/reference/files.md: the canonical CSV files, column by column."""
    parts = [
        "# Files",
        "The canonical CSV files: UTF-8 with a header row, ISO dates and times with an offset or in the community's "
        "zone. Generated from the contracts in `ingest/`. Required columns are bold.",
    ]
    for importer in IMPORTERS:
        lines = [f"## {importer.name}", "", "| column | what |", "|---|---|"]
        for name, field in importer.row.model_fields.items():
            shown = f"**{name}**" if field.is_required() else name
            lines.append(f"| {shown} | {field.description or ''} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


PAGES = {"metrics.md": describe_metrics, "files.md": describe_files, "practices.md": describe_practices}


# Families whose numbers are checked against published answers, in the order of the page.
VERIFIED: dict[str, Callable[[Path], Sequence[Row]]] = {
    "Behaviour": behaviour.verify,
    "Surveys": surveys.verify,
}


def verify_all(reference: Path) -> dict[str, Sequence[Row]]:
    """The rows of each family, computed anew from the reference data."""
    return {family: verify(reference) for family, verify in VERIFIED.items()}


def describe_verification(found: Mapping[str, Sequence[Row]]) -> str:
    """docs/reference/verification.md: every published number beside ours, from the rows of each family."""
    parts = [
        "# Verification",
        "Numbers that somebody else published, or computed by other code from the same data, computed anew by Hearth. “By show” went through the "
        "canonical files, the gate and a snapshot, as `hearth show` prints it; “by function” calls what the metric calls. "
        "The data is not part of the project (`HEARTH_REFERENCE_DATA` names it; see Run the tests); without it this page stays as it is. "
        "A difference is that of the unrounded numbers; it is at most half of the last digit that is known.",
    ]
    for family, rows in found.items():
        agreeing = sum(row.agrees for row in rows)
        parts.append(
            f"## {family}\n\n{agreeing} of {len(rows)} agree as far as they were printed.\n\n{write_rows(rows).rstrip()}"
        )
    return "\n\n".join(parts) + "\n"


def _describe(card: Metric) -> str:
    grains = ", ".join(card.grains)
    needs = ", ".join(card.needs)
    cut = f" Cut by {card.breakdown}." if card.breakdown else ""
    return "\n".join(
        [
            f"### {card.name}",
            "",
            f"**{card.question}** ({card.title}; {card.unit}; by {grains}; needs {needs}.{cut})",
            "",
            f"- Formula: {card.formula}.",
            f"- Better: {card.better}. {_windows(card)}",
            f"- How to read it: {card.reading}",
            f"- What not to conclude: {card.caveats}",
            f"- Reference: {card.reference}",
            *(
                [f"- Practices: {', '.join(PRACTICES[name].practice for name in card.practices)}"]
                if card.practices
                else []
            ),
        ]
    )


def _windows(card: Metric) -> str:
    """Which days a number needs, and when it stops changing."""
    said = [
        f"Needs the {card.look_back} days that end on the period's last day to be covered." if card.look_back else "",
        "Needs the period before to be covered too." if card.of_previous else "",
        f"Nothing is said of the first {card.warm_up} days after coverage starts." if card.warm_up else "",
        f"A period is final {card.horizon} {'day' if card.horizon == 1 else 'days'} after its end."
        if card.horizon
        else "",
        *(f"{case.breakdown}: final {case.horizon} days after the period's end." for case in card.cases),
    ]
    return " ".join(words for words in said if words) or "A period is final when it is over."


def main() -> int:
    REFERENCE.mkdir(exist_ok=True)
    stale = []
    texts = {name: describe() for name, describe in PAGES.items()}
    reference = Path(os.environ.get("HEARTH_REFERENCE_DATA") or "/nowhere")
    if reference.is_dir():
        texts["verification.md"] = describe_verification(verify_all(reference))
    for name, text in texts.items():
        file = REFERENCE / name
        if "--check" in sys.argv:
            if not file.exists() or file.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            file.write_text(text, encoding="utf-8")
    if stale:
        sys.stderr.write(f"docs/reference is not up to date: {', '.join(stale)}. Run `make docs`.\n")
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
