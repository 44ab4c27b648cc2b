"""Compares the locked packages with known vulnerabilities, from a file that ships: `./run audit`, without a network."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

from hazwatch.live.clock import wall
from plant.units import SECOND
from scripts.advisories import SHIPPED, Record, affects, fixed_in, gathered
from scripts.locks import Package, every_package

OLD: Final = 90
"""Age from which the file of advisories is called old. [days]"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Renew the file or compare with it; return 1 for a weakness, 2 if it cannot work, 3 for an old file, else 0."""
    parser = argparse.ArgumentParser(
        prog="run audit",
        description="把锁定的软件包与已知漏洞比较，不需要网络 / "
        "compares the locked packages with known vulnerabilities, without a network",
    )
    parser.add_argument(
        "--renew",
        nargs="+",
        type=Path,
        metavar="ZIP",
        help="OSV 的导出文件（PyPI、npm），更新随附的文件 / exports of OSV (PyPI, npm) that renew the file",
    )
    parser.add_argument(
        "--advisories", type=Path, default=SHIPPED, metavar="FILE", help="漏洞文件 / the file of vulnerabilities"
    )
    options = parser.parse_args(arguments)
    packages = every_package()
    try:
        if options.renew:
            content = gathered(options.renew, packages)
            options.advisories.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        content = json.loads(options.advisories.read_bytes())
        return _report(content["as_of"], content["advisories"], packages)
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        sys.stderr.write(f"audit: 无法读取漏洞文件 / the advisories cannot be read: {error!r}\n")
        return 2


def _report(as_of: str, records: Sequence[Record], packages: Sequence[Package]) -> int:
    age = (datetime.fromtimestamp(wall() // SECOND, UTC).date() - date.fromisoformat(as_of)).days
    hits = [(package, record) for package in packages for record in records if affects(record, package)]
    for package, record in hits:
        names = ", ".join([record["id"], *record.get("aliases", ())])
        mended = ", ".join(fixed_in(record, package)) or "-"
        sys.stdout.write(f"{package.name} {package.version}: {names}; 已修复的版本 / fixed in: {mended}\n")
    sys.stdout.write(
        f"{len(packages)} 个软件包，{len(records)} 条漏洞（截至 {as_of}，{age} 天前），涉及 {len(hits)} 处 / "
        f"{len(packages)} packages, {len(records)} advisories up to {as_of} ({age} days ago), "
        f"{len(hits)} concern a locked version\n"
    )
    if age > OLD:
        sys.stderr.write(
            f"audit: 漏洞文件已有 {age} 天，不知道此后的漏洞：请用 --renew 更新 / "
            f"the advisories are {age} days old and lack all newer ones: renew them with --renew\n"
        )
    if hits:
        return 1
    return 3 if age > OLD else 0


if __name__ == "__main__":
    sys.exit(main())
