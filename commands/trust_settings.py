"""What a home allows: its settings, and who may see what. Every change is checked first and written into the audit log."""

from typing import Annotated

import typer

from commands.console import HomeOption, JsonOption, refusing
from data.access import AccessRole, read_access
from data.audit import Act, record
from data.granting import change_setting, grant, grant_group, name_person, revoke, trust_issuer
from data.settings import read_settings
from data.store import choose_home
from pipeline import SHELL
from report.terminal import STDERR, print_json, print_table

app = typer.Typer()
access = typer.Typer(help="Who may see what, when people sign in.", no_args_is_help=True)

WhoArgument = Annotated[str, typer.Argument(metavar="WHO", help="An e-mail address, or 'SUBJECT of ISSUER'.")]
IssuerArgument = Annotated[str, typer.Argument(metavar="ISSUER", help="The `iss` of its tokens, an https address.")]


@app.command()
def settings(
    name: Annotated[str | None, typer.Argument(help="A setting, such as thresholds.leader.")] = None,
    value: Annotated[str | None, typer.Argument(help="Its new value, as in TOML.")] = None,
    home: HomeOption = None,
) -> None:
    """Print the settings in force, or change one. Thresholds can only be raised."""
    folder = choose_home(home)
    with refusing():
        if name is None:
            print_json(read_settings(folder).model_dump(mode="json"))
            return
        if value is None:
            raise typer.BadParameter("Say what the setting should be.", param_hint="VALUE")
        before, after = change_setting(folder, name, value)
        record(folder, SHELL, Act.SETTING, name=name, before=before, after=after)
    STDERR.print(f"{name} was {before} and is {after}. It counts from the next publish.", markup=False, highlight=False)


@access.command("list")
def list_access(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the trusted issuers, people and groups."""
    with refusing():
        table = read_access(choose_home(home))
    if as_json:
        print_json(table.model_dump(mode="json"))
        return
    rows = [
        [person.email or f"{person.subject} of {person.issuer}", _said(person.role, person.refused)]
        for person in table.people
    ]
    rows += [[f"group {group.group} of {group.issuer}", group.role] for group in table.groups]
    print_table(("who", "role"), rows)


@access.command("trust")
def trust(
    issuer: IssuerArgument,
    single_tenant: Annotated[
        bool,
        typer.Option("--single-tenant", help="Every account in it is ours: its e-mail addresses count unverified."),
    ] = False,
    groups_claim: Annotated[
        str, typer.Option(help="The claim that lists groups, such as realm_access.roles.")
    ] = "groups",
    home: HomeOption = None,
) -> None:
    """Believe an identity provider."""
    folder = choose_home(home)
    with refusing():
        trust_issuer(folder, issuer, single_tenant=single_tenant, groups_claim=groups_claim)
        record(folder, SHELL, Act.ROLE, issuer=issuer, single_tenant=single_tenant)


@access.command("grant")
def grant_role(
    who: WhoArgument,
    role: AccessRole,
    group_of: Annotated[str | None, typer.Option("--group-of", help="WHO is a group of this issuer.")] = None,
    home: HomeOption = None,
) -> None:
    """Give a person or a group a role."""
    folder = choose_home(home)
    with refusing():
        if group_of is None:
            grant(folder, name_person(who), role)
        else:
            grant_group(folder, group_of, who, role)
        record(folder, SHELL, Act.ROLE, of=who, role=role)


@access.command("revoke")
def revoke_access(
    who: WhoArgument,
    may_return: Annotated[
        bool, typer.Option("--may-return", help="End the sign-ins up to now only; they may sign in again.")
    ] = False,
    home: HomeOption = None,
) -> None:
    """Let a person in no longer, from their next click on, though their cookie lives."""
    folder = choose_home(home)
    with refusing():
        revoke(folder, name_person(who), refuse=not may_return)
        record(folder, SHELL, Act.ROLE, of=who, role="signed out" if may_return else "refused")


def _said(role: AccessRole | None, refused: bool) -> str:
    return "refused" if refused else role or "by group"
