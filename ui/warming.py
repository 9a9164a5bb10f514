"""Warm-up: what the first visitor would wait for is made before anybody comes."""

import logging

from data.errors import HearthError
from metrics.snapshot import Role, current_id
from report.models.pulse import read_pulse
from report.models.reading import Group, choose_period, list_groups, read_periods
from ui import panels, period_filters, tiles
from ui.reading import home, keep, snapshot_as

# Loaded here for their own imports, which take longer than any page.
LOADED = (panels, period_filters, tiles)

LOG = logging.getLogger(__name__)


def warm_up() -> None:
    """Open the snapshot in force and make the page that opens first; where there is none, its page says so itself."""
    try:
        opened = snapshot_as(current_id(home()), Role.MANAGER)
        week = choose_period(keep(opened, read_periods, "week"), None)
        keep(opened, list_groups)
        if week is not None:
            keep(opened, read_pulse, week.period, Group())
    except HearthError as error:
        LOG.info("Nothing to warm up: %s", error)
