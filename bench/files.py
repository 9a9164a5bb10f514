"""The files that the bench loads: a generated community, and uploads that overlap with what is there already."""

import random
import subprocess
import sys
from pathlib import Path


def generate(folder: Path, members: int, interactions: int) -> dict[str, Path]:
    """The roster, all interactions in one file, and three uploads that follow it: nine of ten rows known, ten
    thousand new rows, and one row in a hundred bad with three said twice."""
    sample = folder / "sample"
    command = [sys.executable, "-m", "data.sample", str(sample), "--members", str(members), "--years", "2"]
    subprocess.run([*command, "--interactions", str(interactions)], check=True, stdout=subprocess.DEVNULL)
    _add_dimensions(sample / "members.csv")
    whole = folder / "interactions.csv"
    with whole.open("wb") as joined:
        for position, part in enumerate(sorted(sample.glob("interactions*.csv"))):
            with part.open("rb") as source:
                header = source.readline()
                joined.write(header if position == 0 else b"")
                joined.writelines(source)
    return {
        "sample": sample,
        "members": sample / "members.csv",
        "interactions": whole,
        **{name: _write_variant(whole, folder / f"{name}.csv", name) for name in ("known", "new", "flawed")},
    }


def _add_dimensions(file: Path) -> None:
    """Two more ways to cut the community, so that there are five."""
    header, *rows = file.read_text(encoding="utf-8").splitlines()
    chance = random.Random(2)
    lines = [f"{header},site,craft", *(f"{row},Site {chance.randrange(9)},Craft {chance.randrange(7)}" for row in rows)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_variant(whole: Path, file: Path, name: str) -> Path:
    rows = sum(1 for _ in whole.open("rb")) - 1
    chance = random.Random(1)
    with whole.open("rb") as source, file.open("wb") as target:
        header = source.readline()
        place = header.rstrip(b"\n").split(b",").index(b"interaction_id")
        target.write(header)
        for number, row in enumerate(source):
            if name == "known":
                target.write(_with_id(row, place, f"{name}{number}") if number % 10 == 9 else row)
            elif name == "new" and number >= rows - 10_000:
                target.write(_with_id(row, place, f"{name}{number}"))
            elif name == "flawed":
                draw = chance.random()
                target.write(b"x" + row if draw < 0.01 else row)
                target.write(row if draw > 0.97 else b"")
    return file


def _with_id(row: bytes, place: int, name: str) -> bytes:
    cells = row.split(b",")
    cells[place] = name.encode()
    return b",".join(cells)
