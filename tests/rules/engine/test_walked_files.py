"""How many files of the kernel one sample walks through: a reader of its life opens no more."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

pytestmark = pytest.mark.live

ROOT: Final = Path(__file__).parents[3]
WALK: Final = """
import json, sys
from pathlib import PurePath
from rules import Engine
from tests.rules.play import limit, log_of, rule_set, series

limits, values = json.loads(sys.argv[1])
rules = rule_set(limits=[limit(**keys) for keys in limits])
log = log_of(rules, series(values))
last = int((log.point >= 0).nonzero()[0].max())
engine = Engine(rules)
list(engine.evaluate(log[:last]))
files = set()

def note(frame, what, _):
    path = PurePath(frame.f_code.co_filename)
    if what == "call" and "engine" in path.parts and "memory" not in path.parts:
        files.add(path.stem)

sys.setprofile(note)
engine.evaluate(log[last : last + 1])
sys.setprofile(None)
print(json.dumps(sorted(files)))
"""
"""A process without compilation, in which each kernel is a function of Python that is seen when it is called."""
AROUND: Final = {"engine", "event"}
"""Files that pass the piece to the kernel and its events on."""
CALM: Final = {"walk", "calm"}
EVALUATED: Final = CALM | {"sample", "evidence", "feature", "transition", "calm_band"}
WINDOWED: Final = EVALUATED | {"room", "window", "aggregate"}
MEAN: Final = {"feature": "mean", "window": "10s", "on_delay": "5s"}


@pytest.mark.parametrize(
    ("limits", "values", "files"),
    [
        pytest.param([{}], "0.5 " * 40, CALM, id="calm"),
        pytest.param([{"feature": "ewma", "tau": "10s"}], "0.5 0.6 0.7", EVALUATED, id="evaluated"),
        pytest.param([{}], "0.5 1.2", EVALUATED | {"dependents"}, id="an event"),
        pytest.param([MEAN], "0.5 0.6 0.7 0.9 1.5 1.2", WINDOWED, id="a window"),
    ],
)
def test_a_sample_walks_through_few_files(limits: list[dict[str, str]], values: str, files: set[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WALK, json.dumps([limits, values])],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    assert {*json.loads(done.stdout)} - AROUND == files
