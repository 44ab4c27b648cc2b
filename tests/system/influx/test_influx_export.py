"""History reaches InfluxDB completely and in order, whatever the server does, and what it refuses is listed."""

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.stores import Historian
from adapters.stores.influx import NotWrittenError, StorePosition
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.export.influx_export import InfluxExport, address_of
from hazwatch.live.export.influx_worker import export, position_of, prepare
from hazwatch.site.config import Config, load
from plant.units import HOUR, MINUTE, SECOND
from tests.ports import free_port
from tests.system.influx.double import Answer, InfluxDouble
from tests.system.influx.history import BEGIN, POINTS, beginning, empty_folder, record, second, sender, site


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return site(tmp_path)


@pytest.fixture
def folder(config: Config, tmp_path: Path) -> DataFolder:
    return empty_folder(config, tmp_path / "data")


def send_all(copy: InfluxExport, folder: DataFolder, server: InfluxDouble) -> None:
    """Copy until nothing is left; each error of the server ends an attempt."""
    for _ in range(1000):
        try:
            with sender(server.port) as connection:
                for _ in copy.up_to_date(connection, folder.stores / "position"):
                    pass
        except NotWrittenError:
            continue
        return
    pytest.fail("the copy never ends")


def every_sample(seconds: range) -> list[int]:
    return sorted(BEGIN + number * SECOND for number in seconds for _ in range(POINTS))


def test_every_sample_is_there_once_with_its_token(config: Config, folder: DataFolder) -> None:
    server = InfluxDouble()
    record(config, folder, map(second, range(100)))
    with server.serve():
        send_all(beginning(config, folder), folder, server)
    assert server.times("hz_sample") == every_sample(range(100))
    assert set(server.tokens) == {"Token secret"}


FAULTS = [
    Answer(429, "slow down", {"Retry-After": "7"}), Answer(503, "busy", stored=250), Answer(500, "broken"),
    Answer(401, "who"), Answer(403, "read only"), Answer(404, "no bucket", stored=3), Answer(502, "<html>"),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault.status))
def test_no_answer_costs_a_sample(config: Config, folder: DataFolder, fault: Answer) -> None:
    server = InfluxDouble()
    record(config, folder, map(second, range(100)))
    with server.serve():
        server.faults.extend([fault, fault])
        copy = beginning(config, folder)
        send_all(copy, folder, server)
    assert server.times("hz_sample") == every_sample(range(100))
    assert copy.position.refused == 0


def test_the_pause_that_the_server_names_is_known(config: Config, folder: DataFolder) -> None:
    server = InfluxDouble()
    server.faults.append(FAULTS[0])
    record(config, folder, [second(0)])
    with server.serve(), sender(server.port) as connection, pytest.raises(NotWrittenError) as error:
        list(beginning(config, folder).steps(connection))
    assert error.value.pause == 7


def test_a_server_that_is_away_costs_nothing_however_long(config: Config, folder: DataFolder) -> None:
    server = InfluxDouble()
    copy = beginning(config, folder)
    record(config, folder, map(second, range(50)))
    with server.serve():
        send_all(copy, folder, server)
    record(config, folder, map(second, range(50, 150)))
    with sender(server.port) as connection, pytest.raises(NotWrittenError, match="cannot be reached"):
        list(copy.steps(connection))
    with server.serve(server.port):
        send_all(copy, folder, server)
    assert server.times("hz_sample") == every_sample(range(150))


def test_a_bad_line_is_found_and_listed_and_costs_no_other(config: Config, folder: DataFolder) -> None:
    server = InfluxDouble(
        syntax=lambda line: line.startswith("hz_sample") and "point=T3" in line and "value=0.507," in line,
        conflict=lambda line: line.startswith("hz_sample") and "point=T4" in line and "value=0.509," in line,
    )
    record(config, folder, map(second, range(30)))
    with server.serve():
        copy = beginning(config, folder)
        send_all(copy, folder, server)
    assert len(server.times("hz_sample")) == 30 * POINTS - 2
    listed = [json.loads(line) for line in (folder.stores / "influxdb.refused.jsonl").read_text().splitlines()]
    assert [(entry["count"], "point=T3" in entry["line"], entry["reason"]) for entry in listed] == [
        (1, True, "unable to parse"), (1, False, "partial write: field type conflict dropped=1")
    ]  # fmt: skip
    assert copy.position.refused == 2


def test_lines_older_than_the_bucket_keeps_are_counted_and_not_sent_again(config: Config, folder: DataFolder) -> None:
    server = InfluxDouble(old=lambda line: line.startswith("hz_sample") and int(line.split()[-1]) < BEGIN + 5 * SECOND)
    record(config, folder, map(second, range(30)))
    with server.serve():
        copy = beginning(config, folder)
        send_all(copy, folder, server)
    assert server.times("hz_sample") == every_sample(range(5, 30))
    assert copy.position.refused == 5 * POINTS
    assert server.requests < 10


