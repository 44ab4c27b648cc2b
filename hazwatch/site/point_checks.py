"""Checks points beyond their own tables: references, addresses, and doubtful settings."""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import ValidationError

from adapters.sources.registry import PROTOCOLS
from hazwatch.site.doubts.calculated import restless
from hazwatch.site.doubts.means import uneven_means
from hazwatch.site.tables import SiteTables
from plant import NEVER_STALE, Message, Point, SourceSpec, explain, message_of, with_advice, write_duration


def check_points(tables: SiteTables, points: Sequence[Point], sources: Mapping[str, SourceSpec]) -> None:
    """Add the mistakes and warnings of points whose own tables are valid."""
    _shared_addresses(tables, points)
    tables.warnings += (tables.at("point", name, ("expression",), message) for name, message in restless(points))
    uneven = uneven_means(points, sources)
    tables.warnings += (tables.at("point", name, ("source",), message) for name, message in uneven)
    if not points and not tables.mistakes:
        tables.warnings.append(tables.mistake("site", None, None, (), Message("no points: nothing is watched")))
    _slow_scans(tables, sources)
    for point in points:
        if not tables.knows("hazard_source", point.hazard_source):
            message = Message('no [[{table}]] has the id "{id}"', table="hazard_source", id=point.hazard_source)
            tables.note("point", point.id, ("hazard_source",), message)
        if point.source is not None and not tables.knows("source", point.source):
            message = Message('no [[{table}]] has the id "{id}"', table="source", id=point.source)
            tables.note("point", point.id, ("source",), message)
        if point.source is not None and (protocol := _protocol(point.source, sources)):
            _check_address(tables, point, protocol, sources.get(point.source))
        for message in _doubts(point, sources.get(point.source or "")):
            place = tables.places.get(("point", point.id))
            tables.warnings.append(tables.mistake("point", place, point.id, ("stale_after",), message))


def _check_address(tables: SiteTables, point: Point, protocol: str, source: SourceSpec | None) -> None:
    """Add the mistakes of an address; warn of a right one that looks like a mistake."""
    address = point.address or ""
    mistakes = address_mistakes(protocol, address)
    if not mistakes and source is not None and (problem := source.address_problem(address)):
        mistakes = [problem]
    for message in mistakes:
        tables.note("point", point.id, ("address",), with_advice(message, address))
    if not mistakes and (hint := PROTOCOLS[protocol].hint_at(address)):
        tables.warnings.append(tables.at("point", point.id, ("address",), hint))


def _protocol(source: str, sources: Mapping[str, SourceSpec]) -> str | None:
    """Return the protocol of a source; of one that is unknown, that of all others; None if they differ."""
    protocols = {sources[source].protocol} if source in sources else {each.protocol for each in sources.values()}
    return protocols.pop() if len(protocols) == 1 else None


def _shared_addresses(tables: SiteTables, points: Sequence[Point]) -> None:
    """Warn of points with the same address, because sisters and votes would compare a sensor with itself."""
    known: dict[tuple[str, str], str] = {}
    for point in points:
        if point.source is None or point.address is None:
            continue
        first = known.setdefault((point.source, point.address), point.id)
        if first != point.id:
            message = Message(
                "{point} and {other} read the same address of the same source", point=first, other=point.id
            )
            tables.warnings.append(tables.at("point", point.id, ("address",), message))


def _slow_scans(tables: SiteTables, sources: Mapping[str, SourceSpec]) -> None:
    """Warn of sources whose own period is longer than the time after which they are behind."""
    for source in sources.values():
        if source.refresh is not None and source.refresh[1] > source.behind_after:
            key, period = source.refresh
            message = Message(
                '"{period}": longer than behind_after, "{longest}"; the source is always behind its scan',
                period=write_duration(period),
                longest=write_duration(source.behind_after),
            )
            tables.warnings.append(tables.at("source", source.id, (key,), message))


def _doubts(point: Point, source: SourceSpec | None) -> Iterator[Message]:
    """Yield warnings about settings that may be intended, but often are not."""
    if point.stale_after == NEVER_STALE:
        yield Message('"never": nobody will notice when the point falls silent')
    elif source is not None and source.refresh is not None and point.stale_after <= source.refresh[1]:
        yield _too_soon(point, *source.refresh)


def _too_soon(point: Point, key: str, period: int) -> Message:
    return Message(
        '"{after}": a steady point looks stale; expected more than {key} of its source, "{period}"',
        after=write_duration(point.stale_after),
        key=key,
        period=write_duration(period),
    )


def address_mistakes(protocol: str, address: str) -> list[Message]:
    """Return the mistakes of an address in the grammar of its protocol."""
    try:
        PROTOCOLS[protocol].check_address(address)
    except ValidationError as error:
        return [
            Message("{path}: {problem}", path=".".join(map(str, place)), problem=message)
            for place, message in explain(error)
        ]
    except ValueError as error:
        return [message_of(error)]
    return []
