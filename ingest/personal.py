"""Columns of a survey file that say who somebody is: they are left out before anything is kept.

A header gives most of them away; e-mail and network addresses are also found by what the cells hold.
"""

from collections.abc import Sequence

import duckdb

_NAMES = (
    "name", "first name", "last name", "surname", "full name", "display name", "given name", "family name", "username",
    "user name", "recipientfirstname", "recipientlastname", "recipient first name", "recipient last name",
)  # fmt: skip
_EMAILS = ("email", "e mail", "email address", "e mail address", "mail", "recipientemail", "recipient email", "upn")
_ADDRESSES = (
    "address", "home address", "street", "street address", "postcode", "post code", "postal code", "zip", "zip code", "phone",
    "phone number", "telephone", "mobile", "ip", "ip address", "ipaddress", "ipaddr",
)  # fmt: skip
_PLACES = (
    "place", "city", "town", "village", "location", "latitude", "longitude", "location latitude", "location longitude",
    "locationlatitude", "locationlongitude", "geolocation",
)  # fmt: skip
_HEADERS = {
    **dict.fromkeys(_NAMES, "names"),
    **dict.fromkeys(_EMAILS, "e-mail addresses"),
    **dict.fromkeys(_ADDRESSES, "addresses"),
    **dict.fromkeys(_PLACES, "places"),
}
_PATTERNS = (
    (r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]{2,}", "e-mail addresses"),
    (r"\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){5,7}", "network addresses"),
)


def find_personal(connection: duckdb.DuckDBPyConnection, staged: str, columns: Sequence[str]) -> dict[str, str]:
    """Columns that hold names, e-mails, addresses or places, with the word for it. By content where at least half of the filled cells match."""
    found = {column: word for column in columns if (word := _HEADERS.get(_plain(column))) is not None}
    for column in columns:
        if column in found:
            continue
        quoted = '"' + column.replace('"', '""') + '"'
        for pattern, word in _PATTERNS:
            row = connection.execute(
                f"""select count_if(regexp_full_match({quoted}, ?)) * 2 >= count({quoted}) and count({quoted}) > 0
                    from {staged}""",
                [pattern],
            ).fetchone()
            if row and row[0]:
                found[column] = word
                break
    return found


def _plain(header: str) -> str:
    return " ".join(header.casefold().replace("_", " ").replace("-", " ").split())