def test_a_server_that_refuses_everything_stops_the_copy_and_loses_nothing(config: Config, folder: DataFolder) -> None:
    server = InfluxDouble(syntax=lambda _: True)
    record(config, folder, map(second, range(30)))
    with server.serve():
        copy = beginning(config, folder)
        with sender(server.port) as connection, pytest.raises(NotWrittenError, match="refuses every line"):
            list(copy.steps(connection))
        assert copy.position.samples == 0
        server.syntax = lambda _: False
        send_all(copy, folder, server)
    assert server.times("hz_sample") == every_sample(range(30))


def test_a_copy_goes_on_from_its_position_and_sends_nothing_twice(config: Config, folder: DataFolder) -> None:
    server = InfluxDouble()
    record(config, folder, map(second, range(50)))
    with server.serve():
        send_all(beginning(config, folder), folder, server)
        kept = StorePosition.read(folder.stores / "position")
        assert kept is not None
        server.points.clear()
        record(config, folder, map(second, range(50, 60)))
        send_all(InfluxExport(config, folder, config.stores[0], kept), folder, server)
    assert server.times("hz_sample") == every_sample(range(50, 60))


def test_a_damaged_position_is_none(folder: DataFolder) -> None:
    path = folder.stores / "position"
    StorePosition(arrival=1, record=2, minute=3, hour=4).write(path)
    content = bytearray(path.read_bytes())
    content[-5] ^= 4
    path.write_bytes(content)
    assert StorePosition.read(path) is None


def test_minutes_and_hours_are_summed_up_and_again_where_late_data_changes_them(
    config: Config, folder: DataFolder
) -> None:
    server = InfluxDouble()
    copy = beginning(config, folder)
    record(config, folder, (second(number) for number in range(0, 3700, 10)))
    with server.serve():
        send_all(copy, folder, server)
        minute = server.points["hz_1m,kind=gas,mine=1,point=T0,source=ua", BEGIN]
        hour = server.points["hz_1h,kind=gas,mine=1,point=T0,source=ua", BEGIN]
        late = second(33, value=7.0, delay=3800 * SECOND)
        record(config, folder, [late])
        send_all(copy, folder, server)
    assert minute == "good=6,bad=0,worst=0,min=0.5,max=0.55,mean=0.525,last=0.55"
    assert hour.startswith("good=360,bad=0,worst=0,min=0.5,max=4.09,")
    assert server.times("hz_1m").count(BEGIN + 60 * MINUTE) == POINTS
    assert server.points["hz_1m,kind=gas,mine=1,point=T0,source=ua", BEGIN].startswith(
        "good=7,bad=0,worst=0,min=0.5,max=7.033"
    )
    assert "good=361," in server.points["hz_1h,kind=gas,mine=1,point=T0,source=ua", BEGIN]


def test_a_kill_before_a_late_summary_was_written_again_repeats_it(config: Config, folder: DataFolder) -> None:
    server = InfluxDouble()
    copy = beginning(config, folder)
    record(config, folder, (second(number) for number in range(0, 300, 10)))
    with server.serve():
        send_all(copy, folder, server)
        kept = StorePosition.read(folder.stores / "position")
        record(config, folder, [second(33, value=7.0, delay=400 * SECOND)])
        with sender(server.port) as connection:
            list(copy.steps(connection))  # killed here: the sample is sent, its minute is not
        assert kept is not None
        send_all(InfluxExport(config, folder, config.stores[0], replace(kept, hour=BEGIN - HOUR)), folder, server)
    assert "good=7," in server.points["hz_1m,kind=gas,mine=1,point=T0,source=ua", BEGIN]


