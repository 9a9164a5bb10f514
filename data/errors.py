"""The errors a person may see. Each says what, where and what to do.

HearthError
├── Busy            another process holds the warehouse
├── NoRoom          the disk, or the memory a query may use, is full
├── Uncertain       a change failed while it was being written; only opening the warehouse again tells whether it was stored
├── Refused         the input or the request cannot be accepted, with reasons (exit code 1)
│   ├── BadFile     an uploaded file cannot be read at all
│   └── BadSettings settings.toml cannot be used
├── NothingPublished there is no snapshot yet
└── Damaged         a stored file is not what was written
"""

from pydantic import ValidationError


class HearthError(Exception):
    """Something a person can act on: shown without a traceback."""

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        remedy = f" {self.fix}" if self.fix else ""
        return f"{place}{self.what}{remedy}"


class Busy(HearthError):
    """Another process is writing; trying again later is enough."""


class NoRoom(HearthError):
    """The disk or the memory is full. Nothing that was said to be saved is lost, and freeing room is enough."""


class Uncertain(HearthError):
    """The commit of a change failed in a way that leaves open whether it was stored. `batch` and `undone` say what it was."""

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(what, where=where, fix=fix)
        self.batch: int | None = None
        self.undone = False


class Refused(HearthError):
    """The request was understood and is not carried out; nothing was changed."""


class BadFile(Refused):
    """The file cannot be read as what it is said to be."""


class BadSettings(Refused):
    """A setting is unknown or has a value it cannot have."""


class NothingPublished(HearthError):
    """No snapshot has been published in this home yet."""


class Damaged(HearthError):
    """A stored file does not hold what was written to it."""


def say_invalid(error: ValidationError, prefix: str = "", whole: str = "") -> str:
    """The first thing that a validation found, by the name of its field after `prefix`; `whole` names what has no field."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"]) or whole
    return f"{prefix}{name} cannot be used: {first['msg']}."
