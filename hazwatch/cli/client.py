"""The client of a running engine on this machine, through the HTTP interface of its page."""

import argparse
import json
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from hazwatch.cli.options import PORT, RefusedError, UnavailableError
from hazwatch.words import both
from plant import Message, message_from, message_of

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
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise RefusedError(
                Message("--url {url}: expected an address such as {example}", url=url, example=DEFAULT_URL)
            )
        self._url: Final = url.rstrip("/")

    @property
    def whose(self) -> str:
        """Name of the mine and address of the engine."""
        # A command names both: ticket numbers and alarm ids are alike in every mine.
        return f"{self.get('/api/site')['site']['name']} {self._url}"

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
                return json.load(answer)
        except HTTPError as error:
            with error:
                text = error.read().decode(errors="replace")
            raise RefusedError(_refusal(text) or Message("{text}", text=f"{request.full_url}: {error}")) from None
        except (URLError, OSError) as error:
            cause = getattr(error, "reason", error)
            reason = message_of(cause) if isinstance(cause, BaseException) else Message("{text}", text=cause)
            message = Message(
                "no engine answers at {url}: {reason}; start one with `hazwatch run`", url=self._url, reason=reason
            )
            raise UnavailableError(message) from None


def _refusal(text: str) -> Message | None:
    """Return the reason of a refusal; None if the answer has none."""
    try:
        answer = json.loads(text)
        return message_from(answer["message"]) if "message" in answer else Message("{text}", text=answer["detail"])
    except (ValueError, KeyError, TypeError):
        return None
