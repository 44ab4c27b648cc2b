"""Columns of samples become line protocol that InfluxDB reads back as the same numbers."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.stores.influx import Naming, PointSeries, SampleLines, line_key, quoted, summary_lines
from plant import SampleBatch
from plant.units import MINUTE

UA = PointSeries(mine="1", source="ua", point="T1", kind="gas", protocol="opcua", address="ns=2;s=3101.T1")
MB = PointSeries(mine="1", source="mb", point="T 2", kind="gas", protocol="modbus", address="holding:1")
LINE = re.compile(r"\S+ (?P<fields>\S+) (?P<time>-?\d+)")


def lines(naming: Naming, samples: SampleBatch) -> list[str]:
    return SampleLines([UA, MB], naming).of(samples).decode().splitlines()


def test_a_sample_has_its_names_and_its_value_quality_and_state() -> None:
    samples = SampleBatch.of([0, 1], [5, -6], [0.68, 1e-7], quality=[0, 1], state=[0, 65535])
    assert lines("hazwatch", samples) == [
        "hz_sample,kind=gas,mine=1,point=T1,source=ua value=0.68,quality=0,state=0 5",
        r"hz_sample,kind=gas,mine=1,point=T\ 2,source=mb value=1e-7,quality=1,state=65535 -6",
    ]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_no_number_is_left_out_and_quality_says_why(value: float) -> None:
    samples = SampleBatch.of([0], [5], [value], quality=[2], state=[128])
    assert lines("hazwatch", samples) == ["hz_sample,kind=gas,mine=1,point=T1,source=ua quality=2,state=128 5"]


def test_the_names_of_telegraf_are_those_of_its_inputs() -> None:
    samples = SampleBatch.of([0, 0, 1, 1], [5, 6, 7, 8], [0.68, np.nan, 1.0, np.nan], quality=[0, 2, 0, 2])
    assert lines("telegraf", samples) == [
        r'opcua,id=ns\=2;s\=3101.T1 T1=0.68,Quality="The operation succeeded. StatusGood (0x0)" 5',
        r'opcua,id=ns\=2;s\=3101.T1 Quality="The operation failed. StatusBad (0x80000000)" 6',
        r"modbus,name=mb T\ 2=1.0 7",
    ]


def test_no_samples_are_no_lines() -> None:
    assert SampleLines([UA], "telegraf").of(SampleBatch.of([], [], [])) == b""


@given(st.lists(st.floats(), min_size=1, max_size=50), st.data())
def test_every_value_comes_back_as_it_was(values: list[float], data: st.DataObject) -> None:
    times = data.draw(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=len(values), max_size=len(values)))
    samples = SampleBatch.of(np.zeros(len(values), int), times, values, quality=2, state=7)
    for line, value, time in zip(lines("hazwatch", samples), values, times, strict=True):
        match = LINE.fullmatch(line)
        assert match is not None
        fields = dict(field.split("=") for field in match["fields"].split(","))
        assert int(match["time"]) == time
        if np.isfinite(value):
            assert np.float64(fields["value"]).tobytes() == np.float64(value).tobytes()
        else:
            assert "value" not in fields


@given(st.text(), st.text())
def test_no_name_breaks_a_line(name: str, text: str) -> None:
    line = f"{line_key('m', {'a': name, 'b': 'x'})} f={quoted(text)} 5"
    key = line_key("m", {"a": name, "b": "x"})
    assert re.fullmatch(r"m(,a=(?:[^,= \\\x00-\x1f]|\\[,= ])+)?,b=x", key)
    assert line.startswith(key)


def test_a_summary_counts_what_is_good_and_what_is_bad() -> None:
    samples = SampleBatch.of(
        [0, 0, 0, 0, 1], [3, 1, 2, MINUTE, 4], [2.0, 1.0, 9.0, 5.0, np.nan], quality=[0, 0, 0, 0, 2],
        state=[0, 0, 4, 0, 0],
    )  # fmt: skip
    assert summary_lines([samples], ["a", "b"], MINUTE, 0) == [
        b"a good=2,bad=1,worst=0,min=1.0,max=2.0,mean=1.5,last=2.0 0\n",
        b"b good=0,bad=1,worst=2 0\n",
    ]


def test_a_summary_does_not_depend_on_how_the_samples_were_cut() -> None:
    rng = np.random.default_rng(5)
    samples = SampleBatch.of(rng.integers(0, 3, 500), rng.integers(0, MINUTE, 500), rng.integers(0, 9, 500) / 4)
    whole = summary_lines([samples], ["a", "b", "c"], MINUTE, 0)
    pieces = [samples.take(slice(begin, begin + 7)) for begin in range(0, 500, 7)]
    assert summary_lines(pieces, ["a", "b", "c"], MINUTE, 0) == whole
    assert len(whole) == 3
