"""Mutates everything that people hand in, and judges the answers: no traceback, bounded memory, within 10 seconds."""

import argparse
import contextlib
import gzip
import io
import random
import resource
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Final, NamedTuple, NoReturn

from pydantic import ValidationError

from alarms import parse_command
from hazwatch.cli.client import EngineClient
from hazwatch.cli.main import main as hazwatch
from hazwatch.cli.main import parser
from hazwatch.cli.options import RefusedError, check_period
from hazwatch.reports.backtest.incidents import IncidentsError, read_incidents
from hazwatch.site.case_files import CaseFileError, read_cases
from hazwatch.site.config import Config, load
from hazwatch.site.traces import TraceFileError, read_trace
from rules import CaseBench
from rules.spec.expression import ExpressionError, parse_expression

LONGEST: Final = 10.0
"""Time of the processor for an answer. [s]"""
LARGEST_GROWTH: Final = 1 << 30
"""Memory that the attacks of one kind may add. [byte]"""
CASES: Final = Path(__file__).parents[2] / "tests" / "cases" / "config"
SITE: Final = (CASES / "face.good.toml").read_text(encoding="utf-8")
POINTS: Final = """id,hazard_source,name,quantity,unit,range,resolution,stale_after,source,address,fault.on_delay
T1,gas-3101,上隅角甲烷,甲烷,%CH4,0..4,0.01,30s,kj-ua,ns=2;s=T1,5s
T2,gas-3101,回风流甲烷,甲烷,%CH4,0..4,0.01,never,kj-ua,ns=2;i=17,
"""
INCIDENTS: Final = """hazard_source,start,end,what
gas-3101,2026-03-02T06:00:00+08:00,2026-03-02T07:00:00+08:00,超限
"""
CASE: Final = """[[case]]
name = "a spike"
period = "1s"
until = "30s"
start = 2026-03-02T06:00:00Z
series."T1" = "0.6x5 1.2x2 c0.6..1.4x10 _x3 !x2 ?0.5 o4.0x2"
conditions = ["T1.alarm"]
expect = [{ at = "5s", condition = "T1.alarm", transition = "raise", value = 1.2, level = "orange" }]
"""
TRACE: Final = """time,point,value,quality,state,arrival,backfilled
2026-03-02T06:00:00Z,T1,0.5,GOOD,0,2026-03-02T06:00:01Z,0
2026-03-02T06:00:01.5+08:00,T1,1.25e0,UNCERTAIN,4,1772402400123456789,1
"""
EXPRESSION: Final = 'where("T1" > 1.0, max(T1, T2, 3101.T3), -abs(sqrt(T1) / 2)) + log(exp(nan)) * 1e3'
URL: Final = "http://127.0.0.1:8420/page?x=1"
COMMAND: Final = (
    '{"command":"rectify","ticket":"YH-2026-0001","responsible":"李四","measures":"加大风量","due":1780000000000,'
    '"by":"张三","key":"5f0c","note":"已通知"}'
)
OPTIONS: Final[Sequence[Sequence[str]]] = (
    ("run", "site.toml", "--port", "8420", "--host", "127.0.0.1", "--rate", "60", "--origin", "2026-03-02T06:00:00Z"),
    ("simulate", "site.toml", "--trace", "t.csv", "--fault", "T1 freeze 10m..20m", "--epoch", "1772402400123456789"),
    ("backtest", "site.toml", "--from", "2026-03-02T06:00:00Z", "--to", "2026-03-03T06:00:00+08:00"),
    ("backtest", "site.toml", "--trace", "t.csv", "--gate", "--lead-loss", "5m", "--alarms-per-hour", "0.5"),
    ("replay", "--site", "site.toml", "--trace", "t.csv", "--events", "-", "--batch", "100"),
    ("tickets", "--timezone", "Asia/Shanghai", "--all"),
    ("demo", "--seconds", "5", "--port", "8420"),
)

NASTY: Final[Sequence[str]] = (
    "\0", "\u200b", "\u202e", "\ufeff", "\ud800", "１", "，", "“", "𝟙", "٣",
    "9" * 400, "9" * 5000, "-" + "9" * 400, "1e400", "-1e308", "1e-320", "nan", "inf", "-inf", "0x" + "f" * 9000, "1_0",
    "[" * 3000, "(" * 3000, "{" * 3000, "a." * 3000 + "a", '"a".' * 300, "-" * 3000, "not " * 500, ",".join("x" * 2000),
    "\n" * 3000, "\r", "\t", '"', "'", '"""', "\\", "\\ud800", "#", ";", "=", "..", "//", "%s", "{0}", "{name}",
    "x" * 200_000, "36500d", "36501d", "0s", "1e9s", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "24:00:00",
    "2026-02-30T00:00:00Z", "x1000000", "x999999999", "0..1x999999", "T1", "never", "true", "[]", "{}",
    "[[point]]\n", "[limit]\n", "\n[case]\n",
    "/dev/zero", "../../etc/passwd", "unit=256", "ns=99999999999999999999;i=1", "g=" + "-" * 36, "b====",
    "opc.tcp://[::1]:0", "127.0.0.1:99999", "http://[", "ftp://x",
)  # fmt: skip
"""Texts that have broken programs before."""


class OvertimeError(BaseException):
    """An answer took too long; no handler of the product catches it."""


class Attack(NamedTuple):
    """A seed that is mutated, and what the product makes of it."""

    seed: str
    answer: Callable[[bytes], None]


def mutated(seed: str, chance: random.Random) -> bytes:
    """Return a seed after a few mutations."""
    text = seed
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        text = _mutation(text, chance)
    content = text.encode("utf-8", "surrogatepass" if chance.random() < 0.5 else "replace")
    if content and chance.random() < 0.15:
        place = chance.randrange(len(content))
        content = content[:place] + chance.randbytes(chance.choice((1, 4))) + content[place + 1 :]
    return content


