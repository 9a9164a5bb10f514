"""The project's own papers agree with each other: README, Makefile, pyproject.toml and the lock."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.test_layers import OURS, PACKAGES, imports_of, sources

PROJECT = Path(__file__).parent.parent
DECLARED = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (PROJECT / "requirements.lock.txt").read_text(encoding="utf-8")
PINS = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", LOCK, flags=re.MULTILINE))
RECIPES = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))


def requirements(*lists: list[str]) -> list[Requirement]:
    return [Requirement(line) for lines in lists for line in lines]


def test_the_two_commands_of_the_readme_are_there() -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    assert re.search(r"^make demo\b", readme, flags=re.MULTILINE)
    assert re.search(r"^make test\b", readme, flags=re.MULTILINE)


@pytest.mark.parametrize(
    "paper",
    [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        *sorted(str(p.relative_to(PROJECT)) for p in (PROJECT / "docs").rglob("*.md")),
    ],
)
def test_every_recipe_that_a_paper_names_exists(paper: str) -> None:
    text = (PROJECT / paper).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", text, flags=re.MULTILINE))
    assert named <= RECIPES


def test_help_lists_every_recipe_that_a_person_would_ask_for() -> None:
    said = subprocess.run(["make", "help"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    for recipe in ("setup", "demo", "test", "lint", "prove", "bench", "docs", "shots", "help"):
        assert f"make {recipe} " in said


@pytest.mark.parametrize(
    "needed",
    requirements(DECLARED["dependencies"], DECLARED["optional-dependencies"]["dev"]),
    ids=lambda r: r.name,
)
def test_the_lock_satisfies_the_declared_ranges(needed: Requirement) -> None:
    assert needed.specifier.contains(PINS[canonicalize_name(needed.name)]), "run `make lock`"


def test_the_lock_names_no_address_and_hashes_everything() -> None:
    assert not re.findall(r"https?:|file:|index-url|find-links", LOCK)
    blocks = re.split(r"\n(?=[a-z0-9])", LOCK.strip())
    assert len(blocks) == len(PINS)
    assert not [block.partition(" ")[0] for block in blocks if "--hash=sha256:" not in block]


def test_every_library_that_is_imported_is_declared() -> None:
    """A library that only comes along with another one goes when the other one drops it."""
    distributions = packages_distributions()
    imported = set().union(*(imports_of(f) for f in sources("app.py", "cli.py", "pipeline.py", "pages", *PACKAGES)))
    foreign = imported - OURS - set(sys.stdlib_module_names)
    names = {canonicalize_name(name) for module in foreign for name in distributions[module]}
    assert names <= {canonicalize_name(needed.name) for needed in requirements(DECLARED["dependencies"])}
