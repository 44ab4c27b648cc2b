"""Measures the journal: the time of a lone record, and the throughput of group commits against single commits."""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from adapters.stores import Journal
from alarms import AlarmActivation, AlarmState, Record


def _record(number: int) -> Record:
    normal, unacked = AlarmState.NORMAL, AlarmState.UNACKED
    entry = AlarmActivation(alarm="T1.alarm", episode="93a597c44913daff", before=normal, after=unacked)
    return Record(number, number, entry)


def main() -> None:
    single, grouped = 2_000, int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "journal.db") as journal:
        waits = []
        for number in range(1, single + 1):
            begun = time.perf_counter()
            # Waiting for each future gives every record its own commit, and so its own flush of the disk.
            journal.append([_record(number)]).result()
            waits.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        futures = [journal.append([_record(number)]) for number in range(single + 1, single + grouped + 1)]
        # The journal commits in order: with the last record, all are durable.
        futures[-1].result()
        taken = time.perf_counter() - begun
        begun = time.perf_counter()
        read = sum(1 for _ in journal.read())
        reading = time.perf_counter() - begun
        begun = time.perf_counter()
        assert journal.verify() is None
        verifying = time.perf_counter() - begun
    single_rate = single / sum(waits)
    cuts = statistics.quantiles(waits, n=100)
    print(f"lone record durable: p50 {cuts[49] * 1e6:.0f} us, p99 {cuts[98] * 1e6:.0f} us, {single_rate:.0f} records/s")
    print(f"group commit: {grouped / taken:.0f} records/s, {grouped / taken / single_rate:.1f} times one commit each")
    print(f"read {read / reading:.0f} records/s, verify {read / verifying:.0f} records/s")


if __name__ == "__main__":
    main()
