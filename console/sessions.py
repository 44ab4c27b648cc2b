"""`Sessions`: tells browsers of one address apart by a cookie, so that none uses up the limits of another."""

import secrets
from collections import OrderedDict
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import Headers

from console.limits import NEW_SESSION_RATE, NEW_SESSIONS_AT_ONCE, SESSIONS
from console.pace import Pace

COOKIE: Final = "hazwatch"


class Sessions:
    """The sessions of the page; the one that was not used for longest is forgotten first.

    A session is no login: every program of this machine can get one. It only separates pages that behave from
    programs that do not, which share what is left to requests without a session.
    """

    def __init__(self) -> None:
        self._known: Final[OrderedDict[str, None]] = OrderedDict()
        self._new: Final = Pace(NEW_SESSION_RATE, NEW_SESSIONS_AT_ONCE)

    def of(self, headers: Headers) -> str | None:
        """Return the session that a request belongs to; None if it names none that is known."""
        try:
            named = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return None
        if named is None or named.value not in self._known:
            return None
        self._known.move_to_end(named.value)
        return named.value

    def begin(self, address: str, now: float) -> str | None:
        """Return the header of a new session; None if the address began too many. [now: s, monotonic]."""
        if not self._new.allows(address, now):
            return None
        name = secrets.token_urlsafe(16)
        self._known[name] = None
        if len(self._known) > SESSIONS:
            self._known.popitem(last=False)
        return f"{COOKIE}={name}; Path=/; HttpOnly; SameSite=Strict"
