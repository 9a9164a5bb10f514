"""Columns of a survey file that say who somebody is: they are left out before anything is kept.

A header gives most of them away; addresses and numbers are also found by what the cells hold, names by the roster. A header
counts only where all of it asks for the name, and cells only where they hold nothing else, so that a sentence in which a
name, a place or an address occurs is an answer.
"""

import re
from collections.abc import Sequence

import duckdb

NAMES, EMAILS, ADDRESSES, PLACES = "names", "e-mail addresses", "addresses", "places"
POSITIONS, PHONES, NETWORK, IDS, BIRTHDAYS = (
    "positions on the map", "phone numbers", "network addresses", "ids of people", "dates of birth",
)  # fmt: skip

_WORDS = {
    NAMES: (
        "username", "surname", "surnames", "recipientfirstname", "recipientlastname", "vorname", "nachname", "familienname",
        "vor und nachname", "nom", "prénom", "prenom", "nom et prénom", "nom de famille", "nombre", "nombre completo",
        "nombre y apellidos", "apellido", "apellidos", "nome", "nome completo", "nome e cognome", "cognome", "sobrenome",
        "naam", "voornaam", "achternaam", "volledige naam", "förnamn", "efternamn", "fornavn", "etternavn", "efternavn",
        "navn", "namn", "imię", "nazwisko", "imię i nazwisko", "ihr name", "dein name", "votre nom", "tu nombre",
        "su nombre", "il tuo nome", "je naam", "uw naam", "linkedin", "linkedin profile", "slack handle", "handle",
    ),
    EMAILS: (
        "upn", "user principal name", "recipientemail", "recipient email", "correo", "correo electrónico",
        "correo electronico", "dirección de correo electrónico", "adresse e mail", "adresse de messagerie",
        "adresse électronique", "adresse email", "courriel", "e mail adresse", "email adresse", "mailadresse",
        "posta elettronica", "indirizzo e mail", "indirizzo email", "endereço de e mail", "e mailadres", "e postadress",
        "e post", "adres e mail",
    ),
    ADDRESSES: (
        "street", "postcode", "post code", "postal code", "zip", "zip code", "zip postal code", "postleitzahl", "plz",
        "anschrift", "adresse", "straße", "strasse", "dirección", "direccion", "indirizzo", "endereço", "adres",
        "code postal", "wohnort",
    ),
    PLACES: (
        "place", "city", "town", "city town", "village", "location", "geolocation", "state province", "ort", "stadt", "ville",
        "ciudad", "città", "cidade", "plaats",
    ),
    POSITIONS: (
        "latitude", "longitude", "lat", "lng", "lon", "location latitude", "location longitude", "locationlatitude",
        "locationlongitude", "gps", "coordinates", "gps coordinates", "breitengrad", "längengrad",
    ),
    PHONES: (
        "telefon", "telefonnummer", "handynummer", "handy", "téléphone", "telephone number", "numéro de téléphone",
        "teléfono", "telefono", "numero di telefono", "telefone", "telefoon", "telefoonnummer", "whatsapp",
    ),
    NETWORK: ("ip", "ip address", "ipaddress", "ipaddr", "ip adresse", "adresse ip", "dirección ip", "network id"),
    IDS: (
        "employee id", "employee number", "employee no", "staff id", "staff number", "personnel number", "payroll number",
        "badge number", "student id", "student number", "social security number", "passport number", "personalnummer",
        "manager id", "recipient id", "contact id", "token",
    ),
    BIRTHDAYS: ("date of birth", "birth date", "birthday", "dob", "geburtsdatum", "date de naissance", "fecha de nacimiento"),
}  # fmt: skip
_KNOWN = {word: kind for kind, words in _WORDS.items() for word in words}

