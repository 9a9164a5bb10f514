"""Trimming once ate letters: 2026-06-10 was read as 2026-06-1, and names ending in a, e, f or u lost their last letter.

The set of blanks to trim was written with escapes that DuckDB does not know, so the backslash, the u, the digits
and the letters of the escape were trimmed off every cell.
"""

import json
from pathlib import Path

from typer.testing import CliRunner

from cli import app

IDS = ["anna", "bo0", "cafe", "duff", "emu", "x\\", "\\y", "z100"]


def test_every_letter_of_an_id_and_every_digit_of_a_date_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "attendance.csv"
    file.write_text(
        "event_id,member_id,starts_at\n" + "".join(f"e{n}0, {name} ,2026-06-10\n" for n, name in enumerate(IDS)),
        encoding="utf-8",
    )
    home = str(tmp_path / "home")
    done = CliRunner().invoke(app, ["import", str(file), "--home", home, "--as-of", "2026-07-01", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["files"][0]["new"] == len(IDS)
    from data.store import warehouse

    with warehouse(Path(home)) as connection:
        assert connection.execute("select member_id from people order by member_id").fetchall() == sorted(
            (name,) for name in IDS
        )
        assert connection.execute("select distinct day::varchar from events").fetchall() == [("2026-06-10",)]
