"""What can be checked about trust: `hearth audit` attacks what is published."""

import typer

from commands.console import HomeOption, JsonOption, refusing
from data.store import choose_home
from metrics.audit import audit_published
from report.terminal import STDERR, print_json, print_table

app = typer.Typer()


@app.command()
def audit(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Attack what each role can see, together with kept snapshots: no withheld number may follow from those shown."""
    with refusing():
        found = audit_published(choose_home(home))
    if as_json:
        print_json(found)
    else:
        rows = [("all roles", found), *found["roles"].items()]
        print_table(
            (
                "role",
                "attacked",
                "recovered",
                "shown",
                "survey means withheld",
                "narrowest interval",
                "median interval",
            ),
            [
                [
                    role,
                    facts["attacked"],
                    facts["recovered"],
                    f"{facts['shown_share']:.1%}",
                    facts["intervals"]["withheld"],
                    _percent(facts["intervals"]["narrowest"]),
                    _percent(facts["intervals"]["median"]),
                ]
                for role, facts in rows
            ],
        )
    if found["recovered"]:
        STDERR.print(
            "Some withheld numbers follow from published ones. Publish again; if it stays so, tell us.", style="red"
        )
        raise typer.Exit(1)


def _percent(width: float | None) -> str:
    return "" if width is None else f"{width:.0%} of the scale"
