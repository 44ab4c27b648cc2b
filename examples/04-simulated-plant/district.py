"""Writes the site file of a simulated district and two traces, one without faults and one with them.

写出一个仿真采区的现场文件和两份测点记录，一份没有故障，一份有。
"""

from pathlib import Path

from plant import PointTable, SampleBatch, write_trace
from plant.units import HOUR, SECOND
from simulators import Fault, Faults
from simulators.scenario import generate, mine

START = 1_772_431_200 * SECOND
"""2026-03-02T06:00:00Z. [ns, UTC]"""
SOURCE = '[[source]]\nid = "plant"\nprotocol = "opcua"\nendpoint = "opc.tcp://127.0.0.1:14842"\n'
HEALTH = {
    'address = "ns=2;i=2"\n': "step = 1.0\n",  # T1-3101
    'address = "ns=2;i=3"\n': 'flatline = { window = "20m", epsilon = 0.0 }\n',  # T2-3101
}
"""健康条件没有默认值 / Health conditions that have no default."""
FAULTS = (
    "T1-3101 spike 600s..605s 3.9",  # 突变，疑似伪数据 / a jump that is hard to believe
    "T2-3101 freeze 5m..40m",  # 数据长时间不变 / the value stands still
    "T0-3101 drop 20m..25m",  # 没有样本 / no samples
)


def site_file(text: str) -> str:
    """Return the site file with the health conditions added below the addresses of their points."""
    for address, keys in HEALTH.items():
        text = text.replace(address, address + keys, 1)
    return text


def write(path: Path, samples: SampleBatch, points: PointTable) -> None:
    """Write a trace that a spreadsheet can open."""
    path.write_text("\n".join(write_trace(samples, points)) + "\n", encoding="utf-8")


def main() -> None:
    """Write the three files into the current folder."""
    district = mine(points=14)
    trace = generate(district, seed=1, start=START, duration=HOUR, period=5 * SECOND)
    faults = Faults.of([Fault.parse(text) for text in FAULTS], district.points, ["plant"], origin=START)
    Path("site.toml").write_text(site_file(district.site(SOURCE)), encoding="utf-8")
    write(Path("clean.csv"), trace, district.points)
    write(Path("faulty.csv"), faults.apply(trace), district.points)


if __name__ == "__main__":
    main()
