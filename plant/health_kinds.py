"""The table of health kinds: one row per kind, with all that the project knows about it.

A health condition `KIND:POINT` means that a point cannot be trusted, not that the mine is in danger.
"""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from plant.message import Text
from plant.point import NEVER_STALE, Point

HealthKind = Literal["stale", "fault", "over_range", "calibration_overrun", "flatline", "step", "discrepancy"]

# Plain integers, because compiled kernels take them as constants.
STALE, FAULT, OVER_RANGE, CALIBRATION_OVERRUN, FLATLINE, STEP, DISCREPANCY = range(1, 8)
"""Numbers of the kinds for the kernels, in the order of evaluation."""
FIRST_MEASURED: Final = FLATLINE
"""The kinds from this number on compare a number with a setpoint; their events carry both."""

Role = Literal["silence", "range", "on_delay", "off_delay", "window", "setpoint", "sister"]
Value = int | float | str | tuple[float, float] | None


class Setting(NamedTuple):
    """A key of [[point]] on which a health condition depends.

    Attributes
    ----------
    key : str
        Key in the site file; a dot separates the name of a table.
    role : str
        Purpose of the key for the condition.
    title : str
        Title in reports; empty if reports do not show the key.
    laxer : int
        1 if a larger number is less strict, -1 if a smaller number is, 0 if neither can be said.

    """

    key: str
    role: Role
    title: str
    laxer: int

    def of(self, point: Point) -> Value:
        """Return the value of a point's key; None if the point leaves the condition out."""
        value: object = point
        for name in self.key.split("."):
            value = getattr(value, "with_" if name == "with" else name, None)
        if self.role == "silence" and value == NEVER_STALE:
            return None
        return value if isinstance(value, int | float | str | tuple) else None


class Health(NamedTuple):
    """The properties of a health kind.

    Attributes
    ----------
    number : int
        Number of the kind for the kernels.
    settings : tuple of Setting
        The keys on which the condition depends, in the order of the reports.
    always : bool
        True if the engine evaluates the condition for every point, asked for or not.
    name, response : Text
        Text of an alarm of this kind, and the response of the dispatcher.

    """

    number: int
    settings: tuple[Setting, ...]
    always: bool
    name: Text
    response: Text

    def asked_for(self, point: Point) -> bool:
        """Tell whether a point has everything that the condition needs."""
        return all(setting.of(point) is not None for setting in self.settings)

    def evaluated(self, point: Point) -> bool:
        """Tell whether an engine evaluates the condition of a point."""
        return self.always or self.asked_for(point)

    @property
    def compares_points(self) -> bool:
        """Whether the condition of a point also depends on a sister point."""
        return any(setting.role == "sister" for setting in self.settings)

    def value(self, role: Role, point: Point) -> Value:
        """Return the setting of a point in a role; None if it has none."""
        for setting in self.settings:
            if setting.role == role:
                return setting.of(point)
        return None

    def duration(self, role: Role, point: Point) -> int:
        """Return a delay or a window of a point; 0 if it has none. [ns]."""
        value = self.value(role, point)
        return value if isinstance(value, int) else 0

    def setpoint(self, point: Point) -> float | None:
        """Return the setpoint of the condition; None if it has none. [unit of the point]."""
        value = self.value("setpoint", point)
        return value if isinstance(value, int | float) else None


def _delays(table: str) -> tuple[Setting, Setting]:
    return (
        Setting(f"{table}.on_delay", "on_delay", "on_delay", 1),
        Setting(f"{table}.off_delay", "off_delay", "off_delay", -1),
    )


HEALTH_KINDS: Final[Mapping[HealthKind, Health]] = {
    "stale": Health(
        STALE,
        (Setting("stale_after", "silence", "stale_after", 1),),
        always=False,
        name=Text("数据中断", "No data"),
        response=Text(
            "检查分站、线路和数据源；数据恢复前按未知处理",
            "Check substation, line and data source; treat as unknown until it is back",
        ),
    ),
    "fault": Health(
        FAULT,
        _delays("fault"),
        always=True,
        name=Text("测点故障", "Point fault"),
        response=Text(
            "派人检查传感器和线路；用便携仪核对",
            "Have the sensor and its cable checked; verify with a portable instrument",
        ),
    ),
    # Without a range only the state bit of the sensor can raise the condition: the engine evaluates it, although the
    # point did not ask for it.
    "over_range": Health(
        OVER_RANGE,
        (Setting("range", "range", "", 0), *_delays("over_range")),
        always=True,
        name=Text("超量程", "Over range"),
        response=Text(
            "按量程端值处理；用便携仪核对", "Take it as the end of the range; verify with a portable instrument"
        ),
    ),
    "calibration_overrun": Health(
        CALIBRATION_OVERRUN,
        (Setting("calibration_limit", "on_delay", "duration", 1),),
        always=True,
        name=Text("标校超时", "Calibration takes too long"),
        response=Text("询问标校人员，结束标校状态", "Ask the people who calibrate; end the calibration"),
    ),
    "flatline": Health(
        FLATLINE,
        (Setting("flatline.window", "window", "window", 1), Setting("flatline.epsilon", "setpoint", "epsilon", -1)),
        always=False,
        name=Text("数据长时间不变（死值）", "Value does not move"),
        response=Text("与邻近测点比较，检查传感器", "Compare with neighbouring points; check the sensor"),
    ),
    "step": Health(
        STEP,
        (Setting("step", "setpoint", "limit", 1),),
        always=False,
        name=Text("疑似伪数据", "Suspected pseudo-value"),
        response=Text(
            "与邻近测点和生产状态核对，不得屏蔽", "Compare with neighbouring points and production; never mask it"
        ),
    ),
    "discrepancy": Health(
        DISCREPANCY,
        (
            Setting("discrepancy.with", "sister", "with", 0),
            Setting("discrepancy.limit", "setpoint", "limit", 1),
            *_delays("discrepancy"),
        ),
        always=False,
        name=Text("对照偏差超限", "Differs from its sister point"),
        response=Text("以较大值为准，重新标校", "The larger reading counts; calibrate again"),
    ),
}
"""The kinds in their order of evaluation."""