def _mutation(text: str, chance: random.Random) -> str:
    begin, end = sorted((chance.randrange(len(text) + 1), chance.randrange(len(text) + 1)))
    match chance.randrange(7):
        case 0:
            return text[:begin] + chance.choice(NASTY) + text[begin:]
        case 1:
            return text[:begin] + chance.choice(NASTY) + text[min(end, begin + 20) :]
        case 2:
            return text[:begin] + text[min(end, begin + 200) :]
        case 3:
            return text[:end] + text[begin:end] * chance.choice((1, 2, 50)) + text[end:]
        case 4:
            lines = text.split("\n")
            chance.shuffle(lines)
            return "\n".join(lines)
        case 5:
            # A value gives way to another one.
            words = text.split('"')
            words[chance.randrange(len(words))] = chance.choice(NASTY)
            return '"'.join(words)
        case _:
            return text[:begin] + chr(chance.randrange(0x110000)) + text[begin + 1 :]


def attacks(folder: Path) -> Mapping[str, Attack]:
    """Return the attacks on everything that can be handed in, by name."""
    site = folder / "site.toml"
    site.write_text(SITE, encoding="utf-8")
    config = load(site)
    bench = CaseBench(config.rules, config.site)
    with_table = folder / "table.toml"
    with_table.write_text('points = "points.csv"\n' + SITE, encoding="utf-8")

    def checked(name: str, of: Path) -> Callable[[bytes], None]:
        def answer(content: bytes) -> None:
            (folder / name).write_bytes(content)
            hazwatch(["check", str(of)])

        return answer

    return {
        "site file": Attack(SITE, checked("mutated.toml", folder / "mutated.toml")),
        "points table": Attack(POINTS, checked("points.csv", with_table)),
        "case file": Attack(CASE, _cases(folder / "a.cases.toml", bench)),
        "incidents": Attack(INCIDENTS, _incidents(folder / "incidents.csv")),
        "trace": Attack(TRACE, _trace(folder / "trace.csv", config)),
        "packed trace": Attack(TRACE, _trace(folder / "trace.csv.gz", config)),
        "expression": Attack(EXPRESSION, _expression),
        "address of a page": Attack(URL, _url),
        "command": Attack(COMMAND, _command),
        "options": Attack("\x1f".join(OPTIONS[0]), _options),
    }


def _cases(path: Path, bench: CaseBench) -> Callable[[bytes], None]:
    def answer(content: bytes) -> None:
        path.write_bytes(content)
        with contextlib.suppress(CaseFileError):
            read_cases([path], bench)

    return answer


def _incidents(path: Path) -> Callable[[bytes], None]:
    def answer(content: bytes) -> None:
        path.write_bytes(content)
        with contextlib.suppress(IncidentsError):
            read_incidents(path, ("gas-3101",))

    return answer


def _trace(path: Path, config: Config) -> Callable[[bytes], None]:
    def answer(content: bytes) -> None:
        path.write_bytes(gzip.compress(content, 1) if path.suffix == ".gz" else content)
        with contextlib.suppress(TraceFileError):
            read_trace(path, config.points)

    return answer


def _expression(content: bytes) -> None:
    with contextlib.suppress(ExpressionError):
        parse_expression(content.decode("utf-8", "surrogateescape"))


def _url(content: bytes) -> None:
    with contextlib.suppress(RefusedError):
        EngineClient(content.decode("utf-8", "replace"))


def _command(content: bytes) -> None:
    with contextlib.suppress(ValidationError):
        parse_command(content)


def _options(content: bytes) -> None:
    with contextlib.suppress(RefusedError, argparse.ArgumentError):
        check_period(parser().parse_args(content.decode("utf-8", "surrogateescape").split("\x1f")))


def _overtime(number: int, frame: FrameType | None) -> NoReturn:
    raise OvertimeError


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def judge(attack: Attack, content: bytes) -> str | None:
    """Return what is wrong with the answer to an input; None for an answer within bounds."""
    # The processor's time counts, as others may use the machine; an answer that only waits is ended, too.
    for number in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(number, _overtime)
    signal.setitimer(signal.ITIMER_PROF, LONGEST)
    signal.setitimer(signal.ITIMER_REAL, 6 * LONGEST)
    try:
        with _silent():
            attack.answer(content)
    except SystemExit as end:
        return None if end.code in (0, 2) else f"exit code {end.code}"
    except OvertimeError:
        return "no answer in time"
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} in {Path(place.filename).name}:{place.lineno}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
    return None


def main(times: int) -> int:
    """Attack every input, print a row of the table for each, and return how many answers were wrong."""
    total = 0
    with tempfile.TemporaryDirectory() as name:
        for kind, attack in attacks(Path(name)).items():
            wrong, slowest, grown = _attacked(kind, attack, times)
            print(f"| {kind} | {times} | {wrong} | {slowest:.2f} s | {grown / 2**20:.0f} MiB |", flush=True)
            total += wrong + (grown > LARGEST_GROWTH)
    return total


def _attacked(kind: str, attack: Attack, times: int) -> tuple[int, float, int]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wrong, slowest = 0, 0.0
    for number in range(times):
        chance = random.Random(f"{kind} {number}")
        seed = "\x1f".join(chance.choice(OPTIONS)) if kind == "options" else attack.seed
        content = mutated(seed, chance)
        begin = time.process_time()
        problem = judge(attack, content)
        slowest = max(slowest, time.process_time() - begin)
        if problem is not None:
            print(f"  {kind} {number}: {problem}", flush=True)
            wrong += 1
    return wrong, slowest, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
