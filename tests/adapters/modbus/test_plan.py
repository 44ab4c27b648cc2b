"""The merging of registers into requests."""

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.modbus.plan import Request, Span, merge, spans
from plant.modbus_address import ModbusAddress, Table

TABLE_NAMES: tuple[Table, ...] = ("holding", "input", "coil", "discrete")


@st.composite
def apart(draw: st.DrawFn) -> list[Span]:
    """Spans that do not overlap, of a few units and tables, in any order."""
    found = []
    for unit, table in draw(st.sets(st.tuples(st.integers(1, 3), st.sampled_from(TABLE_NAMES)), max_size=5)):
        at = 0
        for gap, count in draw(st.lists(st.tuples(st.integers(0, 40), st.sampled_from((1, 2, 4))), max_size=60)):
            length = count if table in ("holding", "input") else 1
            found.append(Span(unit, table, at + gap, length))
            at += gap + length
    return list(draw(st.permutations(found)))


def each(span: Span) -> int:
    return 1 if span.table in ("holding", "input") else 16


@given(apart(), st.integers(4, 125), st.integers(0, 20))
def test_every_wanted_register_is_read_once_and_no_request_is_too_long_or_bridges_too_much(
    wanted: list[Span], longest: int, gap: int
) -> None:
    requests = merge(wanted, max_registers=longest, max_gap=gap)
    assert Counter(span for request in requests for span in request.spans) == Counter(wanted)
    covered: Counter[tuple[int, Table, int]] = Counter()
    for request in requests:
        assert request.count <= longest * each(request.spans[0])
        covered.update((request.unit, request.table, request.start + at) for at in range(request.count))
        for before, span in pairwise(request.spans):
            assert (before.unit, before.table) == (span.unit, span.table)
            assert 0 <= span.start - before.end <= gap * each(span)
    for span in wanted:
        assert all(covered[span.unit, span.table, at] == 1 for at in range(span.start, span.end))


@given(apart(), st.integers(4, 125), st.integers(0, 20))
def test_no_two_neighbouring_requests_could_have_been_one(wanted: list[Span], longest: int, gap: int) -> None:
    requests = merge(wanted, max_registers=longest, max_gap=gap)
    for one, other in pairwise(requests):
        if (one.unit, one.table) == (other.unit, other.table):
            following = other.spans[0]
            near = following.start - (one.start + one.count) <= gap * each(following)
            assert not near or following.end - one.start > longest * each(following)


@given(apart())
def test_splitting_to_the_end_leaves_each_span_alone(wanted: list[Span]) -> None:
    left = merge(wanted, max_registers=125, max_gap=120)
    alone: list[Span] = []
    while left:
        request = left.pop()
        parts = request.split()
        assert not parts or sum((part.spans for part in parts), ()) == request.spans
        left.extend(parts)
        alone.extend(() if parts else request.spans)
    assert sorted(alone) == sorted(wanted)


def test_a_request_is_cut_at_its_widest_gap_first() -> None:
    a, b, c = Span(1, "holding", 0, 2), Span(1, "holding", 3, 2), Span(1, "holding", 9, 2)
    assert Request((a, b, c)).split() == (Request((a, b)), Request((c,)))


def test_values_that_share_registers_are_each_read_whole() -> None:
    wanted = spans(ModbusAddress.parse(text) for text in ("holding=1", "holding=0;type=float64", "holding=1"))
    assert merge(wanted, max_registers=125, max_gap=0) == [
        Request((Span(1, "holding", 0, 4), Span(1, "holding", 1, 1)))
    ]


def test_a_thousand_float_points_in_a_row_are_sixteen_requests_and_a_value_is_never_torn() -> None:
    wanted = spans(ModbusAddress.parse(f"holding={2 * n};type=float32") for n in range(1000))
    requests = merge(wanted, max_registers=125, max_gap=8)
    assert [request.count for request in requests] == [124] * 16 + [16]
