"""The client of a running engine on this machine, through the HTTP interface of its page."""

import argparse
import json
import re
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from hazwatch.cli.options import PORT, RefusedError, UnavailableError, UsageError
from hazwatch.words import both
from plant import Message, message_from, message_of
from plant.bounds import LARGEST_ANSWER, shown

DEFAULT_URL: Final = f"http://127.0.0.1:{PORT}"
TIMEOUT: Final = 10.0
"""Time to wait for an answer. [s]"""


def add_url(parser: argparse.ArgumentParser) -> None:
    """Add the option for the address of the engine's page."""
    parser.add_argument(
        "--url", default=DEFAULT_URL, metavar="URL", help=both(Message("address of the engine's page (%(default)s)"))
    )


class EngineClient:
    """A running engine at the address of its page."""

    def __init__(self, url: str) -> None:
        if not _is_address(url):
            message = Message("--url {url}: expected an address such as {example}", url=shown(url), example=DEFAULT_URL)
            raise UsageError(message)
        self._url: Final = url.rstrip("/")

    @property
    def whose(self) -> str:
        """Name of the mine and address of the engine."""
        # A command names both: ticket numbers and alarm ids are alike in every mine.
        try:
            return f"{self.get('/api/site')['site']['name']} {self._url}"
        except (KeyError, TypeError):
            raise UnavailableError(self._foreign()) from None

    def _foreign(self) -> Message:
        return Message("what answers at {url} is no engine; give the address of its page with --url", url=self._url)

    def get(self, path: str) -> Any:
        """Return the answer to a query."""
        return self._ask(Request(self._url + path))  # noqa: S310  (http alone, see __init__)

    def command(self, command: dict[str, Any], *, key: str) -> Any:
        """Execute a command; a repeated key has no effect."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key, "Origin": self._url}
        body = json.dumps(command, ensure_ascii=False).encode()
        return self._ask(Request(f"{self._url}/api/commands", body, headers))  # noqa: S310

    def _ask(self, request: Request) -> Any:
        try:
            with urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
                content = answer.read(LARGEST_ANSWER + 1)
            if len(content) > LARGEST_ANSWER:
                raise UnavailableError(self._foreign())
            return json.loads(content)
        except HTTPError as error:
            with error:
                text = error.read(LARGEST_ANSWER).decode(errors="replace")
            raise RefusedError(_refusal(text) or Message("{text}", text=f"{request.full_url}: {error}")) from None
        except (URLError, OSError) as error:
            cause = getattr(error, "reason", error)
            reason = message_of(cause) if isinstance(cause, BaseException) else Message("{text}", text=cause)
            message = Message(
                "no engine answers at {url}: {reason}; start one with `hazwatch run`", url=self._url, reason=reason
            )
            raise UnavailableError(message) from None

        except (HTTPException, ValueError, RecursionError):
            raise UnavailableError(self._foreign()) from None


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port or 0
    except ValueError:
        return False
    # Spaces, control characters and letters beyond ASCII are not sent in a request; a host has at most 253 characters.
    plain = re.fullmatch(r"[!-~]{1,300}", url) is not None
    return plain and parts.scheme == "http" and 0 < len(parts.hostname or "") <= 253 and port >= 0


def _refusal(text: str) -> Message | None:
    """Return the reason of a refusal; None if the answer has none."""
    try:
        answer = json.loads(text)
        return message_from(answer["message"]) if "message" in answer else Message("{text}", text=answer["detail"])
    except (ValueError, KeyError, TypeError):
        return None