def test_a_clock_that_was_set_back_costs_the_store_nothing(config: Config, folder: DataFolder) -> None:
    spec, server = config.stores[0], InfluxDouble()
    config = replace(config, stores=(spec.model_copy(update={"url": f"http://127.0.0.1:{free_port()}"}),))
    prepare(folder, spec, BEGIN)
    record(config, folder, map(second, range(100)))
    port = int(config.stores[0].url.rpartition(":")[2])
    with server.serve(port):
        states = export(config, folder, config.stores[0], BEGIN + 100 * SECOND, 1.0)
        while next(states).samples < 100 * POINTS:
            pass
        # The next run begins 50 s earlier, and its clock has passed the old end once it is 160 s on.
        prepare(folder, spec, BEGIN + 50 * SECOND)
        prepare(folder, spec, BEGIN + 52 * SECOND)
        with closing(Historian(folder.history, config.points, retention_days=None)) as historian:
            historian.start(BEGIN + 50 * SECOND).result()
            for number in range(50, 160):
                historian.append(second(number, delay=SECOND // 2)).result()
        waiting = next(export(config, folder, config.stores[0], BEGIN + 60 * SECOND, 1.0))
        assert waiting.trouble is not None
        assert "set back" in str(waiting.trouble)
        assert len(set(server.times("hz_sample"))) == 100
        states = export(config, folder, config.stores[0], BEGIN + 161 * SECOND, 1.0)
        while next(states).samples < 200 * POINTS:
            pass
        next(states)
        kept = StorePosition.read(position_of(folder, spec))
    assert sorted(set(server.times("hz_sample"))) == [BEGIN + number * SECOND for number in range(160)]
    assert kept is not None
    assert (kept.until, kept.arrival) == (0, BEGIN + 159 * SECOND + SECOND // 2)


def test_a_process_that_starts_again_goes_on_where_the_last_one_ended(config: Config, folder: DataFolder) -> None:
    spec = config.stores[0]
    prepare(folder, spec, BEGIN)
    known = StorePosition(arrival=BEGIN + 9, record=1, minute=BEGIN, hour=BEGIN, samples=7)
    known.write(position_of(folder, spec))
    state = next(export(config, folder, spec, BEGIN + 10, 1.0))
    assert (state.arrival, state.samples) == (BEGIN + 9, 7)


def test_a_damaged_position_is_named_and_the_next_run_copies_everything(config: Config, folder: DataFolder) -> None:
    spec = config.stores[0]
    record(config, folder, map(second, range(3)))
    position_of(folder, spec).write_bytes(b"junk")
    with pytest.raises(ValueError, match="damaged"):
        next(export(config, folder, spec, BEGIN, 1.0))
    prepare(folder, spec, BEGIN + HOUR)
    kept = StorePosition.read(position_of(folder, spec))
    assert kept is not None
    assert kept.arrival == BEGIN - 1


def test_bad_lines_alone_are_dropped_where_the_server_takes_others_and_kept_where_it_takes_none(
    config: Config, folder: DataFolder
) -> None:
    server = InfluxDouble(syntax=lambda line: "point=T3" in line)
    record(config, folder, [second(number).take(slice(3, 4)) for number in range(150)])
    with server.serve():
        copy = beginning(config, folder)
        send_all(copy, folder, server)
        assert (server.times("hz_sample"), server.times("hz_probe")) == ([], [1])
        assert copy.position.samples == 150
        assert copy.position.refused >= 150
        server.syntax = lambda _: True
        with sender(server.port) as connection, pytest.raises(NotWrittenError, match="every line"):
            connection.send(b"hz_alarm,alarm=a record=1 5\n")


def test_a_summary_of_days_that_were_deleted_is_left_as_it_is(config: Config, folder: DataFolder) -> None:
    server = InfluxDouble()
    record(config, folder, [second(0), second(3700), second(2 * 86_400)])
    with server.serve():
        copy = beginning(config, folder)
        send_all(copy, folder, server)
        known = server.points["hz_1m,kind=gas,mine=1,point=T0,source=ua", BEGIN]
        for path in sorted(folder.history.glob("*.hist*"))[:1]:
            path.unlink()
        record(config, folder, [second(7, value=9.0, delay=3 * 86_400 * SECOND)])
        send_all(copy, folder, server)
    assert server.points["hz_1m,kind=gas,mine=1,point=T0,source=ua", BEGIN] == known


def test_what_retention_deleted_before_it_was_copied_is_named(tmp_path: Path, folder: DataFolder) -> None:
    path = site(tmp_path).path
    path.write_text(path.read_text(encoding="utf-8") + '[historian]\nretention = "1d"\n', encoding="utf-8")
    config, server = load(path), InfluxDouble()
    record(config, folder, [second(3 * 86_400)])
    with server.serve():
        copy = beginning(config, folder)
        send_all(copy, folder, server)
    deleted = copy.state(None).deleted
    assert deleted is not None
    assert "deleted before" in str(deleted)


@pytest.mark.parametrize("token", ["one\ntwo", "令牌", "a b", "\x00"])
def test_a_token_that_is_none_is_refused_without_its_text(tmp_path: Path, config: Config, token: str) -> None:
    file = tmp_path / "token"
    file.write_text(token, encoding="utf-8")
    file.chmod(0o600)
    with pytest.raises(ValueError, match="a token alone") as error:
        address_of(config.stores[0].model_copy(update={"token_file": str(file)}))
    assert token not in str(error.value)
