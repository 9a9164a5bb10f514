"""The layers of the code: what may import what, so that a number cannot depend on how it is shown."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
PACKAGES = ("commands", "data", "ingest", "metrics", "report", "ui")
ALL_BELOW = frozenset({"ui", "pipeline", "report", "metrics", "ingest", "data"})
MAY_IMPORT = {
    "app.py": ALL_BELOW,
    "cli.py": ALL_BELOW - {"ui"} | {"commands"},
    "commands": ALL_BELOW - {"ui"} | {"commands"},
    "pipeline.py": ALL_BELOW - {"ui", "pipeline"},
    "pages": ALL_BELOW,
}
OURS = ALL_BELOW | {"app", "cli", "commands", "pages", "bench", "docs", "tests"}
PAGES = sorted((PROJECT / "pages").rglob("*.py"))


def sources(*names: str) -> list[Path]:
    """Every module under the named files and folders of the project."""
    roots = [PROJECT / name for name in names]
    return sorted(file for root in roots for file in ([root] if root.suffix else root.rglob("*.py")))


def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def imports_of(file: Path) -> set[str]:
    """The first part of every name that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def named(file: Path) -> str:
    return str(file.relative_to(PROJECT))


def test_the_contracts_between_packages_hold() -> None:
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("entrance", MAY_IMPORT)
def test_entrances_import_only_what_lies_below_them(entrance: str) -> None:
    reached = {named(file): (imports_of(file) & OURS) - MAY_IMPORT[entrance] for file in sources(entrance)}
    assert not {file: names for file, names in reached.items() if names}


def test_streamlit_is_known_to_the_app_and_its_pages_only() -> None:
    below = sources("cli.py", "commands", "pipeline.py", "data", "ingest", "metrics", "report")
    assert not [named(file) for file in below if "streamlit" in imports_of(file)]


def test_the_command_line_starts_without_streamlit() -> None:
    """The contracts see our own imports; this sees also what a library would pull in on the way."""
    program = "import sys, cli; sys.exit('streamlit' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, env=dict(os.environ), check=False)
    assert done.returncode == 0


def test_only_the_store_opens_database_files() -> None:
    """A scratch connection names no file: `duckdb.connect()`."""
    connecting = {
        named(file)
        for file in sources("app.py", "cli.py", "pipeline.py", "pages", *PACKAGES)
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Call)
        and (node.args or node.keywords)
        and ast.unparse(node.func) in ("duckdb.connect", "ibis.duckdb.connect", "connect")
    }
    assert connecting == {"data/store.py"}


def test_pages_lie_one_folder_deep() -> None:
    """A folder is a section of the menu; flat pages are what Streamlit takes for its old automatic menu."""
    depths = {named(file): len(file.relative_to(PROJECT / "pages").parts) for file in PAGES}
    assert not {file: depth for file, depth in depths.items() if depth != 2}
    assert not [named(file) for file in PAGES if file.name.startswith("_")], "every file in pages/ becomes a page"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_page_reads_like_a_story(page: Path) -> None:
    """No query and no error handling: those are the work of the layers below."""
    assert not imports_of(page) & {"duckdb", "ibis", "pandas", "sqlglot"}
    assert not [node.lineno for node in ast.walk(tree_of(page)) if isinstance(node, ast.Try)]
