"""Random sites for the ledger: alarms of several conditions, votes, suppressions, lost sources, notices."""

import json
import random
from collections.abc import Mapping
from typing import Any

LEVELS = ("red", "orange", "orange", "yellow", "blue")
DURATIONS = ("0s", "1s", "3s", "7.5s", "20s")
Table = dict[str, Any]


def toml_of(site: Mapping[str, Any]) -> str:
    """Return a site as the text of its file."""
    parts: list[str] = []
    for name, tables in site.items():
        for table in tables if isinstance(tables, list) else [tables]:
            parts.append(f"[[{name}]]" if isinstance(tables, list) else f"[{name}]")
            parts += [f"{key} = {_value(value)}" for key, value in table.items()]
    return "\n".join([*parts, ""])


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(part)}" for key, part in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def random_site(chance: random.Random) -> dict[str, Any]:
    """Return the tables of a site file."""
    return _Maker(chance).site()


class _Maker:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.points: list[Table] = []
        self.limits: list[Table] = []
        self.votes: list[Table] = []
        self.interlocks: list[Table] = []

    def often(self, probability: float) -> bool:
        return self.chance.random() < probability

    def site(self) -> dict[str, Any]:
        chance = self.chance
        site: dict[str, Any] = {
            "site": {
                "id": "1", "name": "示范煤矿", "timezone": "Asia/Shanghai",
                "tick_period": chance.choice(("1s", "1s", "500ms", "3s")),
            },
            "alarms": {
                "unshelvable": chance.choice((["red"], ["red"], ["red", "orange"], [])),
                "shelve_max": chance.choice(("2m", "3m", "8h")), "out_of_service_max": chance.choice(("2m", "24h")),
            },
            "hazard_source": [
                {"id": name, "name": name, "kind": "gas", "grade": "II"} for name in ("h0", "h1")
            ],
            "source": self.sources(),
        }  # fmt: skip
        for number in range(chance.randint(2, 4)):
            self.point(f"P{number}")
        if self.often(0.6):
            self.interlock()
        for number in range(chance.randint(0, 2)):
            self.vote(f"V{number}")
        tables = {"point": self.points, "limit": self.limits, "vote": self.votes, "interlock": self.interlocks}
        site |= {name: table for name, table in tables.items() if table}
        made = self.suppressions()
        notices = self.notices()
        return site | ({"suppression": made} if made else {}) | notices

    def sources(self) -> list[Table]:
        source: Table = {"id": "ua", "protocol": "opcua", "endpoint": "opc.tcp://127.0.0.1:4840"}
        if self.often(0.6):
            source["lost"] = {"level": self.chance.choice(LEVELS), "settle": self.chance.choice(DURATIONS)}
            if self.often(0.4):
                source["lost"]["at_least"] = self.chance.randint(1, 2)
        return [source]

    def point(self, name: str) -> None:
        chance = self.chance
        point: Table = {
            "id": name, "hazard_source": "h0" if len(self.points) < 2 else chance.choice(("h0", "h1")), "name": name,
            "quantity": "CH4", "unit": "%", "range": [0.0, 4.0], "resolution": 0.01,
            "stale_after": chance.choice(("12s", "25s", "never")),
            "health_level": chance.choice(("blue", "yellow", "red")),
        }  # fmt: skip
        if len(self.points) < 2:
            point |= {"source": "ua", "address": f"ns=2;s={name}"}
        if self.often(0.25):
            point["profile"] = "ch4.face"
        if self.often(0.3):
            point["step"] = 0.5
        self.points.append(point)
        for number in range(chance.randint(1, 3)):
            self.limit(f"{name}.L{number}", point)

    def limit(self, name: str, point: Table) -> None:
        chance = self.chance
        limit: Table = {"id": name, "point": point["id"], "feature": "value", "level": chance.choice(LEVELS)}
        setpoint = chance.randint(80, 140) / 100
        limit["high"] = setpoint
        if self.often(0.5):
            limit["clear"] = round(setpoint - chance.choice((0.0, 0.05, 0.2)), 2)
        if self.often(0.3):
            limit |= {"on_delay": chance.choice(DURATIONS), "off_delay": chance.choice(DURATIONS)}
        if self.often(0.6):
            limit["alarm"] = f"{point['id']}.CH4" if "profile" in point and self.often(0.7) else f"{point['id']}.gas"
        self.words(limit)
        self.limits.append(limit)

    def words(self, rule: Table) -> None:
        """Add what becomes of an event of a rule."""
        rule |= {"message": f"{rule['id']} 超限", "message_en": f"{rule['id']} is beyond its limit"}
        if self.often(0.25):
            rule["latching"] = True
        if self.often(0.3):
            rule["realarm"] = self.chance.choice(("5s", "20s", "1m"))
        if self.often(0.5):
            rule["ticket"] = True

    def interlock(self) -> None:
        self.points.append({"id": "F", "hazard_source": "h0", "name": "F", "stale_after": "never"})
        cut = self.chance.choice(self.limits)["id"]
        made: Table = {"id": "I", "cut": cut, "feed": "F", "within": self.chance.choice(DURATIONS), "level": "red"}
        self.words(made)
        self.interlocks.append(made)
        if self.often(0.5):
            limit = {"id": "F.on", "point": "F", "feature": "value", "high": 1, "level": "orange", "alarm": "F.power"}
            self.limits.append(limit)
            made["alarm"] = "F.power"

    def vote(self, name: str) -> None:
        members = [rule["id"] for rule in (*self.limits, *self.interlocks, *self.votes)]
        members += [f"fault:{point['id']}" for point in self.points]
        of = self.chance.sample(members, min(len(members), self.chance.randint(1, 3)))
        vote: Table = {
            "id": name, "hazard_source": "h0", "at_least": self.chance.randint(1, len(of)), "of": of,
            "level": self.chance.choice(LEVELS),
        }  # fmt: skip
        if self.often(0.4):
            vote["alarm"] = "votes"
        self.words(vote)
        self.votes.append(vote)

    # what is suppressed, and what is made known

    def suppressions(self) -> list[Table]:
        chance = self.chance
        rules = [*self.limits, *self.votes, *self.interlocks]
        alarm_of = {rule["id"]: rule.get("alarm", rule["id"]) for rule in rules}
        made: list[Table] = []
        for number in range(chance.randint(0, 3)):
            when = chance.sample(sorted(alarm_of), min(len(alarm_of), chance.randint(1, 2)))
            named = sorted(set(alarm_of.values()) - {alarm_of[name] for name in when})
            of = chance.sample(named, min(len(named), chance.randint(0, 3)))
            table: Table = {"id": f"S{number}", "when": when}
            if not of or self.often(0.4):
                of = [*of, chance.choice(("stale:*", "fault:*", "over_range:*"))]
                if of[-1] == "stale:*" and all(point["stale_after"] == "never" for point in self.points[:2]):
                    of[-1] = "fault:*"
                table |= {"source": "ua"} if self.often(0.5) else {"points": [point["id"] for point in self.points[:2]]}
            table["of"] = of
            if self.often(0.7):
                table["settle"] = chance.choice(DURATIONS)
            made.append(table | {"message": "停产检修"})
        return made

    def notices(self) -> dict[str, list[Table]]:
        chance = self.chance
        made: list[Table] = []
        words = ("activate", "escalate", "realarm", "return", "opened", "overdue", "supervised", "closed")
        for number in range(chance.randint(0, 3)):
            table: Table = {"id": f"N{number}", "on": chance.sample(words, chance.randint(1, 4)), "to": ["desk"]}
            if self.often(0.4):
                table = {"id": f"N{number}", "on": ["unacked"], "to": ["desk"], "after": chance.choice(DURATIONS[1:])}
                if self.often(0.5):
                    table["repeat"] = chance.choice(("10s", "1m"))
            elif self.often(0.3):
                table["levels"] = chance.sample(("red", "orange", "yellow", "blue"), 2)
            if self.often(0.2):
                table["hazard_sources"] = ["h0"]
            made.append(table)
        return {"notice": made, "receiver": [{"id": "desk", "file": "/tmp/desk.address"}]} if made else {}
