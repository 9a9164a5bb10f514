"""`make bench`: interactions imported and published, beside a raw load of the same file in the same run.

Each step runs in a process of its own, so that its peak memory is its own. Seconds differ between machines and with
what else they do; the ratios are what to compare, and of those the ones of processor seconds.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.files import generate

SMALL_MEMORY = "1000"  # MB


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--interactions", type=int, default=1_000_000)
    parser.add_argument("--members", type=int, help="one for every 500 interactions by default")
    chosen = parser.parse_args()
    members = chosen.members or chosen.interactions // 500
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = generate(folder, members, chosen.interactions)
        size = files["interactions"].stat().st_size / 1e6
        print(f"{chosen.interactions:,} interactions of {members:,} members over two years, {size:,.0f} MB of CSV")
        measure_import(folder, files)
        measure_publish(folder, files)


def measure_import(folder: Path, files: dict[str, Path]) -> None:
    """Print what the import of the file costs, and what the uploads after it do."""
    raw = load_raw(folder, files["interactions"])
    home = folder / "home"
    run("import", home, files["members"])
    loaded = run("import", home, files["interactions"])
    print_head("from the stored file to the commit")
    print_line("raw read_csv into a table", raw["to commit"], raw["to commit"], raw["memory"])
    print_line("hearth, without hash and kept copy", loaded["to commit"], raw["to commit"], loaded["memory"])
    print_line("  its sha256", loaded["hash"], raw["to commit"])
    print_line("  its kept copy", loaded["kept copy"], raw["to commit"])
    print_head("until the database is closed")
    print_line("raw read_csv into a table", raw["in all"], raw["in all"], raw["memory"])
    print_line("hearth, everything", loaded["in all"], raw["in all"], loaded["memory"])
    for title, file in (
        ("the same file again", "interactions"),
        ("nine of ten rows known", "known"),
        ("10,000 new rows", "new"),
    ):
        again = run("import", home, files[file])
        print_line(title, again["in all"], raw["in all"], again["memory"], describe(again))
    other = folder / "other"
    run("import", other, files["members"])
    flawed = run("import", other, files["flawed"])
    print_line("1 % bad, 3 % said twice", flawed["in all"], raw["in all"], flawed["memory"], describe(flawed))


def measure_publish(folder: Path, files: dict[str, Path]) -> None:
    """Print what it costs to publish the whole community: every metric, with its events, answers and registers."""
    home = folder / "whole"
    run("fill", home, files["sample"])
    raw = load_raw(folder, files["interactions"])
    print_head("published, beside a raw load to its commit")
    print_line("raw read_csv into a table", raw["to commit"], raw["to commit"], raw["memory"])
    print_line("  until the database is closed", raw["in all"], raw["to commit"])
    for title, memory in (("publish", ""), (f"publish with memory_limit {SMALL_MEMORY} MB", SMALL_MEMORY)):
        took = run("publish", home, *([memory] if memory else []))
        counted = "{metrics} metrics, {dimensions} dimensions, {observations:,} numbers".format(**took)
        print_line(title, took["in all"], raw["to commit"], took["memory"], counted)
        print_line("  of which the attack", took["attack"], raw["to commit"])


def load_raw(folder: Path, file: Path) -> dict[str, Any]:
    """The middle one of three raw loads made just before what is held against it: one alone varies by a fifth."""
    loads = [run("raw", folder, file) for _ in range(3)]
    return sorted(loads, key=lambda took: float(took["to commit"]["cpu"]))[1]


def run(step: str, place: Path, *rest: object) -> dict[str, Any]:
    """What one step took, run apart. Raises CalledProcessError where it fails."""
    command = [sys.executable, "-m", "bench.steps", step, str(place), *map(str, rest)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout))


def print_head(title: str) -> None:
    print(f"\n{title:38}{'wall s':>8}{'cpu s':>8}{'MB':>7}{'x raw wall':>12}{'x raw cpu':>11}")


def print_line(title: str, took: dict[str, float], raw: dict[str, float], memory: float = 0, note: str = "") -> None:
    peak = f"{memory:7.0f}" if memory else " " * 7
    ratios = f"{took['wall'] / raw['wall']:12.2f}{took['cpu'] / raw['cpu']:11.2f}"
    print(f"{title:38}{took['wall']:8.2f}{took['cpu']:8.2f}{peak}{ratios}  {note}".rstrip(), flush=True)


def describe(took: dict[str, Any]) -> str:
    """How many rows were new, known and bad."""
    return f"{took['new']:,} new, {took['unchanged']:,} known, {took['rejected']:,} bad"


if __name__ == "__main__":
    main()
