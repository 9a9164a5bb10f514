"""Access: who the visitor is and what they may open, decided anew on every run.

A cookie lives for thirty days and cannot be called back, so it is never enough: what it says is held against `access.toml`
each time anything is shown.
"""

import json
import logging
import threading
from collections import OrderedDict
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from data.access import FILE, Access, AccessRole, Decision, decide, read_access, signed_in_at
from data.audit import Act, record
from data.deployment import is_viewer
from data.errors import HearthError, Refused
from data.sign_in import SignIn, read_sign_in
from data.store import choose_home

LOG = logging.getLogger(__name__)

PAGES = Path(__file__).parent.parent / "pages"
THIS_MACHINE = "this machine"
SIGN_INS_KEPT = 10_000

# The least role that a page needs. A page that is not named here needs the highest.
NEEDS: dict[str, AccessRole] = {
    "help/glossary": AccessRole.MEMBER,
    "help/method": AccessRole.MEMBER,
    "help/members": AccessRole.MEMBER,
    "members/results": AccessRole.MEMBER,
    "overview/pulse": AccessRole.LEADER,
    "overview/scorecard": AccessRole.LEADER,
    "overview/progress": AccessRole.LEADER,
    "overview/objectives": AccessRole.LEADER,
    "overview/actions": AccessRole.LEADER,
    "overview/report": AccessRole.LEADER,
    "taking_part/events": AccessRole.LEADER,
    "taking_part/conversations": AccessRole.LEADER,
    "belonging/journeys": AccessRole.LEADER,
    "belonging/surveys": AccessRole.LEADER,
    "belonging/voices": AccessRole.LEADER,
    "belonging/connections": AccessRole.LEADER,
    "belonging/inclusion": AccessRole.LEADER,
    "data/people": AccessRole.MANAGER,
    "data/lists": AccessRole.MANAGER,
    "data/upload": AccessRole.MANAGER,
    "data/history": AccessRole.MANAGER,
    "data/quality": AccessRole.MANAGER,
    "data/audit": AccessRole.ADMIN,
    "data/settings": AccessRole.ADMIN,
}

# Sections whose pages open the warehouse or other private files, which a viewer deployment does not have.
PRIVATE = ("data/",)

_SEEN: OrderedDict[tuple[str, str, str], datetime] = OrderedDict()
_SEEN_LOCK = threading.Lock()


def visitor() -> Decision:
    """As what this visitor is let in now. Without sign-in the server answers this machine only, and its visitor is admin.

    A home that says who may see what is not served without sign-in: then somebody meant that there is one.
    """
    home = choose_home()
    try:
        if sign_in(home) is None:
            if (home / FILE).exists():
                return Decision(None, "", f"This home has an {FILE}, but no sign-in is configured.")
            return Decision(AccessRole.ADMIN, THIS_MACHINE)
        if not is_signed_in():
            return Decision(None, "")
        return decide_now(home, st.user.to_dict())
    except HearthError as error:
        return Decision(None, "", error.what)


@lru_cache(maxsize=64)
def sign_in(home: Path) -> SignIn | None:
    """How people sign in, as it was when this server started: a file that goes missing later opens nothing.

    Raises Refused and BadSettings.
    """
    return read_sign_in(home)


def decide_now(home: Path, claims: dict[str, Any]) -> Decision:
    """The decision on these claims at this moment; where it lets somebody in, the sign-in counts as used."""
    now = datetime.now(UTC)
    key = (str(claims.get("iss")), str(claims.get("sub")), str(claims.get("iat")))
    with _SEEN_LOCK:
        last_seen = _SEEN.get(key)
    decision = decide(_table(home), claims, now, last_seen)
    if decision.role is not None and signed_in_at(claims) is not None:
        with _SEEN_LOCK:
            _SEEN[key] = now
            _SEEN.move_to_end(key)
            while len(_SEEN) > SIGN_INS_KEPT:
                _SEEN.popitem(last=False)
    return decision


def is_signed_in() -> bool:
    """Whether the visitor brought a sign-in at all; what it is worth is for `visitor` to say."""
    return bool(st.user.get("is_logged_in", False))


def who() -> str:
    """The visitor's name in the audit log and in the history of uploads."""
    decision = visitor()
    return "dashboard" if decision.who == THIS_MACHINE else decision.who or "somebody unknown"


def may(needed: AccessRole) -> bool:
    """Whether the visitor has the powers of a role."""
    role = visitor().role
    return role is not None and role.covers(needed)


def may_open(page: str) -> bool:
    """Whether the visitor may open a page such as data/upload, in this deployment."""
    return opens(visitor().role, page)


def opens(role: AccessRole | None, page: str) -> bool:
    """Whether a role opens a page, in this deployment."""
    if role is None or (is_viewer() and page.startswith(PRIVATE)):
        return False
    return role.covers(NEEDS.get(page, AccessRole.ADMIN))


def require_page(script: str | Path) -> None:
    """Raises Refused where the visitor may not open the page of this script, however they came to it."""
    path = Path(script).resolve()
    if not path.is_relative_to(PAGES):
        return
    if not may_open(path.relative_to(PAGES).with_suffix("").as_posix()):
        raise _refused()


def private_home() -> Path:
    """The home, for what opens its warehouse. Raises Refused for a visitor who may not, and in a viewer deployment."""
    if is_viewer() or not may(AccessRole.MANAGER):
        raise _refused()
    return choose_home()


def note(act: Act, by: str | None = None, **facts: Any) -> None:
    """Write into the audit log what this visitor does, before a named list or an export is shown. Raises NoRoom.

    `by` is who it is, where that was asked before, outside a run. A viewer deployment writes nothing into its home:
    there it is a line of the server's own log.
    """
    doer = by or who()
    if is_viewer():
        LOG.warning("audit %s", json.dumps({"who": doer, "act": act, "facts": facts}))
        return
    record(choose_home(), doer, act, **facts)


def _refused() -> Refused:
    return Refused("This page is not open to you.", fix="Ask whoever looks after Hearth, if you need it.")


def _table(home: Path) -> Access:
    """The table as it is on disk now; read again whenever the file is another one."""
    file = home / FILE
    if not file.exists():
        return Access()
    facts = file.stat()
    return _read_table(home, (facts.st_mtime_ns, facts.st_size, facts.st_ino))


@lru_cache(maxsize=4)
def _read_table(home: Path, written: tuple[int, int, int]) -> Access:
    return read_access(home)
