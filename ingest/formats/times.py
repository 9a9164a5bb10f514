"""Times as tools write them: read by rule, asked about where day and month could be either, never guessed.

What cannot be read is handed on as it stands, so that checking names the row and the cell.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ingest.formats.format import Question, Unsettled
from ingest.importer import Details

DAY_FIRST, MONTH_FIRST = "day-first", "month-first"
MOST_EXAMPLES = 3

# Abbreviations that mean one offset wherever they are used; IST, BST and their like mean several and are asked about.
OFFSETS = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "CET": 60, "CEST": 120, "EET": 120, "EEST": 180, "AST": -240, "ADT": -180,
    "EST": -300, "EDT": -240, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "AKST": -540,
    "AKDT": -480, "HST": -600, "AEST": 600, "AEDT": 660, "ACST": 570, "ACDT": 630, "AWST": 480, "NZST": 720,
    "NZDT": 780, "JST": 540, "KST": 540, "SGT": 480, "HKT": 480,
}  # fmt: skip
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"),
        1,
    )
    for name in names.split()
}  # fmt: skip
_SPACES = re.compile(r"[\s\u00a0\u202f\u200e\u200f]+")
_NUMBERS = re.compile(r"(\d{1,4})([./-]) ?(\d{1,2})[./-] ?(\d{1,4})(?!\d)\.?")
_WEEKDAY = re.compile(r"^[A-Za-z]+,? (?=[A-Za-z]{3,9}\.? \d|\d)")
_NAMED = re.compile(r"(?:([A-Za-z]{3,9})\.? (\d{1,2})|(\d{1,2})\.? ([A-Za-z]{3,9})\.?),? (\d{4})\b")
_HALF = r"[ap]\.?\s?m\.?(?![a-z])|[ap](?![a-z])|上午|下午|午前|午後|오전|오후"
_CLOCK = re.compile(
    rf"^[,T]?\s*(?:at\s+)?({_HALF})?\s*(\d{{1,2}})[:.](\d{{2}})(?:[:.](\d{{2}})(?:[.,]\d+)?)?\s*({_HALF})?\s*(.*)$",
    re.IGNORECASE,
)
_AFTER_NOON = ("p", "P", "下午", "午後", "오후")
_OFFSET = re.compile(r"^\(?(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})?\)?$", re.IGNORECASE)
# Units of durations as tools write them in the languages of their users; matched up to the end of the word.
_HOURS = (
    "h hr hrs hour hours std stunde stunden godz heure heures hora horas ora ore t tim timme timmar time timer tunti u uur "
    "uren ч час часа часов год sa saat hod óra 小时 小時 時間 시간"
)
_MINUTES = "m min mins minute minutes minuten minuto minutos minuti minut minuter minutter minuut мин хв dk dakika perc p 分 分钟 分鐘 분"
_SECONDS = (
    "s sec secs sek second seconds sekunde sekunden segundo segundos secondi seconde secondes sekund sekunder seconden "
    "seg с сек sn saniye mp 秒 초"
)
_UNITS = tuple(
    (
        re.compile(
            rf"(\d+(?:[.,]\d+)?)\s*(?:{'|'.join(sorted(words.split(), key=len, reverse=True))})(?![^\W\d_])",
            re.IGNORECASE,
        ),
        worth,
    )
    for words, worth in ((_HOURS, 60.0), (_MINUTES, 1.0), (_SECONDS, 1 / 60))
)


def settle_order(texts: Iterable[str], details: Details, name: str, usual: str | None = None) -> str:
    """Whether days or months come first in the dates of a file: as somebody said, else by a number above 12.

    Dates that say it themselves (year first, month by name) need none and count for nothing. Where dots are written, the
    day comes first: nobody who writes the month first writes dots. Where every date could be either, `usual` is the order
    of a tool that has only one; without it, Unsettled is raised.
    """
    if details.date_order is not None:
        return details.date_order
    either: list[str] = []
    has_dots = False
    for text in texts:
        numbers = _NUMBERS.match(_clean(text))
        if numbers is None or len(numbers[1]) == 4:
            continue
        first, second = int(numbers[1]), int(numbers[3])
        if first > 12:
            return DAY_FIRST
        if second > 12:
            return MONTH_FIRST
        if numbers[2] == ".":
            has_dots = True
        elif first != second and text.strip() not in either:
            either.append(text.strip())
    if has_dots or not either or usual is not None:
        return DAY_FIRST if has_dots else usual or DAY_FIRST
    shown = either[0]
    raise Unsettled(
        name,
        [
            Question(
                "date_order",
                "Day and month could be either way round.",
                "--date-order",
                tuple((order, read_moment(shown, order)) for order in (DAY_FIRST, MONTH_FIRST)),
                tuple(either[:MOST_EXAMPLES]),
            )
        ],
    )


def read_moment(text: str, order: str = DAY_FIRST, zone: str | None = None) -> str:
    """ISO time of a text, with the offset that it says or that `zone` (a name such as Europe/Berlin) gives it; else local.

    A text that is no time, or names a zone that could be several, comes back unchanged.
    """
    shown = _clean(text)
    found = _find_day(shown, order)
    if found is None:
        return text
    day, rest = found
    if not rest:
        return day.isoformat()
    clock = _CLOCK.match(rest)
    if clock is None:
        return text
    hour, minute, second = int(clock[2]), int(clock[3]), int(clock[4] or 0)
    if half := clock[1] or clock[5]:
        hour = hour % 12 + (12 if half.startswith(_AFTER_NOON) else 0)
    if hour > 23 or minute > 59 or second > 59:
        return text
    moment = datetime.combine(day, time(hour, minute, second))
    if not clock[6]:
        return _with_offset(moment.replace(tzinfo=ZoneInfo(zone))) if zone else moment.isoformat(sep=" ")
    minutes = _find_offset(clock[6])
    return text if minutes is None else moment.isoformat(sep=" ") + _offset_text(minutes)


def read_day(text: str, order: str = DAY_FIRST) -> str:
    """ISO day of a text, whatever time stands behind it; a text that is no day comes back unchanged."""
    found = _find_day(_clean(text), order)
    return text if found is None else found[0].isoformat()


def names_day(text: str) -> bool:
    """Whether a text begins with a day, in whatever order."""
    shown = _clean(text)
    return _find_day(shown, DAY_FIRST) is not None or _find_day(shown, MONTH_FIRST) is not None


def read_epoch(seconds: float) -> str:
    """ISO time in UTC of seconds since 1970; microseconds are kept where there are any."""
    moment = datetime(1970, 1, 1) + timedelta(seconds=int(seconds), microseconds=round((seconds - int(seconds)) * 1e6))
    return moment.isoformat(sep=" ") + "Z"


def read_minutes(text: str) -> float | None:
    """Minutes of a duration: 1h 13m 42s, 1 hr 2 min, 58 min, 1:00:00 (hours first), 32:14 (minutes first), 45. None for no duration."""
    shown = _clean(text)
    if re.fullmatch(r"\d+(\.\d+)?", shown):
        return float(shown)
    if re.fullmatch(r"\d+:\d{2}(:\d{2})?", shown):
        parts = [int(part) for part in shown.split(":")]
        hours, minutes, seconds = parts if len(parts) == 3 else [0, *parts]
        return hours * 60 + minutes + seconds / 60
    found = [(float(match[1].replace(",", ".")) * worth) for unit, worth in _UNITS for match in unit.finditer(shown)]
    return sum(found) if found else None


def join_stays(stays: Sequence[tuple[datetime, datetime]]) -> float:
    """Minutes that somebody was there: the union of the stays, so that two devices at once count once."""
    total, until = timedelta(0), datetime.min
    for start, end in sorted(stays):
        if end > until:
            total += end - max(start, until)
            until = end
    return total.total_seconds() / 60


def as_moment(text: str) -> datetime | None:
    """The time of an ISO text; None where it is none."""
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None


def _clean(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


def _find_day(text: str, order: str) -> tuple[date, str] | None:
    """The day at the start of a text and what follows it."""
    if numbers := _NUMBERS.match(text):
        first, second, third = (int(part) for part in numbers.group(1, 3, 4))
        if len(numbers[1]) == 4:
            year, month, day = first, second, third
        else:
            year = third if len(numbers[4]) == 4 else 2000 + third
            day, month = (first, second) if order == DAY_FIRST else (second, first)
        rest = text[numbers.end() :]
    elif named := _NAMED.match(text) or _NAMED.match(_WEEKDAY.sub("", text)):
        word = (named[1] or named[4]).lower()
        if word not in _MONTHS:
            return None
        year, month, day = int(named[5]), _MONTHS[word], int(named[2] or named[3])
        rest = named.string[named.end() :]
    else:
        return None
    try:
        return date(year, month, day), rest.strip(", ")
    except ValueError:
        return None


def _find_offset(text: str) -> int | None:
    """Minutes east of Greenwich of an offset or an abbreviation that means one; None for another."""
    if text.upper().strip("()") in OFFSETS:
        return OFFSETS[text.upper().strip("()")]
    if match := _OFFSET.match(text.replace(" ", "")):
        return int(f"{match[1]}1") * (int(match[2]) * 60 + int(match[3] or 0))
    return None


def _with_offset(moment: datetime) -> str:
    offset = moment.utcoffset()
    minutes = 0 if offset is None else round(offset.total_seconds() / 60)
    return moment.replace(tzinfo=None).isoformat(sep=" ") + _offset_text(minutes)


def _offset_text(minutes: int) -> str:
    return "Z" if minutes == 0 else f"{'+' if minutes > 0 else '-'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
