"""Reads the journal without Hazwatch, with Python's standard library alone.

It prints each raise and clear, and each command of a person.
不用 Hazwatch 读运行记录，只用 Python 标准库：打印每次触发和解除，以及人的每个操作。
"""

import json
import sqlite3
import sys
from datetime import UTC, datetime


def moment(time: int) -> str:
    """Write a time of the journal in UTC (Z); it counts nanoseconds since 1970 UTC."""
    return datetime.fromtimestamp(time // 1_000_000_000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


with sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True) as database:
    records = database.execute("SELECT number, time, kind, body FROM record ORDER BY number").fetchall()

for number, time, kind, text in records:
    body = json.loads(text)
    if kind == "event":
        what = f"{body['transition']:5} {body['level']:6} {body['condition']} {body['value']}"
        sys.stdout.write(f"{number:4} {moment(body['time'])} {what}\n")
    elif kind in ("alarm", "ticket") and "command" in body:
        command = body["command"]
        sys.stdout.write(f"{number:4} {moment(time)} {command['command']} {command['by']}\n")
