"""Write the generated pages of the reference: the metrics from their cards, the files from their contracts.

`python -m docs.generate` writes them; `--check` fails when what is written differs from what would be.
"""

import sys
from pathlib import Path

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


PAGES = {"metrics.md": describe_metrics, "files.md": describe_files}


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
            f"- How to read it: {card.reading}",
            f"- What not to conclude: {card.caveats}",
            f"- Reference: {card.reference}",
        ]
    )


def main() -> int:
    REFERENCE.mkdir(exist_ok=True)
    stale = []
    for name, describe in PAGES.items():
        file = REFERENCE / name
        text = describe()
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
