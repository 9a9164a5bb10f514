"""The directory: who the people are whom a tool's export names, so that they can be found on the roster."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ingest.cells import Person, Text, one_of
from ingest.importer import Importer


class IdentityRow(BaseModel):
    """One person as one tool knows them."""

    model_config = ConfigDict(extra="forbid")

    id: Person = Field(description="What the tool's rows call the person.")
    source: Text = Field(description="The tool.")
    name: Text | None = Field(default=None, description="Name shown in the tool.")
    email: Text | None = Field(default=None, description="E-mail address in the tool.")
    login: Text | None = Field(default=None, description="Name the person signs in with.")
    kind: Annotated[str, one_of("member", "guest", "bot")] = Field(
        default="member", description="Member, guest or bot."
    )


IMPORTER = Importer(
    name="identities",
    title="People of a tool",
    row=IdentityRow,
    table="identities",
    key=("id", "source"),
    renamed={"id": "person"},
    example={"id": "U0123", "source": "slack", "name": "Alex Example", "email": "alex@example.org"},
)
