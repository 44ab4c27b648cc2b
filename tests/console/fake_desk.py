"""A desk without an engine: a small mine whose alarms tests raise; run as a program it plays one to look at."""

import argparse
import asyncio
import contextlib
import math
from collections.abc import Iterable, Sequence
from typing import Final, Literal

from alarms import (
    Accept,
    Acknowledge,
    AlarmEvent,
    AlarmState,
    Analyse,
    Command,
    CommandRefusedError,
    IllegalTransitionError,
    Reason,
    Rectify,
    Refuse,
    Submit,
    TicketEvent,
    TicketState,
)
from alarms.states import ALARM_WORDS
from alarms.ticket import TICKET_WORDS
from console import (
    AlarmView,
    Change,
    ForecastView,
    FoundView,
    HazardSourceState,
    Hub,
    LimitLine,
    LimitView,
    PointCountsView,
    PointView,
    Reading,
    SiteView,
    SnapshotView,
    SourcesView,
    TicketLines,
    TicketView,
    TrendBand,
    TrendView,
    UnknownNameError,
    VersionView,
    create_app,
    listen,
    serve_on,
)
from console.views import ForecastReason, LevelName
from plant import Message, Text
from rules import FEATURES, FeatureName
from tests.console.fake_sources import points_of, sources_at

START: Final = 1_772_618_972_000  # 2026-03-04 18:09:32 in Shanghai
MINUTE: Final = 60_000
LEVELS: Final[tuple[LevelName, ...]] = ("red", "orange", "yellow", "blue")
_SOURCES: Final = (
    ("gas-3101", "3101 综采工作面瓦斯", "gas", "II", "3101 工作面"),
    ("water-north", "北翼中央水仓", "water", "III", "北翼"),
    ("roof-3101", "3101 工作面顶板", "roof", "II", "3101 工作面"),
    ("fire-2208", "2208 采空区自然发火", "fire", "III", "2208 采空区"),
    ("gas-return", "中央回风巷瓦斯", "gas", "III", "中央回风巷"),
    ("dust-main", "主运转载点粉尘", "dust", "IV", "主运转载点"),
)
_POINTS: Final = (
    ("T2", "T2 回风流甲烷", "gas-3101", "CH₄", "%", 0.01, 0.8),
    ("T1", "T1 回风隅角甲烷", "gas-3101", "CH₄", "%", 0.01, 0.6),
    ("KG-1011", "KG-1011 馈电", "gas-3101", "", "", 1.0, 0.0),
    ("W1", "水位", "water-north", "", "m", 0.01, 2.9),
    ("P87", "87# 支架工作阻力", "roof-3101", "", "MPa", 0.1, 31.0),
    ("CO-2208", "2208 一氧化碳", "fire-2208", "CO", "ppm", 1.0, 6.0),
    ("T9", "T9 甲烷", "gas-return", "CH₄", "%", 0.01, 0.32),
    ("D1", "总粉尘", "dust-main", "", "mg/m³", 0.1, 3.1),
)
_LIMITS: Final[tuple[tuple[str, str, FeatureName, float, float, LevelName, str, str, str], ...]] = (
    ("T2.cut", "T2", "value", 1.5, 1.0, "red", "甲烷达到断电值", "Methane at power-cut value", "%"),
    ("T2.alarm", "T2", "value", 1.0, 1.0, "orange", "甲烷超限", "Methane over limit", "%"),
    ("T1.alarm", "T1", "value", 1.0, 1.0, "orange", "甲烷超限", "Methane over limit", "%"),
    ("T1.rise", "T1", "slope", 0.08, 0.04, "yellow", "甲烷上升过快", "Methane rising fast", "%/min"),
    ("W1.high", "W1", "value", 3.2, 3.0, "orange", "水位超警戒", "Water above warning level", "m"),
    ("P87.warn", "P87", "value", 40.0, 38.0, "yellow", "阻力超预警", "Support pressure above warning", "MPa"),
    ("CO-2208.alarm", "CO-2208", "value", 24.0, 20.0, "orange", "一氧化碳超限", "Carbon monoxide over limit", "ppm"),
    ("T9.alarm", "T9", "value", 0.75, 0.7, "yellow", "甲烷超限", "Methane over limit", "%"),
    ("D1.alarm", "D1", "value", 4.0, 3.8, "blue", "粉尘超限", "Dust over limit", "mg/m³"),
    ("W1.soon", "W1", "projected", 3.6, 3.5, "yellow", "水位将超限", "Water will be over its limit", "m"),
)
_RESPONSE: Final = Text(
    "停止工作面内一切作业，切断电源，撤出人员，查明原因。",
    "Stop all work at the face, cut the power, withdraw the people, find the cause.",
)
_CONSEQUENCE: Final[Text] = Text("瓦斯积聚，遇火源爆炸。", "Gas gathers and explodes at a source of ignition.")


