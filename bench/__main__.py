"""`make bench`: one million interactions imported and published, beside a raw load of the same file.

Each step runs in a process of its own, so that its peak memory is its own. Seconds differ between
machines; the ratios are what to compare.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RAW_LOAD = """
import sys, duckdb
connection = duckdb.connect(sys.argv[2])
connection.execute("create table raw as select * from read_csv(?, header=true)", [sys.argv[1]])
"""


def measure(command: list[str]) -> dict[str, float]:
    """Wall and processor seconds and peak memory in MB of one command. Raises CalledProcessError where it fails."""
    report = (
        "import json, resource, subprocess, sys, time\n"
        "start = time.perf_counter()\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(json.dumps({'wall': time.perf_counter() - start, 'cpu': used.ru_utime + used.ru_stime,"
        " 'memory': used.ru_maxrss / 1024}))\n"
    )
    done = subprocess.run([sys.executable, "-c", report, *command], check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interactions", type=int, default=1_000_000)
    parser.add_argument("--members", type=int, default=5_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        files = Path(folder) / "files"
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "data.sample", str(files), "--members", str(chosen.members), "--years", "2",
             "--interactions", str(chosen.interactions)],
            check=True,
        )  # fmt: skip
        print(
            f"generated {chosen.interactions:,} interactions of {chosen.members:,} members in {time.perf_counter() - start:.1f} s"
        )
        talk = sorted(files.glob("interactions*.csv"))
        whole = Path(folder) / "interactions.csv"
        with whole.open("wb") as joined:
            for position, part in enumerate(talk):
                with part.open("rb") as source:
                    header = source.readline()
                    joined.write(header if position == 0 else b"")
                    joined.writelines(source)
        hearth = [sys.executable, "-m", "cli"]
        raw = measure([sys.executable, "-c", RAW_LOAD, str(whole), str(Path(folder) / "raw.duckdb")])
        measure([*hearth, "import", str(files / "members.csv"), "--home", str(home), "--no-publish"])
        loaded = measure([*hearth, "import", str(whole), "--home", str(home), "--no-publish"])
        published = measure([*hearth, "publish", "--home", str(home)])
        again = measure([*hearth, "import", str(whole), "--home", str(home), "--no-publish"])
        fresh = Path(folder) / "fresh"
        measure([*hearth, "import", str(files / "members.csv"), "--home", str(fresh), "--no-publish"])
        together = measure([*hearth, "import", str(whole), "--home", str(fresh)])
    lines = {
        "raw read_csv into a table": raw,
        "hearth import": loaded,
        "hearth publish": published,
        "import and publish at once": together,
        "the same file again": again,
    }
    print(f"{'':28}{'wall s':>8}{'cpu s':>8}{'MB':>8}{'x raw wall':>12}{'x raw cpu':>11}")
    for name, line in lines.items():
        print(
            f"{name:28}{line['wall']:8.2f}{line['cpu']:8.2f}{line['memory']:8.0f}"
            f"{line['wall'] / raw['wall']:12.2f}{line['cpu'] / raw['cpu']:11.2f}"
        )


if __name__ == "__main__":
    main()
