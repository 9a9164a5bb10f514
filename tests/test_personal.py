"""Who somebody is gets no further than the upload: neither into the warehouse, nor kept copies, nor files to mend."""

import csv
from pathlib import Path

import pytest

from data.settings import Settings
from ingest import batches
from ingest.importer import Details, Upload
from ingest.personal import says_who
from tests.surveys import Desk, desk

ITEMS = "column,item_id,kind,scale_min,scale_max\nproud,proud,likert,1,5\nwhy,why,text,,\n"


@pytest.mark.parametrize(
    ("header", "word"),
    [
        ("Your full name", "names"),
        ("STUDENTS FULL NAME", "names"),
        ("Name of the Onboarding Member", "names"),
        ("What is your name?", "names"),
        ("Please enter your first and last name", "names"),
        ("Line manager's name", "names"),
        ("Vorname", "names"),
        ("What's your e-mail address? (optional)", "e-mail addresses"),
        ("Correo electrónico", "e-mail addresses"),
        ("Mobile number", "phone numbers"),
        ("Home address", "addresses"),
        ("Address 2", "addresses"),
        ("ZIP/Postal Code", "addresses"),
        ("City/Town", "places"),
        ("LocationLatitude", "positions on the map"),
        ("IP Address", "network addresses"),
        ("Employee ID", "ids of people"),
        ("Date of birth", "dates of birth"),
        ("Team name", None),
        ("What is the name of this resource?", None),
        ("Name one thing that we should keep", None),
        ("Do you read your e-mail every day?", None),
        ("How is contact between teams?", None),
        ("How did you like the location?", None),
        ("Can you address problems openly?", None),
        ("Does your manager know your name?", None),
        ("Is your phone in the way?", None),
    ],
)
def test_a_header_asks_for_it_or_is_about_something_else(header: str, word: str | None) -> None:
    assert says_who(header) == word


def left_out(here: Desk, column: str, cells: list[str]) -> tuple[str, ...]:
    lines = [f'r{at},4,"{cell}"' for at, cell in enumerate(cells)]
    text = f'respondent_id,proud,"{column}"\n' + "\n".join(lines) + "\n"
    return here.look(text, ITEMS + f'"{column}",other,text,,\n').receipt.warnings


@pytest.mark.parametrize(
    ("column", "cells", "word"),
    [
        ("how", ["ann@example.org", "mailto:ben@example.org", ""], "e-mail addresses"),
        ("how", ["+44 20 7946 0958", "(030) 1234-567", "later"], "phone numbers"),
        ("how", ["10.0.0.1", "fe80::1:2:3:4:5"], "network addresses"),
        ("how", ["47.1150, 7.2315", "-33.8568;151.2153"], "positions on the map"),
        ("May we contact you?", ["no", "no, thanks", "ann@example.org"], "e-mail addresses"),
        ("how", ["ann@example.org helped me", "write to ann@example.org", "no"], None),
        ("how", ["01.02.2026", "2026-02-01", "01/02/2026 10:00"], None),
        ("how", ["0", "10", "2026"], None),
        ("how", ["I live in London", "12 Main Street is too loud", "Ann"], None),
        ("how", ["no", "no, thanks", "ann@example.org"], None),
    ],
)
def test_cells_that_are_nothing_else_give_a_column_away(
    home: Path, column: str, cells: list[str], word: str | None
) -> None:
    with desk(home) as here:
        found = [words for words in left_out(here, column, cells) if "was left out" in words]
        assert found == ([f'The column "{column}" holds {word} and was left out.'] if word else [])


def test_full_names_of_the_roster_are_names_and_a_sentence_about_somebody_is_not(home: Path) -> None:
    with desk(home) as here:
        for at, name in enumerate(("Ann Lee", "Ben Kim", "Cy Moss", "Agree")):
            here.connection.execute("insert into people values (?, ?)", [at, f"M{at}"])
            here.connection.execute(
                """insert into members by name
                   select ? as person, date '2020-01-01' as valid_from, ? as name, 'member' as member_type,
                          false as opted_out, false as no_lists, 1 as batch, 1 as line""",
                [at, name],
            )
        assert "holds names" in " ".join(left_out(here, "how", ["ann lee", "Ben Kim", "Cy Moss"]))
        assert "holds names" not in " ".join(left_out(here, "how", ["Ann Lee", "Ann Lee helped me", "Nobody"]))
        assert "holds names" not in " ".join(left_out(here, "how", ["Agree", "Agree", "Agree"]))


