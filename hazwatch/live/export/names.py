"""What points and alarms are called in InfluxDB."""

from adapters.stores.influx import PointSeries, line_key, quoted
from alarms.entries import AlarmChange
from hazwatch.site.config import Config


def series_of(config: Config) -> list[PointSeries]:
    """Return the names of all points, by column."""
    kinds = {source.id: source.kind for source in config.hazard_sources}
    protocols = {source.id: source.protocol for source in config.sources}
    return [
        PointSeries(
            mine=config.site.id,
            source=point.source or "",
            point=point.id,
            kind=kinds.get(point.hazard_source, ""),
            protocol=protocols.get(point.source or "", "hazwatch"),
            address=point.address or point.id,
        )
        for point in config.points.points
    ]


def alarm_line(mine: str, change: AlarmChange, number: int, log_time: int) -> bytes:
    """Return the line of a change of an alarm; its time is the log time of its record. [ns, UTC]."""
    key = line_key("hz_alarm", {"mine": mine, "alarm": change.alarm, "change": change.change})
    texts = {"episode": change.episode, "from": change.before, "to": change.after}
    fields = ",".join([f"record={number}", *(f"{name}={quoted(value)}" for name, value in texts.items())])
    return f"{key} {fields} {log_time}\n".encode()
