"""Runs the attacks of bench/attacks/ and prints what came of each: `python -m bench.attack history journal [times]`."""

import sys
from collections.abc import Callable, Mapping
from typing import Final

from bench.attacks import handshake, history, journal, kill, server, starve, state, stores
from bench.attacks.input import main as attack_input

ATTACKS: Final[Mapping[str, Callable[[int], int]]] = {
    "handshake": handshake.main,
    "history": history.main,
    "input": attack_input,
    "journal": journal.main,
    "kill": kill.main,
    "server": server.main,
    "starve": starve.main,
    "state": state.main,
    "stores": stores.main,
}
"""Each takes how often it attacks, and returns how many attacks went wrong."""
TIMES: Final[Mapping[str, int]] = {"kill": 200}
"""How often an attack attacks unless the command line says otherwise; the others 1000 times."""


def main() -> None:
    unknown = [word for word in sys.argv[1:] if word not in ATTACKS and not word.isdecimal()]
    if unknown:
        sys.exit(f"{' '.join(unknown)}: expected names of {', '.join(ATTACKS)}, and how often")
    names = [word for word in sys.argv[1:] if word in ATTACKS] or list(ATTACKS)
    times = next((int(word) for word in sys.argv[1:] if word.isdecimal()), None)
    sys.exit(min(1, sum(ATTACKS[name](TIMES.get(name, 1000) if times is None else times) for name in names)))


if __name__ == "__main__":
    main()
