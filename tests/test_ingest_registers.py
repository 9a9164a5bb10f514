"""Registers of mentoring, recognitions, stories and collaborations: what a row becomes, and what is refused in words."""

from pathlib import Path

from ingest.erasing import erase_member
from tests.uploads import ask, problems, redo, take_in, undo

MEMBERS = "member_id,name\nM1,Ann Alder\nM2,Bob Birch\nM3,Cyd Cedar\n"
THANKS = "recognised_on,receiver_id,giver_id,kind,text\n2026-11-02,M1,M2,,for the fair\n2026-11-02,M1,M3,Group,for the fair\n"
WORK = "collaboration_id,title,kind,member_ids,started_on\nC1,One rota,micro,M2; M1;M2,2026-10-05\nC2,Alone,joint,,2026-10-06\n"


def test_a_pair_is_two_people(home: Path) -> None:
    take_in(home, MEMBERS, "members")
    header = "pair_id,mentor_id,mentee_id,started_on,ended_on,meetings\n"
    assert take_in(home, header + "P1,M1,M2,2026-01-05,,3\nP2,M1,X9,2026-01-05,2026-02-05,\n").unmatched == 1
    pairs = "select mentors.member_id, mentees.member_id, meetings from mentoring join people as mentors on mentors.person = mentor join people as mentees on mentees.person = mentee order by pair_id"
    assert ask(home, pairs) == [("M1", "M2", 3), ("M1", "X9", None)]
    assert problems(home, header + "P3,M1,M2,2026-01-05,2026-01-04,\n") == [
        (2, "ended_on", '"2026-01-04" is before started_on, which is 2026-01-05.')
    ]
    assert problems(home, header + "P3,M1,M2,2026-01-05,,-1\n")[0][:2] == (2, "meetings")


def test_two_thanks_on_a_day_are_two_and_the_same_line_again_is_none(home: Path) -> None:
    take_in(home, MEMBERS, "members")
    assert take_in(home, THANKS).new == 2
    assert ask(home, "select kind from recognitions order by kind") == [("group",), ("individual",)]
    again = take_in(home, THANKS + "2026-11-03,M2,,,\n")
    assert (again.new, again.changed, again.unchanged) == (1, 0, 2)
    header = "recognised_on,receiver_id,kind\n"
    assert problems(home, header + "2026-11-02,M1,everybody\n")[0][:2] == (2, "kind")


def test_a_story_has_a_kind_and_a_cycle_and_is_not_shown_unless_somebody_says_so(home: Path) -> None:
    header = "story_id,told_on,dimension,cycle,evidence\n"
    take_in(home, header + "S1,2026-11-02,Micro,3,witnessed\n")
    assert ask(home, "select dimension, cycle, prompted, consent from stories") == [("micro", 3, False, False)]
    assert problems(home, header + "S2,2026-11-02,team,6,hearsay\n") == [
        (2, "dimension", '"team" is not known here.'),
        (2, "cycle", '"6" is too large.'),
        (2, "evidence", '"hearsay" is not known here.'),
    ]


def test_the_members_of_a_collaboration_are_a_list_each_once(home: Path) -> None:
    take_in(home, MEMBERS, "members")
    assert take_in(home, WORK).unmatched == 0
    members = "select collaboration_id, members from collaborations order by all"
    before = ask(home, members)
    assert before == [("C1", [2, 1]), ("C2", None)]
    changed = take_in(home, "collaboration_id,title,kind,started_on,status\nC1,One rota,micro,2026-10-05,done\n")
    assert changed.changed == 1
    assert ask(home, members) == before, "an absent column leaves what is known"
    stranger = take_in(
        home, "collaboration_id,title,kind,member_ids,started_on\nC3,With a stranger,micro,M1;X9,2026-10-05\n"
    )
    assert stranger.unmatched == 1
    undo(home, changed.batch or 0)
    assert ask(home, "select status from collaborations where collaboration_id = 'C1'") == [(None,)]
    redo(home, changed.batch or 0)
    assert ask(home, "select status from collaborations where collaboration_id = 'C1'") == [("done",)]


def test_erasing_one_person_leaves_the_thanks_of_others(home: Path) -> None:
    """Bob thanked Ann, is in a collaboration with her and is mentored: Ann's thanks stay without him, the pair goes."""
    take_in(home, MEMBERS, "members")
    take_in(home, THANKS)
    take_in(home, WORK)
    take_in(home, "pair_id,mentor_id,mentee_id,started_on\nP1,M1,M2,2026-01-05\n")
    take_in(home, "recognised_on,receiver_id,giver_id\n2026-11-05,M2,M1\n")
    erase_member(home, "M2")
    assert ask(home, "select giver is null, text from recognitions order by all") == [
        (False, "for the fair"),
        (True, "for the fair"),
    ]
    assert ask(home, "select len(members) from collaborations where collaboration_id = 'C1'") == [(1,)]
    assert ask(home, "select count(*) from mentoring") == [(0,)]