_ASKED = (
    r"(?:please )?(?:(?:enter|state|give|type|write|provide|share|leave|add|insert|fill in|tell|what is|what s|what are)(?: us| me| in| below)? )?"
    r"(?:(?:your|my|the|an?) )?"
)
_SORT = r"(?:full|first|last|given|family|middle|preferred|display|user|nick|sur|legal|real|own|christian)"
_SOMEBODY = (
    r"(?:onboarding |new |team |line )*(?:member|employee|student|participant|respondent|attendee|person|volunteer|manager|supervisor"
    r"|colleague|mentor|mentee|parent|guest|nominee|recipient|host|speaker|contact|applicant|candidate)s?"
)
_ENDS = r"(?: (?:optional|required|if you like|if you wish|here|please))*"
_SHAPES = (
    (NAMES, rf"{_ASKED}(?:{_SORT} )?(?:and (?:last|family) )?(?:sur)?names?(?: and (?:surname|last name|family name))?{_ENDS}"),
    (NAMES, rf"{_ASKED}(?:{_SORT} )?names? of (?:the |your |an? )?{_SOMEBODY}{_ENDS}"),
    (NAMES, rf"{_ASKED}{_SOMEBODY}(?: s)? (?:{_SORT} )?names?{_ENDS}"),
    (EMAILS, rf"{_ASKED}(?:{_SOMEBODY}(?: s)? |work |company |business |personal |private |office |corporate |school )?e? ?mail(?: address(?:es)?| id)?{_ENDS}"),
    (PHONES, rf"{_ASKED}(?:work |home |office |contact |whatsapp |mobile |cell |personal )?(?:(?:phone|telephone|mobile|cell|cellphone|fax)(?: number| no| nr)?|contact (?:number|no|nr)){_ENDS}"),
    (ADDRESSES, rf"{_ASKED}(?:home |postal |mailing |street |work |delivery |shipping |current )?address(?: line)?(?: \d)?{_ENDS}"),
)  # fmt: skip
_ASKS = tuple((word, re.compile(shape)) for word, shape in _SHAPES)
_HINTS = re.compile(r"e ?mail|phone|\b(?:reach|contact) you\b|get in touch")

_PHONE = r"\+\d[\d\s().\-/]{6,18}|\(?0\d[\d\s().\-/]{6,16}"
_DAY = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}.*"
_CONTENTS = (
    (EMAILS, r"(?:mailto:)?<?[^@\s<>]+@[^@\s<>]+\.[^@\s<>]{2,}>?"),
    (NETWORK, r"\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){5,7}"),
    (PHONES, _PHONE),
    (POSITIONS, r"-?\d{1,3}\.\d{3,}\s*[,;]\s*-?\d{1,3}\.\d{3,}"),
)
FEWEST_NAMES = 3


def says_who(header: str) -> str | None:
    """What a column of this header holds where it asks who or where somebody is; None for every other question."""
    plain = _plain(header)
    if plain in _KNOWN:
        return _KNOWN[plain]
    return next((word for word, shape in _ASKS if shape.fullmatch(plain)), None)


def find_personal(connection: duckdb.DuckDBPyConnection, staged: str, columns: Sequence[str]) -> dict[str, str]:
    """Columns that hold names, e-mails, numbers, addresses or places, with the word for it.

    By content where at least half of the filled cells are nothing else; one such cell is enough where the header asks
    for an address or a number. Names are those of the roster, first and last name together.
    """
    found = {column: word for column in columns if (word := says_who(column)) is not None}
    for column in columns:
        if column not in found and (word := _find_content(connection, staged, column)) is not None:
            found[column] = word
    return {column: found[column] for column in columns if column in found}


def holds_address(connection: duckdb.DuckDBPyConnection, staged: str, column: str) -> bool:
    """Whether any cell of a column is an e-mail address and nothing else."""
    row = connection.execute(
        f"select count(*) from {staged} where regexp_full_match({_quoted(column)}, ?)", [_CONTENTS[0][1]]
    ).fetchone()
    return bool(row and row[0])


def _find_content(connection: duckdb.DuckDBPyConnection, staged: str, column: str) -> str | None:
    cell = _quoted(column)
    enough = 1 if _HINTS.search(_plain(column)) else 0
    tests = ", ".join(
        f"count_if(regexp_full_match({cell}, ?) and not ({at} = 2 and regexp_full_match({cell}, ?)))"
        for at in range(len(_CONTENTS))
    )
    patterns = [pattern for _, content in _CONTENTS for pattern in (content, _DAY)]
    row = connection.execute(f"select count({cell}), {tests} from {staged}", patterns).fetchone()
    filled, *counts = row or (0,)
    for (word, _), count in zip(_CONTENTS, counts, strict=False):
        if count and (2 * count >= filled or enough):
            return word
    named = connection.execute(
        f"""select count(*), count(distinct lower({cell})), count({cell})
            from {staged}
            where lower({cell}) in (select lower(name) from members where contains(name, ' '))"""
    ).fetchone()
    is_named = named and named[1] >= FEWEST_NAMES and 2 * named[0] >= filled
    return NAMES if is_named else None


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _plain(header: str) -> str:
    """A header without case, punctuation and what stands in brackets."""
    words = re.sub(r"\([^)]*\)", " ", header.casefold())
    return " ".join(re.sub(r"[^\w]|_", " ", words).split())
