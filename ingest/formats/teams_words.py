"""Words of Teams in the languages of its users: roles, columns and actions; where a word is not known, the place of a column is."""

import re

from ingest.formats.headings import plain

TITLE = ("meeting title", "title", "event title", "webinar title")
MEETING_ID = ("meeting id", "event id")
ATTENDED = (
    "attended participants", "total number of participants", "number of participants", "attended", "total participants",
    "participants attended", "attended attendees",
)  # fmt: skip
STARTED = ("start time", "meeting start time", "event start time")
ENDED = ("end time", "meeting end time", "event end time")
LASTED = ("meeting duration", "duration", "event duration")
AVERAGE = ("average attendance time", "average time in meeting", "average attendance")

EMAIL = frozenset(
    [
        "email",
        "e mail",
        "mail",
        "email address",
        "e mail address",
        "e mail adresse",
        "adresse e mail",
        "adresse de messagerie",
        "courriel",
        "correo electrónico",
        "correo",
        "dirección de correo electrónico",
        "posta elettronica",
        "indirizzo e mail",
        "indirizzo di posta elettronica",
        "e mailadres",
        "adres e mail",
        "e post",
        "e postadress",
        "e postadresse",
        "e mail cím",
        "sähköposti",
        "e posta",
        "endereço de email",
        "e mail endereço",
        "электронная почта",
        "メール",
        "電子メール",
        "メール アドレス",
        "电子邮件",
        "電子郵件",
        "이메일",
        "전자 메일",
    ]
)
ROLE = frozenset(
    [
        "role",
        "rolle",
        "rol",
        "rôle",
        "ruolo",
        "função",
        "rola",
        "roll",
        "rooli",
        "szerep",
        "szerepkör",
        "roli",
        "роль",
        "役割",
        "ロール",
        "角色",
        "역할",
    ]
)
USER_ACTION = frozenset(
    [
        "user action",
        "benutzeraktion",
        "action de l utilisateur",
        "action utilisateur",
        "acción del usuario",
        "acción de usuario",
        "azione utente",
        "azione dell utente",
        "ação do usuário",
        "ação do utilizador",
        "gebruikersactie",
        "akcja użytkownika",
        "användaråtgärd",
        "brugerhandling",
        "brukerhandling",
        "käyttäjän toiminto",
        "akce uživatele",
        "kullanıcı eylemi",
        "felhasználói művelet",
        "действие пользователя",
        "ユーザー アクション",
        "ユーザーの操作",
        "用户操作",
        "使用者動作",
        "사용자 작업",
    ]
)

_HOST = re.compile(
    r"organi[sz]|arrangö|arrangø|järjest|szervez|pořad|düzenle|организ|開催者|主催者|组织者|組織者|召集人|이끌이|gastgeber|host",
    re.IGNORECASE,
)
_SPEAKER = re.compile(
    r"presen|présent|präsent|referent|moderator|moderador|apresent|relator|prezent|foredrag|esittäj|előad|sunucu|выступ|докладчик|"
    r"発表者|演示者|簡報者|演讲者|발표자|speaker|panelist",
    re.IGNORECASE,
)
_STAFF = re.compile(r"produ[cz]|produttor|productor", re.IGNORECASE)
_LEFT = re.compile(
    r"left|verlass|quitté|parti\b|abandon|salid|salió|saiu|sair|uscit|abbandon|verlaten|heeft de vergadering|opuś|wyszed|lämna|"
    r"forlod|forlat|poistu|odeš|opust|ayrıl|kilép|távoz|покин|выш|退出|退席|离开|離開|나감|나갔",
    re.IGNORECASE,
)
_GUEST = re.compile(
    r"[\(\[（]\s*(guest|gast|invité|invitée|invitado|invitada|ospite|convidado|convidada|gość|gäst|gæst|gjest|vieras|host|konuk|"
    r"vendég|гость|ゲスト|来宾|來賓|게스트|unverified|nicht überprüft|nicht verifiziert|non vérifié|no verificado|non verificato|"
    r"não verificado|niet geverifieerd|niezweryfikowany|anonymous|anonym)\s*[\)\]）]",
    re.IGNORECASE,
)


def is_guest(name: str, upn: str) -> bool:
    """Whether Teams marks somebody as no account of the organisation. (EXT) is a habit of organisations, not such a mark."""
    return _GUEST.search(name) is not None or "#ext#" in upn.casefold()


def part_of(role: str, *, has_attendees: bool) -> str | None:
    """The part that a role means. Where nobody is an attendee, everybody is a presenter, which then says nothing."""
    if _HOST.search(role):
        return "host"
    if _STAFF.search(role):
        return "staff"
    return "speaker" if has_attendees and _SPEAKER.search(role) else None


def is_attendee(role: str) -> bool:
    """Whether a role is that of somebody in the audience."""
    return bool(role) and not (_HOST.search(role) or _STAFF.search(role) or _SPEAKER.search(role))


def means_left(action: str) -> bool:
    """Whether an action of the log is leaving; every other one is joining."""
    return _LEFT.search(action) is not None


def names_upn(column: str) -> bool:
    """Whether a column holds principal names: the letters UPN are the same in every language."""
    return "upn" in plain(column).split()