def _text(zh: str, en: str) -> Text:
    return Text(zh, en)


def _point(row: tuple[str, str, str, str, str, float, float]) -> PointView:
    name, title, source, quantity, unit, resolution, _ = row
    decimals = max(0, -math.floor(math.log10(resolution)))
    return {
        "id": name,
        "name": title,
        "hazard_source": source,
        "quantity": quantity,
        "unit": unit,
        "range": (0.0, 100.0),
        "resolution": resolution,
        "decimals": decimals,
        "source": "kj-ua",
    }


def _limit(row: tuple[str, str, FeatureName, float, float, LevelName, str, str, str]) -> LimitView:
    name, point, feature, setpoint, clear, level, zh, en, unit = row
    return {
        "id": name,
        "hazard_source": next(one[2] for one in _POINTS if one[0] == point),
        "point": point,
        "feature": feature,
        "is_value": FEATURES[feature].is_value,
        "counts": FEATURES[feature].counts,
        "looks_ahead": FEATURES[feature].looks_ahead,
        "direction": "high",
        "setpoint": setpoint,
        "clear": clear,
        "unit": unit,
        "level": level,
        "ticket": level in ("red", "orange"),
        "message": _text(zh, en),
        "response": _RESPONSE if level in ("red", "orange") else _text("", ""),
        "consequence": _CONSEQUENCE if level in ("red", "orange") else _text("", ""),
        "time_to_respond": 3 * MINUTE if level == "red" else None,
        "basis": _text("煤矿安全规程 (2025) 第五百三十六条", "Coal Mine Safety Regulations (2025), article 536"),
    }


def refusal(reason: Reason, text: str) -> CommandRefusedError:
    return CommandRefusedError(reason, Message("{text}", text=text))


