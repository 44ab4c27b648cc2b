"""Gate: who may speak to the console: this machine's own pages, under the names that it was given."""

import re
from collections.abc import Sequence
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
LONGEST: Final = 65536
"""Of the body of a request. [byte]"""


class Gate:
    """Refuses what names another host (DNS rebinding) or comes from another page (cross-site), also on WebSockets.

    A foreign web site that a dispatcher's browser shows can reach loopback, but not under these names and not from
    this origin. What is no browser sends no Origin and is let through.
    """

    def __init__(self, app: ASGIApp, *, hosts: Sequence[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or refuse it."""
        refusal = None if scope["type"] == "lifespan" else self._refusal(Headers(scope=scope))
        if refusal is None:
            await self._app(scope, receive, _secured(scope, send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": refusal[1]})
        else:
            response = PlainTextResponse(f"{refusal[1]}\n", status_code=refusal[0])
            await response(scope, receive, _secured(scope, send))

    def _refusal(self, headers: Headers) -> tuple[int, str] | None:
        if not self._is_ours(headers):
            return 403, "foreign host or origin"
        if "transfer-encoding" in headers:
            return 411, "a body needs its Content-Length"
        length = headers.get("content-length", "0")
        if not length.isdecimal() or len(length) > 9 or int(length) > LONGEST:
            return 413, f"a body of more than {LONGEST} bytes"
        return None

    def _is_ours(self, headers: Headers) -> bool:
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or len(origins) > 1 or _name(hosts[0]) not in self._hosts:
            return False
        return not origins or origins[0].lower() == f"http://{hosts[0].lower()}"


def _name(host: str) -> str:
    found = re.fullmatch(r"\[([0-9a-f:.]+)\](?::\d+)?|([a-z0-9.-]+)(?::\d+)?", host.lower())
    return "" if found is None else found[1] or found[2]


def _secured(scope: Scope, send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(SECURITY)
            hashed = scope["path"].startswith("/assets/") and message["status"] == 200
            headers["Cache-Control"] = "public, max-age=31536000, immutable" if hashed else "no-store"
        await send(message)

    return with_headers
