"""The attacker is not blind: every rule of the gate is weakened in turn, and each weakened gate is caught.

A mutant is the project's own module with one piece of its text changed; where the text is not found any more the test says so.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

import metrics.attack
import metrics.audit
import metrics.changed_answers
import metrics.disclosure
import metrics.standing
import metrics.survey_counts
import metrics.unanimity
from tests.catching import (
    by_attack,
    by_blanks,
    by_change,
    by_cohort,
    by_correction,
    by_gate,
    by_gate_of_one_mind,
    by_growth,
    by_history,
    by_interval,
    by_lone_group,
    by_nesting,
    by_no_group,
    by_no_team,
    by_open_wave,
    by_options,
    by_periods,
    by_refresh,
    by_rest_of_no_group,
    by_rest_of_no_team,
    by_sum_of_parts,
    by_whole,
)
from tests.figures_of_proof import record


@dataclass(frozen=True)
class Mutant:
    """One rule weakened: in which module, what its text becomes, and how the attack would notice."""

    rule: str
    module: ModuleType
    was: str
    becomes: str
    caught: Callable[[ModuleType], bool]


@contextmanager
def mutated(mutant: Mutant) -> Iterator[ModuleType]:
    """The weakened module; what else of the project imports it is untouched, and so is the module itself afterwards."""
    file = Path(str(mutant.module.__file__))
    text = file.read_text(encoding="utf-8")
    assert text.count(mutant.was) == 1, f"{mutant.rule}: {text.count(mutant.was)} places in {file.name}"
    name = f"mutant_{mutant.module.__name__.rpartition('.')[2]}"
    made = ModuleType(name)
    made.__file__ = str(file)
    sys.modules[name] = made
    try:
        exec(compile(text.replace(mutant.was, mutant.becomes), name, "exec"), made.__dict__)
        yield made
    finally:
        del sys.modules[name]


GATE, UNANIMITY, AUDIT, ATTACK, STANDING, CHANGED, COUNTS = (
    metrics.disclosure, metrics.unanimity, metrics.audit, metrics.attack, metrics.standing, metrics.changed_answers,
    metrics.survey_counts,
)  # fmt: skip
SMALL = "given.people > 0 and given.people < {k}"
RESIDUAL = "place >= small_groups and place >= 2 and hidden_people >= {k}\n"
COMPANY = "and place - banded_groups >= case when small_groups > banded_groups then 2 else 1 end"
BLANKS = '{_blanked("value", "numerator", "denominator", "people", "low", "high", "expected", "p", "verdict")}'
MUTANTS = (
    Mutant("3: groups of k - 1 are shown", GATE, SMALL, f"{SMALL} - 1", by_gate),
    Mutant("3: every group is shown", GATE, SMALL, "false", by_gate),
    Mutant("3: the whole of a wave is always shown", GATE, "or given.grain = 'wave' ", "", by_whole),
    Mutant("3: a cohort of everybody is always shown", GATE, " or given.metric in ({_COHORTS})", "", by_cohort),
    Mutant("3: n stays", GATE, BLANKS, BLANKS.replace('"people", ', ""), by_blanks),
    Mutant("3: the count stays", GATE, BLANKS, BLANKS.replace('"numerator", ', ""), by_blanks),
    Mutant("3: the margin stays", GATE, BLANKS, BLANKS.replace('"low", ', ""), by_blanks),
    Mutant("4: what is hidden may be under k people", GATE, RESIDUAL, "place >= small_groups and place >= 2\n", by_gate),
    Mutant("4: one group may be hidden alone", GATE, f"{RESIDUAL}                               {COMPANY}", "place >= small_groups and hidden_people >= {k}", by_lone_group),
    Mutant("4: who is in no group is forgotten", GATE, "whole.members - grouped.members between 1 and {k - 1}", "false", by_no_group),
    Mutant("4: who is in no team of a division is forgotten", GATE, "        withhold_in_nests(connection, target, k, sizes or source, nesting, known)\n", "        pass\n", by_no_team),
    Mutant("4: changes of withheld numbers are shown", GATE, "    _withhold_changes(connection, target)\n", "", by_change),
    Mutant("4: parts of a sum are withheld alone", GATE, "    _withhold_sets(connection, target)\n", "", by_sum_of_parts),
    Mutant("4: options of hidden groups may be under k people", GATE, "place >= 2 and hidden_people >= {k})\n", "place >= 2)\n", by_options),
    Mutant("5: nobody attacks (periods)", AUDIT, "if found.empty:", "if True:", by_periods),
    Mutant("5: nobody attacks (groups of groups)", AUDIT, "if found.empty:", "if True:", by_nesting),
    Mutant("5: nobody attacks (intervals)", AUDIT, "if found.empty:", "if True:", by_interval),
    Mutant("5: nobody attacks (who is in no group)", AUDIT, "if found.empty:", "if True:", by_rest_of_no_group),
    Mutant("5: nobody attacks (who is in no team)", AUDIT, "if found.empty:", "if True:", by_rest_of_no_team),
    Mutant("5: nobody attacks (earlier figures)", AUDIT, "if found.empty:", "if True:", by_history),
    Mutant("5: the attack knows no periods", ATTACK, '        _name_hidden(solve_periods(connection, released, additive), "sum"),\n', "", by_attack(by_periods)),
    Mutant("5: the attack knows no groups of groups", ATTACK, '            _name_hidden(solve_nested(connection, rows, k, nests), "sum"),\n', "", by_attack(by_nesting)),
    Mutant("5: the attack knows no rest of a division", ATTACK, '            _name_hidden(find_in_no_part(connection, rows, k, nests, remembered), "difference"),\n', "", by_attack(by_rest_of_no_team)),
    Mutant("5: the attack looks only where something is withheld", ATTACK, "where is_holding or is_nameless", "where is_holding", by_attack(by_rest_of_no_group)),
    Mutant("5: any interval is wide enough", ATTACK, "LEAST_WIDTH = 0.25", "LEAST_WIDTH = -9", by_attack(by_interval)),
    Mutant("5: earlier figures are forgotten", ATTACK, "between 1 and {k - 1}\"\"\"", "between 1 and 0\"\"\"", by_attack(by_history)),
    Mutant("7: only groups under 10 are coded", UNANIMITY, "FEWER_THAN = 20", "FEWER_THAN = 10", by_gate_of_one_mind),
    Mutant("7: all but one is not coded", UNANIMITY, "between 1.0001 and people - 1.0001", "between 0.0001 and people - 0.0001", by_gate_of_one_mind),
    Mutant("refresh: figures follow every answer", STANDING, "where wave not in (select wave from shown_as_now)\n", "where false\n", by_refresh),
    Mutant("refresh: a group comes out of hiding", CHANGED, "where people between 1 and k - 1\ngroup by all\n", "where false\ngroup by all\n", by_growth),
    Mutant("refresh: one correction hides behind others", CHANGED, "    add_corrected(connection, k)\n", "    add_corrected(connection, 1_000_000)\n", by_correction),
    Mutant("refresh: an open wave shows its answers", COUNTS, "  and survey_waves.closed_on is not null\n\"\"\"\n\n# One row per group, question and code", "\"\"\"\n\n# One row per group, question and code", by_open_wave),
)  # fmt: skip


@pytest.mark.figure
def test_the_whole_rules_stand_and_every_weakened_one_is_caught() -> None:
    """Each way of catching finds nothing in the project as it is; only then does it say something of a mutant."""
    judged = {mutant.caught: mutant.module for mutant in MUTANTS}
    assert [judge.__qualname__ for judge, module in judged.items() if judge(module)] == []
    survivors = []
    for mutant in MUTANTS:
        with mutated(mutant) as module:
            if not mutant.caught(module):
                survivors.append(mutant.rule)
    record("attacker test is blind", made=len(MUTANTS), killed=len(MUTANTS) - len(survivors))
    assert survivors == []
