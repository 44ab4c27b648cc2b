"""One rule-set with every kind of rule, and random rows for it."""

from hypothesis import strategies as st

from rules import Interlock, RuleSet, Vote
from tests.rules.play import limit, point, rule_set


def everything() -> RuleSet:
    """Return a rule-set with every kind of rule."""
    points = [
        point(
            flatline={"window": "5s", "epsilon": 0.0},
            step=1.0,
            discrepancy={"with": "T2", "limit": 0.5, "on_delay": "2s"},
            stale_after="6s",
            calibration_limit="2s",
            fault={"on_delay": "1s", "off_delay": "1s"},
        ),
        point("T2", stale_after="9s", range=None),
        point("SUM", range=None, resolution=None, expression="max(T1, T2) + where(T1 > 1, sqrt(T2), 0) / 2"),
    ]
    limits = [
        limit(clear=0.8, on_delay="1s", off_delay="2s"),
        limit("T1.slope", feature="slope", window="5s", per="1s", high=0.3, clear=0.1),
        limit("T1.mean", feature="mean", window="3s", high=1.2),
        limit("T1.ewma", feature="ewma", tau="2s", high=1.2),
        limit("T2.max", feature="max", window="4s", high=1.5),
        limit("T2.low", low=0.2),
        limit("SUM.alarm", high=2.0),
    ]
    votes = [
        Vote(id="v1", hazard_source="gas", at_least=2, of=("T1.alarm", "T2.max", "stale:T2"), level="red"),
        Vote(id="v2", hazard_source="gas", at_least=1, of=("v1", "cut"), level="red"),
    ]
    return rule_set(points, limits, votes, [Interlock(id="cut", cut="T1.alarm", feed="T2", within="2s", level="red")])


VALUES = st.sampled_from([0.0, 0.1, 0.6, 0.9, 1.0, 1.2, 1.6, 2.5, 4.5, -1.0, float("nan")])
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["T1", "T1", "T2", "-"]),
        st.integers(0, 60).map(lambda half: half / 2),
        VALUES,
        st.sampled_from([0, 0, 0, 1, 2]),
        st.sampled_from([0, 0, 0, 0, 4, 8, 16]),
    ),
    max_size=60,
)
