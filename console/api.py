"""The HTTP interface of the page: queries for site, snapshot, sources, trend and forecasts, and commands."""

from collections.abc import Awaitable, Mapping
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Body, Header, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import StringConstraints, ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from alarms import CommandRefusedError, IllegalTransitionError, Reason, parse_command
from console.desk import BusyError, Desk, NotDurableError, UnknownNameError
from console.hub import Hub
from console.picture import encode
from console.views import SiteView
from plant import Message, data_of, explained, explained_items, message_of

LATEST_QUERY: Final = 9_000_000_000_000
"""Latest time in a request; int64 nanoseconds end shortly after it. [ms]"""
# These refusals mean that the thing of the command does not exist (404); all others concern its state (409).
UNKNOWN: Final = frozenset((Reason.UNKNOWN_ALARM, Reason.UNKNOWN_TICKET, Reason.UNKNOWN_FIND))
JSON: Final = "application/json"
NOTHING_HERE: Final = ("unknown_address", Message("nothing is at this address"))
OF_FRAMEWORK: Final[Mapping[int, tuple[str, Message]]] = {
    400: ("malformed", Message("the body cannot be read")),
    405: ("unknown_method", Message("this address takes requests of another method")),
}
"""Reason and message of the web framework's own refusals, by status; `NOTHING_HERE` for all others."""

QueryName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
SourceName = Annotated[str, Path(max_length=200)]
TicketName = Annotated[str, Path(max_length=200)]
# The page makes a new key per click and repeats it after a lost answer, so a command never takes effect twice.
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=100, pattern=r"^[\x21-\x7e]+$")]
QueryTime = Annotated[int, Query(ge=0, le=LATEST_QUERY)]
Form = Annotated[dict[str, Any], Body()]


def api_routes(desk: Desk, hub: Hub) -> APIRouter:
    """Return the routes under /api."""
    router = APIRouter(prefix="/api")
    text = _SiteText()
    # The first page would otherwise stop the engine for as long as the JSON of a large site takes.
    text.of(desk.site())
    _add_sources(router, desk)

    @router.get("/site")
    async def site() -> Response:
        return _json({"run": hub.run, "site": text.of(desk.site())})

    @router.get("/snapshot")
    async def snapshot() -> Response:
        return StreamingResponse(hub.picture(desk).parts(), media_type=JSON)

    @router.get("/trend")
    async def trend(
        point: QueryName, start: QueryTime, end: QueryTime, pixels: Annotated[int, Query(ge=2, le=4000)]
    ) -> Response:
        if start >= end:
            message = Message("start: expected a time before end")
            return _refused("malformed", message, 422)
        return await _known(desk.trend(point, start, end, pixels))

    @router.get("/forecasts")
    async def forecasts(point: QueryName) -> Response:
        return await _known(desk.forecasts(point))

    @router.get("/tickets/{number}")
    async def ticket(
        number: TicketName, before: Annotated[int | None, Query(ge=1, le=LATEST_QUERY)] = None
    ) -> Response:
        return await _known(desk.ticket_lines(number, before))

    @router.post("/commands")
    async def command(form: Form, key: Key) -> Response:
        return await _commanded(desk, form | {"key": key})

    return router


def _add_sources(router: APIRouter, desk: Desk) -> None:
    @router.get("/sources")
    async def sources() -> Response:
        return _json(desk.sources())

    @router.get("/sources/{source}/points")
    async def source_points(source: SourceName) -> Response:
        try:
            return _json(desk.source_points(source))
        except UnknownNameError as error:
            return _refused("unknown_name", message_of(error), 404)


class _SiteText:
    """The site as JSON, made once: it is large, stays the same for a run, and every page asks for it."""

    def __init__(self) -> None:
        self._made: tuple[SiteView, orjson.Fragment] | None = None

    def of(self, site: SiteView) -> orjson.Fragment:
        """Return a site as JSON."""
        if self._made is None or self._made[0] is not site:
            self._made = site, orjson.Fragment(encode(site))
        return self._made[1]


# FastAPI's own answer has no `reason`, and English alone.
async def refuse_malformed(_: Request, error: Exception) -> Response:
    """Answer a request whose parameters, header or body are wrong."""
    items = error.errors() if isinstance(error, RequestValidationError) else ()
    return _refused("malformed", explained_items(items), 422)


# The framework's own answer, {"detail": "Not Found"}, has no `reason`, and English alone.
async def refuse_unserved(_: Request, error: Exception) -> Response:
    """Answer a request that no route and no file of the page serves."""
    if not isinstance(error, HTTPException):
        raise error
    answer = _refused(*OF_FRAMEWORK.get(error.status_code, NOTHING_HERE), error.status_code)
    answer.headers.update(error.headers or {})
    return answer


async def _known(answer: Awaitable[Any]) -> Response:
    try:
        return _json(await answer)
    except UnknownNameError as error:
        return _refused("unknown_name", message_of(error), 404)
    except BusyError as error:
        return _refused("busy", message_of(error), 503)


# Every outcome has a `reason`: the page translates the reason, and shows `detail` only to help an engineer.
async def _commanded(desk: Desk, form: dict[str, Any]) -> Response:
    try:
        await desk.command(parse_command(form))
    except ValidationError as error:
        return _refused("malformed", explained(error), 422)
    except CommandRefusedError as error:
        return _refused(error.reason, message_of(error), 404 if error.reason in UNKNOWN else 409)
    except IllegalTransitionError as error:
        return _refused("not_accepted", message_of(error), 409)
    except NotDurableError as error:
        return _refused("not_durable", message_of(error), 503)
    return _json({"reason": None, "detail": "done"})


def _refused(reason: str, message: Message, status: int) -> Response:
    """Answer why not: a word for programs, English for people, and the message for a program that translates it."""
    return _json({"reason": reason, "detail": str(message), "message": data_of(message)}, status)


def _json(content: Any, status: int = 200) -> Response:
    return Response(encode(content), status_code=status, media_type=JSON)
