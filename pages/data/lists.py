"""Lists: whom to write to, to thank and to bring together; for managers only."""

from report.models.people_lists import is_watched, read_people_lists
from ui.layout import page, show_head
from ui.panels import show_table
from ui.reading import keep, lists, model, snapshot
from ui.states import guarded

FIRST = 10


def show() -> None:
    named = keep(lists(), read_people_lists, snapshot().manifest()["as_of"], model(is_watched))
    with page():
        show_head(named)
        for table in named.tables:
            show_table(table, first=FIRST)


guarded(show)
