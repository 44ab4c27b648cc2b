"""A foreign server that takes line protocol has every sample once, also after it was killed and sent to again."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

from plant.units import MS, SECOND
from tests.conftest import require
from tests.ports import free_port
from tests.system.influx.history import BEGIN, POINTS, beginning, empty_folder, record, second, sender, site
from tests.system.processes import listens, wait_until

NEEDED = "apt-get install victoria-metrics"


@contextmanager
def victoria_metrics(program: str, folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the server while the block lasts."""
    words = (
        program, "-storageDataPath", folder, "-httpListenAddr", f"127.0.0.1:{port}", "-search.latencyOffset=0s",
        "-retentionPeriod=100y",
    )  # fmt: skip
    with (folder.parent / "server.log").open("ab") as log, subprocess.Popen(words, stdout=log, stderr=log) as process:
        try:
            wait_until(lambda: listens(port), "VictoriaMetrics listens", 60)
            yield process
        finally:
            process.kill()
            process.wait()


def stored(port: int, name: str) -> dict[str, list[int]]:
    """Return the times of a field by point. [ms, UTC]."""
    with urlopen(f"http://127.0.0.1:{port}/internal/force_flush", timeout=60) as answer:
        answer.read()
    query = urlencode({"match[]": f'{{__name__="{name}"}}'})
    with urlopen(f"http://127.0.0.1:{port}/api/v1/export?{query}", timeout=60) as answer:
        rows = [json.loads(line) for line in answer.read().splitlines()]
    return {row["metric"]["point"]: row["timestamps"] for row in rows}


def test_every_sample_is_there_once_also_after_a_kill_of_the_server(tmp_path: Path) -> None:
    program, port = require("victoria-metrics", NEEDED), free_port()
    config = site(tmp_path)
    folder = empty_folder(config, tmp_path / "data")
    record(config, folder, map(second, range(300)))
    every = {f"T{number}": [(BEGIN + at * SECOND) // MS for at in range(300)] for number in range(POINTS)}
    with victoria_metrics(program, tmp_path / "store", port) as server:
        with sender(port) as connection:
            list(beginning(config, folder).steps(connection))
        assert stored(port, "hz_sample_value") == every
        server.kill()
        server.wait()
    with victoria_metrics(program, tmp_path / "store", port):
        # It may have lost what it had acknowledged: the history is sent again, and nothing stands there twice.
        with sender(port) as connection:
            list(beginning(config, folder).resend(connection, BEGIN + 300 * SECOND - 1))
        assert {name: sorted(set(times)) for name, times in stored(port, "hz_sample_value").items()} == every
        assert len(stored(port, "hz_1m_mean")["T0"]) == 5
