"""`AccessGate`: admits only requests from the console's own pages on this machine."""

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Sent

from console.limits import REQUEST_RATE, REQUESTS_AT_ONCE
from console.pace import Pace
from console.sessions import Sessions
from plant import Message

POLICY: Final = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
SECURITY: Final = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
POLICY_VIOLATION: Final = 1008
LONGEST_BODY: Final = 65536
"""Largest body of a request. [byte]"""


class AccessGate:
    """Refuses requests that name another host (DNS rebinding), come from another page (cross-site), or come too fast.

    A foreign web site in a dispatcher's browser can reach loopback, but neither with these host names nor from this
    origin. A browser names the origin of commands and streams, and for every request whether the page that asks is of
    the same origin; another port of this machine is not. A link in a foreign page may open the page itself. The gate
    covers WebSockets, too. Programs other than browsers send no such headers and are admitted.
    """

    def __init__(self, app: ASGIApp, *, hosts: Sequence[str], say: Callable[[Message], str]) -> None:
        self._app = app
        self._say = say
        self._hosts = frozenset(host.lower() for host in hosts)
        self._sessions: Final = Sessions()
        # Apart, so that a flood of queries leaves room for an acknowledgement.
        self._queries: Final = Pace(REQUEST_RATE, REQUESTS_AT_ONCE)
        self._commands: Final = Pace(REQUEST_RATE, REQUESTS_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Admit or refuse a request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        session = self._sessions.of(headers)
        refusal = self._refusal(headers, scope, session)
        if refusal is None:
            scope.setdefault("state", {})["session"] = session
            begun = None
            if session is None and scope.get("method") == "GET" and scope["path"] == "/":
                begun = self._sessions.begin(_address(scope), asyncio.get_running_loop().time())
            await self._app(scope, receive, _secured(scope, send, begun))
        elif scope["type"] == "websocket":
            reason = self._say(refusal[1])
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": reason})
        else:
            response = PlainTextResponse(f"{self._say(refusal[1])}\n", status_code=refusal[0])
            await response(scope, receive, _secured(scope, send))

    def _refusal(self, headers: Headers, scope: Scope, session: str | None) -> tuple[int, Message] | None:
        if not self._is_ours(headers) or not _is_asked_by_us(headers, scope):
            return 403, Message("foreign host or origin")
        pace = self._commands if scope.get("method") == "POST" else self._queries
        if not pace.allows(session or _address(scope), asyncio.get_running_loop().time()):
            return 429, Message("too many requests at once; try again in a second")
        # Without a length a body could grow until the memory is full; the page always sends one.
        if "transfer-encoding" in headers:
            return 411, Message("a body needs its Content-Length")
        # Nine digits at most: int() of a very long text is slow, and isdecimal alone does not bound it.
        length = headers.get("content-length", "0")
        if not length.isdecimal() or len(length) > 9 or int(length) > LONGEST_BODY:
            return 413, Message("a body of more than {longest} bytes", longest=LONGEST_BODY)
        return None

    def _is_ours(self, headers: Headers) -> bool:
        # Two Host headers would let the gate and the application look at different ones.
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or len(origins) > 1 or _name(hosts[0]) not in self._hosts:
            return False
        return not origins or origins[0].lower() == f"http://{hosts[0].lower()}"


def _is_asked_by_us(headers: Headers, scope: Scope) -> bool:
    sites = headers.getlist("sec-fetch-site")
    if all(site in ("same-origin", "none") for site in sites):
        return True
    # "none" is a person who typed the address; a link in another page is cross-site, and may open the page itself.
    opens = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return opens and scope["type"] == "http" and scope["method"] == "GET" and scope["path"] == "/"


def _name(host: str) -> str:
    match = re.fullmatch(r"\[([0-9a-f:.]+)\](?::\d+)?|([a-z0-9.-]+)(?::\d+)?", host.lower())
    return "" if match is None else match[1] or match[2]


def _address(scope: Scope) -> str:
    return str((scope.get("client") or ("",))[0])


def _secured(scope: Scope, send: Send, cookie: str | None = None) -> Send:
    async def with_headers(message: Sent) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(SECURITY)
            # The build puts a hash of the content into the names under /assets/, so they never change.
            hashed = scope["path"].startswith("/assets/") and message["status"] == 200
            if cookie is not None:
                headers["Set-Cookie"] = cookie
            headers["Cache-Control"] = "public, max-age=31536000, immutable" if hashed else "no-store"
        await send(message)

    return with_headers
