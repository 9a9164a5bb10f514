"""Settings of one home, read from `settings.toml`; every one has a default that is right for most."""

import tomllib
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from data.errors import BadSettings, say_invalid
from data.themes import THEMES

FLOOR = 5
DAYS_A_MONTH = 365.25 / 12


class Holiday(BaseModel):
    """Days in which quiet is expected; weeks that touch them stay out of limits and verdicts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: date
    last: date
    label: str


class Thresholds(BaseModel):
    """The smallest group shown, in distinct people; never below the floor of 5."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    manager: int = Field(default=5, ge=FLOOR)
    leader: int = Field(default=10, ge=FLOOR)
    member: int = Field(default=10, ge=FLOOR)
    distributions: int = Field(default=10, ge=FLOOR)

    @property
    def of_any_role(self) -> int:
        """The largest that any role has: a group of so many is shown to everybody."""
        return max(self.manager, self.leader, self.member)

    @property
    def of_anything(self) -> int:
        """The largest of all: from what so many say nobody's answer follows, by no rule."""
        return max(self.of_any_role, self.distributions)


class Limits(BaseModel):
    """What one connection to the warehouse may use. Empty: 60 % of the memory, up to 16 GB; half of the free disk; all cores."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    memory_mb: int | None = Field(default=None, ge=64)
    spill_mb: int | None = Field(default=None, ge=0)
    threads: int | None = Field(default=None, ge=1)


class Retention(BaseModel):
    """How long things are kept that are not needed for a number: kept copies of uploads, in months."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keep_months: int = Field(default=13, ge=1, le=600)

    def end_of_term(self, now: datetime) -> datetime:
        """What was loaded before this moment is past its term."""
        return now - timedelta(days=self.keep_months * DAYS_A_MONTH)


class Settings(BaseModel):
    """What a community decides once. Unknown names are refused, so a typo cannot be silent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    community: str = "Our community"
    zone: str = "UTC"
    fiscal_month: int = Field(default=1, ge=1, le=12)
    dimensions: tuple[str, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    thresholds: Thresholds = Thresholds()
    as_of: date | None = None
    limits: Limits = Limits()
    retention: Retention = Retention()
    themes: dict[str, tuple[str, ...]] = Field(default_factory=lambda: dict(THEMES))
    activity_weekday: int | None = Field(default=None, ge=1, le=7)
    pulse: tuple[str, ...] = (
        "event_participation",
        "answered_within_day",
        "posting_members",
        "member_to_member",
        "newcomers_with_tie",
        "cross_team_share",
    )
    scorecard: tuple[str, ...] = (
        "event_participation",
        "posting_members",
        "answered_within_day",
        "quarter_retention",
        "engagement_index",
        "favourable:voice",
        "cross_team_share",
        "actions_on_time",
    )

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f'"{zone}" is no time zone; write one like Europe/Berlin') from error
        return zone


def read_settings(home: Path) -> Settings:
    """The settings of a home; the defaults where it has no `settings.toml`.

    Raises BadSettings naming the setting, for an unknown name or a value it cannot have.
    """
    file = home / "settings.toml"
    if not file.exists():
        return Settings()
    try:
        return Settings.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"This is no TOML: {error}.", where=str(file), fix="Mend the file.") from error
    except ValidationError as error:
        raise BadSettings(
            say_invalid(error, prefix="The setting "), where=str(file), fix="Mend it or take it out."
        ) from error
