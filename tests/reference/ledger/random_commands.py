"""Random traces and commands for the ledger; commands look at the state that they meet, so most are possible."""

import random
from collections.abc import Iterator, Mapping
from typing import Any

from tests.logs.random_logs import BEGIN, S
from tests.logs.reference_log import Sample, Tick
from tests.reference.ledger.commands import CHOICES, MAY
from tests.reference.ledger.ledger import Ledger
from tests.reference.ledger.ticket import OPEN, TABLE, Ticket

PEOPLE = ("张三", "李四", "王五", "赵六")
MINUTE = 60 * S
Command = dict[str, Any]


def random_trace(chance: random.Random, site: Mapping[str, Any], seconds: int = 300) -> list[Sample | Tick]:
    """Return samples of all points, with gaps, faults and calibrations, and some ticks of the trace's own."""
    begin = BEGIN + chance.choice((0, S // 2, 1))
    rows: list[Sample | Tick] = [Tick(begin + chance.randrange(seconds) * S) for _ in range(chance.randint(0, 3))]
    for point in site["point"]:
        now, level = chance.randrange(5) * S, chance.randint(70, 130)
        while now < seconds * S:
            if point["id"] == "F":
                value = float(chance.random() < 0.5)
            else:
                level = max(40, min(170, level + chance.choice((-25, -9, -3, 0, 2, 8, 25))))
                value = level / 100
            bad = chance.random() < 0.06
            state = chance.choice((0,) * 12 + (4, 128, 8))
            rows.append(Sample(point["id"], begin + now, value, 2 if bad else 0, state))
            now += chance.choice((3, 5, 8)) * S + chance.choice((0, 0, S // 4, 1))
            if chance.random() < 0.05:
                now += 40 * S
    return rows


class Persons:
    """Draws what persons do between two entries, and keeps it for the file of commands."""

    def __init__(self, chance: random.Random, end: int, *, often: float = 0.35) -> None:
        self.chance = chance
        self.end = end
        self.often = often
        self.roles = chance.random() < 0.5
        self.made: list[Command] = []

    def __call__(self, ledger: Ledger, last: int, following: int) -> Iterator[Command]:
        now = last
        while self.chance.random() < self.often and now < following and now <= self.end:
            now = min(self.chance.choice((now, now, now + 1, following - 1)), following - 1, self.end)
            made = self.command(ledger, now)
            self.made.append(made)
            yield made

    def command(self, ledger: Ledger, now: int) -> Command:
        """Return a command for the state of the ledger."""
        chance = self.chance
        if self.made and chance.random() < 0.04:
            again = chance.choice(self.made) | {"time": now}
            return again | ({"by": "赵六"} if chance.random() < 0.4 and "by" in again else {})
        if chance.random() < 0.6 or not ledger.tickets:
            made = self.of_alarm(ledger, now)
        else:
            made = self.of_ticket(ledger, now)
        made = {"time": now, **made, "by": made.get("by") or chance.choice(PEOPLE)}
        if self.roles:
            able = [role for role, commands in MAY.items() if made["command"] in commands]
            made["role"] = chance.choice([*able * 10, "viewer", "admin", "dispatcher", "rectifier"])
        made["key"] = f"k{len(self.made)}"
        return self.broken(made) if chance.random() < 0.04 else made

    def broken(self, made: Command) -> Command:
        """Return a command that is not well formed."""
        match self.chance.randint(0, 3):
            case 0:
                return made | {"command": "silence"}
            case 1:
                return made | {"by": ""}
            case 2:
                return made | {"role": "king"}
        return {
            name: value for name, value in made.items() if name not in ("alarm", "ticket", "hazard_source", "point")
        }

    # alarms

    def of_alarm(self, ledger: Ledger, now: int) -> Command:
        chance = self.chance
        live = [name for name, alarm in ledger.alarms.items() if alarm.accepts("acknowledge")]
        name = chance.choice(live) if live and chance.random() < 0.8 else chance.choice(list(ledger.alarms))
        if chance.random() < 0.02:
            name = "nothing"
        match chance.choice(
            ("acknowledge",) * 4 + ("reset", "shelve", "shelve", "unshelve", "out", "back", "register")
        ):
            case "acknowledge":
                return self.acknowledge(ledger, name)
            case "reset":
                latched = [name for name, alarm in ledger.alarms.items() if alarm.state == "latched_acked"]
                return {"command": "reset", "alarm": chance.choice(latched or [name])}
            case "shelve":
                until = {
                    "duration": chance.choice((MINUTE, MINUTE, 2 * MINUTE, 3 * MINUTE, MINUTE - 1, 9 * 60 * MINUTE))
                }
                how: Command = {"once": True} if chance.random() < 0.3 else until
                return {"command": "shelve", "alarm": name, **how, "reason": "检修"}
            case "unshelve":
                name = chance.choice([*(ledger.apart.shelved or [name])])
                return {"command": "unshelve", "alarm": name, "reason": "检修完毕"}
            case "out":
                back = now + chance.choice((0, 1, 10 * S, 30 * S, MINUTE, 2 * MINUTE, 2 * MINUTE + 1))
                permit = {"permit": "作业票 7", "reason": "更换传感器", "until": back}
                return {"command": "take_out", **self.what(ledger, name), **permit}
            case "back":
                name = chance.choice([*(ledger.apart.service or [name])])
                return {"command": "put_back", **self.what(ledger, name), "reason": "已恢复"}
        return {
            "command": "register", "hazard_source": chance.choice(("h0", "h1")), "place": "3101 工作面",
            "description": "支架漏液", "level": chance.choice(("red", "orange", "yellow", "blue")),
            "found_by": chance.choice(PEOPLE), "found_in": chance.choice(CHOICES["found_in"]),
        }  # fmt: skip

    def what(self, ledger: Ledger, name: str) -> Command:
        """Name an alarm, or its point."""
        point = ledger.alarms[name].point if name in ledger.alarms else "nowhere"
        return {"point": point} if point is not None and self.chance.random() < 0.4 else {"alarm": name}

    def acknowledge(self, ledger: Ledger, name: str) -> Command:
        chance = self.chance
        alarm = ledger.alarms.get(name)
        made: Command = {"command": "acknowledge", "alarm": name, "episode": (alarm and alarm.episode) or "0" * 16}
        if chance.random() < 0.05:
            made["episode"] = "f" * 16
        if chance.random() < 0.4:
            levels = [alarm and (alarm.level or alarm.highest)] * 4 + ["red", "yellow"]
            made["level"] = chance.choice(levels) or "blue"
        return made

    # tickets

    def of_ticket(self, ledger: Ledger, now: int) -> Command:
        chance = self.chance
        opened = [ticket for ticket in ledger.tickets.values() if ticket.open] or list(ledger.tickets.values())
        ticket = max(chance.choices(opened, k=2), key=lambda ticket: OPEN.index(ticket.state) if ticket.open else -1)
        number = "YH-1999-0001" if chance.random() < 0.02 else ticket.number
        onward = [name for name in TABLE[ticket.state] if name not in ("cancel", "grade")]
        possible = [*TABLE[ticket.state], *onward * 4, "supervise", "conclude", "conclude", "note", "attach_file"]
        every = sorted({command for row in TABLE.values() for command in row})
        name = chance.choice(possible if chance.random() < 0.85 else every)
        return {"command": name, "ticket": number, **self.details(ticket, name, now)}

    def details(self, ticket: Ticket, name: str, now: int) -> Command:
        chance = self.chance
        reason = {"reason": "核实"}
        match name:
            case "grade":
                return {"class": chance.choice(("major", "major", "A", "C", "X")), **reason}
            case "assign":
                return self.assign(ticket, now)
            case "submit":
                return {"by": ticket.responsible[-1]} if ticket.responsible and chance.random() < 0.5 else {}
            case "extend":
                due = (ticket.due or now) + chance.choice((-1, 0, 1, 5 * S, 30 * S))
                return {"due": due, **reason} | (
                    {"by": ticket.responsible[-1]} if ticket.responsible and chance.random() < 0.5 else {}
                )
            case "refuse" | "cancel":
                return reason
            case "supervise":
                person = chance.choice(PEOPLE)
                return {"at": chance.choice(CHOICES["at"]), "unit": "安监局", "person": person}
            case "conclude":
                return {"by": ticket.supervisor} if ticket.supervisor and chance.random() < 0.5 else {}
            case "note":
                return {"note": "已查看"}
            case "attach_file":
                return {"name": "照片.jpg", "sha256": "0" * 64}
        return {}

    def assign(self, ticket: Ticket, now: int) -> Command:
        chance = self.chance
        made: Command = {
            "responsible": chance.choice(PEOPLE[:2]), "unit": "通风区", "measures": "更换支架",
            "due": now + chance.choice((0, 3 * S, 10 * S, 40 * S, 300 * S)),
        }  # fmt: skip
        if ticket.grade == "major" or chance.random() < 0.2:
            made |= {"goal": "消除隐患", "funds": "2 万元", "plan": "应急预案 3"}
        if chance.random() < 0.15:
            made[chance.choice(sorted(set(made) - {"due"}))] = ""
        return made
