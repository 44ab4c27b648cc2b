"""What the page asks by HTTP: the site, the present, a trend; and what it asks to be done."""

from collections.abc import Awaitable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Header, HTTPException, Query, Response
from pydantic import StringConstraints, ValidationError

from alarms import CommandRefusedError, IllegalTransitionError, Reason, parse_command
from console.desk import Desk, NotDurableError, UnknownNameError
from console.stream import Hub, encode

LATEST: Final = 9_000_000_000_000
"""Of times in a request; int64 nanoseconds end shortly after. [ms]"""
UNKNOWN: Final = frozenset((Reason.UNKNOWN_ALARM, Reason.UNKNOWN_TICKET, Reason.UNKNOWN_FIND))

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=100, pattern=r"^[\x21-\x7e]+$")]
Time = Annotated[int, Query(ge=0, le=LATEST)]
Form = Annotated[dict[str, Any], Body()]


def api_routes(desk: Desk, hub: Hub) -> APIRouter:
    """Return the routes under /api."""
    router = APIRouter(prefix="/api")

    @router.get("/site")
    async def site() -> Response:
        return _json({"run": hub.run, "site": desk.site()})

    @router.get("/snapshot")
    async def snapshot() -> Response:
        return _json({"number": hub.number, "snapshot": desk.snapshot()})

    @router.get("/trend")
    async def trend(point: Name, start: Time, end: Time, pixels: Annotated[int, Query(ge=2, le=4000)]) -> Response:
        if start >= end:
            raise HTTPException(422, "start: expected a time before end")
        return await _known(desk.trend(point, start, end, pixels))

    @router.get("/forecasts")
    async def forecasts(point: Name) -> Response:
        return await _known(desk.forecasts(point))

    @router.post("/commands")
    async def command(form: Form, key: Key) -> Response:
        return await _commanded(desk, form | {"key": key})

    return router


async def _known(answer: Awaitable[Any]) -> Response:
    try:
        return _json(await answer)
    except UnknownNameError as error:
        raise HTTPException(404, str(error)) from error


async def _commanded(desk: Desk, form: dict[str, Any]) -> Response:
    try:
        await desk.command(parse_command(form))
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False, include_input=False)
        return _json({"reason": "malformed", "detail": wrong}, 422)
    except CommandRefusedError as error:
        return _json({"reason": error.reason, "detail": str(error)}, 404 if error.reason in UNKNOWN else 409)
    except IllegalTransitionError as error:
        return _json({"reason": "not_accepted", "detail": str(error)}, 409)
    except NotDurableError as error:
        return _json({"reason": "not_durable", "detail": str(error)}, 503)
    return _json({"reason": None, "detail": "done"})


def _json(content: Any, status: int = 200) -> Response:
    return Response(encode(content), status_code=status, media_type="application/json")