WITH_BAD_ROWS = """\
respondent_id,proud,why,Name,E-mail,Phone
{one},9,Fine,Ann Lee,ann@example.org,+44 20 7946 0958
{two},4,Good,Ben Kim,ben@example.org,
"""


@pytest.mark.parametrize("promise", ["anonymous", "confidential"])
@pytest.mark.parametrize("ids", [("r1", "r2"), ("ann@example.org", "ben@example.org")])
def test_rows_handed_back_do_not_say_who(home: Path, promise: str, ids: tuple[str, str]) -> None:
    with desk(home) as here:
        text = WITH_BAD_ROWS.format(one=ids[0], two=ids[1])
        receipt = here.take(text, ITEMS, keep_good=True, promise=promise)
        assert receipt.bad_rows is not None
        with receipt.bad_rows.open(encoding="utf-8-sig", newline="") as handle:
            (row,) = csv.DictReader(handle)
        assert "proud" in row.pop("reason")
        if "@" in ids[0]:
            assert row == {"line in survey.csv": "2", "proud": "9", "why": "Fine"}
        else:
            assert row == {"respondent_id": "r1", "proud": "9", "why": "Fine"}
        for secret in (b"Ann Lee", b"ann@example.org", b"7946"):
            assert secret not in here.kept()


def test_rows_of_a_named_wave_keep_the_id_to_mend_them_by(home: Path) -> None:
    with desk(home) as here:
        text = WITH_BAD_ROWS.format(one="ann@example.org", two="ben@example.org")
        receipt = here.take(text, ITEMS, keep_good=True, promise="named")
        assert receipt.bad_rows is not None
        header, row = receipt.bad_rows.read_text(encoding="utf-8-sig").splitlines()
        assert header == "respondent_id,proud,why,reason"
        assert row.startswith("ann@example.org,9,Fine,")


def test_mended_rows_come_back_and_rows_without_ids_do_not_replace_the_wave(home: Path) -> None:
    with desk(home) as here:
        receipt = here.take("respondent_id,proud,why\nr1,9,a\nr2,4,b\n", ITEMS, keep_good=True)
        assert receipt.bad_rows is not None
        mended = receipt.bad_rows.read_text(encoding="utf-8-sig").replace("r1,9", "r1,5")
        again = here.take(mended)
        assert (again.new, here.scores("proud")) == (1, [75, 100])
        nameless = here.take("proud,why\n9,a\n4,b\n", ITEMS, keep_good=True, wave="pulse")
        assert nameless.bad_rows is not None
        problems = here.refuse(nameless.bad_rows.read_text(encoding="utf-8-sig").replace("9", "5"), wave="pulse")
        assert problems[0][1] == "line in survey.csv"
        assert here.scores("proud", "pulse") == [75]


def test_an_export_of_a_tool_leaves_who_answered_behind(home: Path) -> None:
    file = home / "uploads" / "answers.csv"
    file.parent.mkdir(exist_ok=True)
    file.write_text(
        "ID,Start time,Completion time,Email,Name,What is your phone number?,I am proud,Why?\n"
        "1,2026-09-14 10:00:00,2026-09-14 10:05:00,ann@example.org,Ann Lee,7946 0958,9,Because\n"
        "2,2026-09-14 10:00:00,2026-09-14 10:05:00,ben@example.org,Ben Kim,,4,Because not\n",
        encoding="utf-8",
    )
    items = home / "uploads" / "items.csv"
    items.write_text("column,item_id,kind,scale_min,scale_max\nI am proud,proud,likert,1,5\nWhy?,why,text,,\n")
    with desk(home) as here:
        upload = Upload(file, file.name, None, Details(wave="spring", items=items), "tester")
        receipt = batches.take_in(here.connection, home, upload, Settings(), keep_good=True)
        assert (receipt.format, receipt.kind, receipt.new, receipt.rejected) == ("ms_forms", "survey", 1, 1)
        named = sorted(words.split('"')[1] for words in receipt.warnings if "was left out" in words)
        assert named == ["Email", "Name", "What is your phone number?"]
        assert here.scores("proud") == [75]
        for secret in (b"Ann Lee", b"ann@example.org", b"7946", b"ben@example.org"):
            assert secret not in here.kept()