class FakeDesk:
    """What `console.Desk` asks for, out of a table; its clock is moved by hand."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.clock = START
        self.alarms: dict[str, AlarmView] = {}
        self.tickets: dict[str, TicketView] = {}
        self.found: dict[str, FoundView] = {}
        self.readings: dict[str, Reading] = {}
        self.forecast: dict[str, list[ForecastView]] = {}
        self.commands: list[Command] = []
        self.keys: set[str] = set()
        self.rule_set: VersionView = {
            "version": "0123456789ab",
            "since": START - 3 * 24 * 60 * MINUTE,
            "author": "张工",
            "approver": "李总",
            "reason": "回风流瓦斯稳定, 延时改为 10 s",
            "approved": START - 4 * 24 * 60 * MINUTE,
        }
        self.presentation: VersionView = {
            "version": "ba9876543210",
            "since": START - 2 * 24 * 60 * MINUTE,
            "author": "王工",
            "approver": "赵总",
            "reason": "改写处置措施",
            "approved": START - 3 * 24 * 60 * MINUTE,
        }
        for row in _POINTS:
            self.readings[row[0]] = self._reading(row[0], row[6])

    def now(self) -> int:
        return self.clock

    def site(self) -> SiteView:
        return {
            "id": "140522001",
            "name": "示范煤矿",
            "timezone": "Asia/Shanghai",
            "rules": "0123456789ab",
            "rule_set": self.rule_set,
            "presentation": self.presentation,
            "hazard_sources": [
                {"id": one[0], "name": one[1], "kind": one[2], "grade": one[3], "place": one[4]} for one in _SOURCES
            ],
            "points": [_point(row) for row in _POINTS],
            "limits": [_limit(row) for row in _LIMITS],
        }

    def snapshot(self) -> SnapshotView:
        return {
            "now": self.clock,
            "hazard_sources": [self.state(one[0]) for one in _SOURCES],
            "alarms": list(self.alarms.values()),
            "tickets": list(self.tickets.values()),
            "found": list(self.found.values()),
            "sources": [
                {"id": "kj-ua", "protocol": "opcua", "connected": True, "fresh": True, "since": START, "skew": 40},
                {
                    "id": "pump-mb",
                    "protocol": "modbus",
                    "connected": True,
                    "fresh": True,
                    "since": START,
                    "skew": None,
                },
            ],
            "notices": [],
            "annunciated": len(self.alarms),
        }

    def sources(self) -> SourcesView:
        return sources_at(self.clock)

    def source_points(self, source: str) -> list[PointCountsView]:
        if source not in ("kj-ua", "pump-mb"):
            raise UnknownNameError(f"{source}: no such source")
        return points_of(source)

    def some_alarms(self, names: Iterable[str]) -> list[AlarmView]:
        return [self.alarms[name] for name in names if name in self.alarms]

    def readings_of(self, points: Iterable[str]) -> list[Reading]:
        return [self.readings[point] for point in points]

    async def ticket_lines(self, ticket: str, before: int | None) -> TicketLines:
        if ticket not in self.tickets:
            raise UnknownNameError(Message("{text}", text=f"{ticket}: there is no such ticket"))
        lines = [line for line in self.tickets[ticket]["history"] if before is None or line["record"] < before]
        return {"earlier": max(0, len(lines) - 2), "lines": lines[-2:]}

    async def trend(self, point: str, start: int, end: int, pixels: int) -> TrendView:
        if point not in self.readings:
            raise UnknownNameError(f"{point}: no such point")
        reading = self.readings[point]
        base = next(row[6] for row in _POINTS if row[0] == point)
        resolution = next(row[5] for row in _POINTS if row[0] == point)
        count = max(2, min(pixels, 240))
        times = [start + (end - start) * index // count for index in range(count)]
        bands: list[TrendBand] = []
        if reading["bad_since"] is not None:
            bands.append({"start": max(start, reading["bad_since"]), "end": end, "kind": "stale"})
        known = [reading["bad_since"] is None or at < reading["bad_since"] for at in times]
        shape = [base * (1 + 0.12 * math.sin(at / 1.7e6) + 0.06 * math.sin(at / 3.1e5 + base)) for at in times]
        last = [
            round(round(one / resolution) * resolution, 6) if ok else None for one, ok in zip(shape, known, strict=True)
        ]
        for index, at in enumerate(times):
            if self.clock - 3 * MINUTE < at and reading["value"] is not None and known[index]:
                last[index] = reading["value"]
        limits: list[LimitLine] = [
            {
                "id": one["id"],
                "start": start,
                "end": end,
                "setpoint": one["setpoint"],
                "clear": one["clear"],
                "level": one["level"],
                "message": one["message"],
            }
            for one in self.site()["limits"]
            if one["point"] == point and one["is_value"] and one["setpoint"] is not None
        ]
        return {
            "point": point,
            "start": start,
            "end": end,
            "raw": end - start < 30 * MINUTE,
            "time": times,
            "minimum": last,
            "maximum": last,
            "last": last,
            "quality": [0 if ok else 2 for ok in known],
            "bands": bands,
            "limits": limits,
        }

    async def forecasts(self, point: str) -> list[ForecastView]:
        if point not in self.readings:
            raise UnknownNameError(f"{point}: no such point")
        return self.forecast.get(point, [])

    async def command(self, command: Command) -> None:
        if command.key in self.keys:
            return
        if isinstance(command, Acknowledge):
            self._acknowledge(command)
        elif isinstance(command, Analyse):
            self._analyse(command)
        elif isinstance(command, Rectify | Submit | Accept | Refuse):
            self._progress(command)
        self.keys.add(command.key)
        self.commands.append(command)

    def state(self, source: str) -> HazardSourceState:
        levels = [one["level"] for one in self.alarms.values() if one["hazard_source"] == source]
        own = [row[0] for row in _POINTS if row[2] == source]
        return {
            "id": source,
            "level": min(levels, key=LEVELS.index) if levels else None,
            "doubtful": sum(self.readings[point]["doubt"] for point in own),
        }

    def raise_alarm(self, condition: str, value: float, *, ago: int = 0, suffix: str = "") -> str:
        """Raise a limit of the table, `ago` milliseconds before now; return the episode."""
        limit = next(one for one in self.site()["limits"] if one["id"] == condition)
        since = self.clock - ago
        name = condition + suffix
        ticket = self._open_ticket(limit, since) if limit["ticket"] and not suffix else None
        self.alarms[name] = {
            "id": name,
            "episode": f"{name}@{since}",
            "state": "unacked",
            "level": limit["level"],
            "hazard_source": limit["hazard_source"],
            "point": limit["point"],
            "message": limit["message"],
            "value": value,
            "setpoint": limit["setpoint"],
            "direction": "high",
            "unit": limit["unit"],
            "since": since,
            "since_ns": f"{since}000000",
            "recorded": since,
            "returned": None,
            "acked_by": None,
            "acked_at": None,
            "ticket": ticket,
            "response": None,
        }
        if limit["point"] is not None and limit["is_value"]:
            self.read(limit["point"], value)
        self._publish_alarm(name)
        return self.alarms[name]["episode"]

    def foresee(self, condition: str, *, reason: ForecastReason | None = None) -> None:
        """Have a forecast for a limit, or none for a reason."""
        limit = next(one for one in self.site()["limits"] if one["id"] == condition)
        given = reason is None
        likely = _text(
            "若照此发展，有 90 % 的可能在 6–9 min 后（18:15–18:19）达到 3.60 m。"
            "依据截至 18:09:31 的 58 个样本，质量全部正常。",
            "If it goes on like this, 90 % likely to reach 3.60 m in 6–9 min (18:15–18:19). "
            "From 58 samples up to 18:09:31, all of good quality.",
        )
        none = _text("无法预测：上升不显著。", "No forecast: the rise is not significant.")
        self.forecast[limit["point"] or ""] = [
            {
                "limit": condition,
                "at": self.clock - 1000,
                "early": self.clock + 6 * MINUTE if given else None,
                "late": self.clock + 9 * MINUTE if given else None,
                "samples": 58,
                "uncertain": 0,
                "reason": reason,
                "sentence": likely if given else none,
            }
        ]

    def return_alarm(self, name: str, value: float) -> None:
        """Let the condition of an alarm end."""
        alarm = self.alarms[name]
        alarm["returned"] = self.clock
        alarm["state"] = "rtn_unacked" if alarm["state"] == "unacked" else "normal"
        if alarm["point"] is not None:
            self.read(alarm["point"], value)
        self._publish_alarm(name)

    def read(self, point: str, value: float) -> None:
        """Let a sample arrive."""
        self.readings[point] = self._reading(point, value)
        self.hub.read([self.readings[point]])

    def lose(self, point: str, *, ago: int = 0) -> None:
        """Bring a point into doubt: it has been stale for `ago` milliseconds."""
        self.readings[point] |= {"doubt": True, "stale": True, "quality": "BAD", "bad_since": self.clock - ago}
        source = next(row[2] for row in _POINTS if row[0] == point)
        self.hub.read([self.readings[point]])
        self.hub.publish({"hazard_sources": [self.state(source)]})

    def _reading(self, point: str, value: float) -> Reading:
        return {
            "point": point,
            "value": value,
            "quality": "GOOD",
            "state": 0,
            "time": self.clock - 200,
            "time_ns": f"{self.clock - 200}000000",
            "arrival": self.clock,
            "doubt": False,
            "stale": False,
            "bad_since": None,
        }

    def _publish_alarm(self, name: str) -> None:
        alarm = self.alarms[name]
        if alarm["state"] == "normal":
            del self.alarms[name]
        change: Change = {
            "alarms": [alarm],
            "hazard_sources": [self.state(alarm["hazard_source"])],
            "annunciated": len(self.alarms),
        }
        if alarm["ticket"] is not None:
            change["tickets"] = [self.tickets[alarm["ticket"]]]
        self.hub.publish(change)

    def _acknowledge(self, command: Acknowledge) -> None:
        alarm = self.alarms.get(command.alarm)
        if alarm is None:
            raise CommandRefusedError(
                Reason.UNKNOWN_ALARM, Message("{text}", text=f"{command.alarm}: there was no such alarm")
            )
        if alarm["episode"] != command.episode:
            raise CommandRefusedError(
                Reason.EPISODE_OVER, Message("{text}", text=f"{command.alarm}: episode {command.episode} is over")
            )
        if alarm["state"] == "acked":
            raise IllegalTransitionError(AlarmState.ACKED, AlarmEvent.ACKNOWLEDGE, ALARM_WORDS)
        alarm["state"] = "acked" if alarm["state"] == "unacked" else "normal"
        alarm["acked_by"], alarm["acked_at"] = command.by, self.clock
        self._publish_alarm(command.alarm)

    def find(self, condition: str, value: float, *, ago: int, of: str | None = None) -> FoundView:
        """Find a minute above a limit of the table in late data, `ago` milliseconds before now."""
        limit = next(one for one in self.site()["limits"] if one["id"] == condition)
        since = self.clock - ago
        view: FoundView = {
            "id": f"late-{condition}-{since}",
            "condition": condition,
            "level": limit["level"],
            "hazard_source": limit["hazard_source"],
            "point": limit["point"],
            "message": limit["message"],
            "value": value,
            "setpoint": limit["setpoint"],
            "direction": limit["direction"],
            "unit": limit["unit"],
            "since": since,
            "returned": since + MINUTE if of is None else None,
            "of": of,
            "found": self.clock,
            "ticket": limit["ticket"],
            "analysed_by": None,
        }
        self.found[view["id"]] = view
        self.hub.publish({"found": [view]})
        return view

    def _analyse(self, command: Analyse) -> None:
        view = self.found.pop(command.found, None)
        if view is None:
            raise CommandRefusedError(
                Reason.UNKNOWN_FIND, Message("{text}", text=f"{command.found}: nothing of that id was found late")
            )
        view["analysed_by"] = command.by
        self.hub.publish({"found": [view]})

    def _open_ticket(self, limit: LimitView, since: int) -> str:
        number = f"YH-2026-{len(self.tickets) + 1180:04d}"
        self.tickets[number] = {
            "number": number,
            "hazard_source": limit["hazard_source"],
            "rule": limit["id"],
            "level": limit["level"],
            "state": "registered",
            "message": limit["message"],
            "opened": since,
            "due": None,
            "responsible": None,
            "measures": None,
            "episodes": 1,
            "actions": ["rectify"],
            "earlier": 0,
            "history": [{"record": 1, "time": since, "change": "open", "by": None, "note": ""}],
        }
        return number

    def _progress(self, command: Rectify | Submit | Accept | Refuse) -> None:
        ticket = self.tickets.get(command.ticket)
        if ticket is None:
            raise CommandRefusedError(
                Reason.UNKNOWN_TICKET, Message("{text}", text=f"{command.ticket}: there is no such ticket")
            )
        if command.command not in ticket["actions"]:
            raise IllegalTransitionError(TicketState(ticket["state"]), TicketEvent(command.command), TICKET_WORDS)
        if isinstance(command, Accept) and ticket["responsible"] == command.by:
            raise CommandRefusedError(
                Reason.SAME_PERSON, Message("{text}", text=f"{ticket['number']}: {command.by} rectified it")
            )
        if isinstance(command, Rectify):
            ticket["responsible"], ticket["measures"] = command.responsible, command.measures
            ticket["due"] = None if command.due is None else command.due // 1_000_000
            ticket["state"], ticket["actions"] = "rectification", ["submit"]
        elif isinstance(command, Submit):
            ticket["state"], ticket["actions"] = "acceptance", ["accept", "refuse"]
        elif isinstance(command, Refuse):
            ticket["state"], ticket["actions"] = "rectification", ["submit"]
        else:
            ticket["state"], ticket["actions"] = "closed", []
        note = command.reason if isinstance(command, Refuse) else command.note
        record = ticket["history"][-1]["record"] + 1
        ticket["history"].append(
            {"record": record, "time": self.clock, "change": command.command, "by": command.by, "note": note}
        )
        self.hub.publish({"tickets": [ticket]})
        if ticket["state"] == "closed":
            del self.tickets[ticket["number"]]


Scene = Literal["quiet", "shift", "flood"]


def play(desk: FakeDesk, scene: Scene, alarms: int = 500) -> None:
    """Bring the mine into one of a few situations."""
    if scene == "quiet":
        return
    desk.raise_alarm("P87.warn", 41.8, ago=89 * MINUTE)
    desk.raise_alarm("T1.alarm", 1.1, ago=51 * MINUTE)
    for name in ("P87.warn", "T1.alarm"):
        desk.alarms[name] |= {"state": "acked", "acked_by": "王建国", "acked_at": desk.clock - 30 * MINUTE}
    desk.raise_alarm("CO-2208.alarm", 26.0, ago=28 * MINUTE)
    desk.return_alarm("CO-2208.alarm", 12.0)
    desk.lose("CO-2208", ago=4 * MINUTE)
    desk.raise_alarm("W1.high", 3.42, ago=5 * MINUTE)
    desk.foresee("W1.soon")
    desk.raise_alarm("T1.rise", 0.11, ago=6 * MINUTE)
    desk.raise_alarm("D1.alarm", 4.2, ago=7 * MINUTE)
    desk.raise_alarm("T2.cut", 1.6, ago=2 * MINUTE)
    for number, hours in (("YH-2026-1180", -3.3), ("YH-2026-1182", 7.2)):
        ticket = desk.tickets[number]
        ticket |= {"state": "rectification", "responsible": "通风队", "measures": "加强通风", "actions": ["submit"]}
        ticket["due"] = desk.clock + round(hours * 60 * MINUTE)
    if scene == "flood":
        for index in range(alarms):
            limit = _LIMITS[index % len(_LIMITS)]
            desk.raise_alarm(limit[0], limit[3] * 1.1, ago=index * 977, suffix=f"#{index}")


async def _live(desk: FakeDesk) -> None:
    for step in range(1_000_000):
        await asyncio.sleep(1)
        desk.clock += 1000
        for name, _, _, _, _, resolution, base in _POINTS:
            if not desk.readings[name]["doubt"] and name != "KG-1011":
                value = base * (1.0 + 0.1 * math.sin(step / 17 + base))
                if all(alarm["point"] != name for alarm in desk.alarms.values()):
                    desk.read(name, round(round(value / resolution) * resolution, 6))
        if step % 45 == 20:
            desk.raise_alarm("T9.alarm", 0.8) if "T9.alarm" not in desk.alarms else desk.return_alarm("T9.alarm", 0.4)


async def _main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Serve the console over a mine that does not exist.")
    parser.add_argument("--port", type=int, default=8600)
    parser.add_argument("--scene", choices=("quiet", "shift", "flood"), default="shift")
    parser.add_argument("--alarms", type=int, default=500)
    given = parser.parse_args(argv)
    hub = Hub()
    desk = FakeDesk(hub)
    play(desk, given.scene, given.alarms)
    listener = listen("127.0.0.1", given.port)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}/")  # noqa: T201
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_live(desk))
        tasks.create_task(serve_on(create_app(desk, hub, hosts=["127.0.0.1", "localhost"]), listener))


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())
