"""Runs Debian's Prometheus with the same limits, as a private instance on loopback that scrapes a generated page."""

import json
import shutil
import socket
import subprocess
import tempfile
import threading
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from pathlib import Path
from statistics import median
from time import sleep
from typing import Final
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

Limits = Mapping[str, Sequence[tuple[float, float]]]

LAST: Final = "prometheus_rule_group_last_duration_seconds"
PROCESSOR: Final = "process_cpu_seconds_total"
SCRAPES: Final = "prometheus_target_interval_length_seconds_count"
NO_RULES: Final = "groups: []\n"
COUNT: Final = 'count(ALERTS{alertstate="firing"})'
CONFIG: Final = """
global: {{ scrape_interval: 1s, evaluation_interval: 1s }}
rule_files: [rules.yml]
scrape_configs:
  - job_name: mine
    static_configs: [{{ targets: ["127.0.0.1:{port}"] }}]
"""


@dataclass(frozen=True, slots=True)
class Costs:
    """The metrics of Prometheus about itself.

    Attributes
    ----------
    evaluation : float
        Median time of an evaluation of all rules, by the clock. [s]
    processor : float
        Processor time per second of values, including scraping and storing. [s]
    firing : int
        Number of firing alerts at the end.

    """

    evaluation: float
    processor: float
    firing: int


def available() -> bool:
    return shutil.which("prometheus") is not None


def rules_text(limits: Limits) -> str:
    """Return one alert per limit, which stays active until the clear value."""
    # Prometheus has no clear value: the expression keeps an alert alive by its own ALERTS series.
    lines = ["groups:", "  - name: limits", "    rules:"]
    for side, sign in (("high", ">="), ("low", "<=")):
        for number, (at, clear) in enumerate(limits[side]):
            name = f"{side}{number}"
            kept = f'v {sign} {clear} and on(id) ALERTS{{alertname="{name}",alertstate="firing"}}'
            lines += [f"      - alert: {name}", f"        expr: '(v {sign} {at}) or ({kept})'"]
    return "\n".join(lines) + "\n"


@contextmanager
def page(seconds: Sequence[NDArray[np.float64]]) -> Iterator[int]:
    """Serve the next second of values to each scrape; yield the port."""
    # Prometheus scrapes for longer than the job lasts, so the values start again.
    bodies = cycle(
        "".join(f'v{{id="P{n}"}} {value}\n' for n, value in enumerate(row.tolist())).encode() for row in seconds
    )

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = next(bodies)
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def measure(seconds: Sequence[NDArray[np.float64]], rules: str, *, warm: int, reads: int) -> Costs:
    """Run Prometheus on the values, and read its metrics once a second."""
    with tempfile.TemporaryDirectory() as name, page(seconds) as port:
        folder = Path(name)
        (folder / "prometheus.yml").write_text(CONFIG.format(port=port), encoding="utf-8")
        (folder / "rules.yml").write_text(rules, encoding="utf-8")
        address = f"127.0.0.1:{free_port()}"
        command = ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/store"]
        process = subprocess.Popen([*command, f"--web.listen-address={address}", "--log.level=error"])
        try:
            sleep(warm)
            readings = [metrics_of(address)]
            for _ in range(reads):
                sleep(1)
                readings.append(metrics_of(address))
            firing = json.loads(read(f"http://{address}/api/v1/query?query={quote(COUNT)}"))["data"]["result"]
        finally:
            process.terminate()
            process.wait()
    first, last = readings[0], readings[-1]
    # Per scrape, not per second: on a busy machine scrapes may be late.
    return Costs(
        median(metrics.get(LAST, 0.0) for metrics in readings),
        (last[PROCESSOR] - first[PROCESSOR]) / (last[SCRAPES] - first[SCRAPES]),
        int(firing[0]["value"][1]) if firing else 0,
    )


def free_port() -> int:
    # Another process may take the port before Prometheus does; then the benchmark fails, and has to be run again.
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def metrics_of(address: str) -> dict[str, float]:
    """Return the metrics of Prometheus about itself by name; the last series of a name wins."""
    lines = [line for line in read(f"http://{address}/metrics").splitlines() if not line.startswith("#")]
    return {line.partition("{")[0].partition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def read(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return str(answer.read(), "utf-8")
