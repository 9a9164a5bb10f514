"""The errors a person may see. Each says what, where and what to do.

HearthError
├── Busy            another process holds the warehouse
├── Refused         the input or the request cannot be accepted, with reasons (exit code 1)
│   ├── BadFile     an uploaded file cannot be read at all
│   └── BadSettings settings.toml cannot be used
├── NothingPublished there is no snapshot yet
└── Damaged         a stored file is not what was written
"""


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
