"""Compares the locked packages with known vulnerabilities, from a file that ships: `./run audit`, without a network."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

from scripts.advisories import SHIPPED, Record, affects, fixed_in, gathered
from scripts.locks import Package, every_package


def main(arguments: Sequence[str] | None = None) -> int:
    """Renew the file or compare with it; return 0 where nothing is known, 1 where something is, 2 if it cannot work."""
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
    hits = [(package, record) for package in packages for record in records if affects(record, package)]
    for package, record in hits:
        names = ", ".join([record["id"], *record.get("aliases", ())])
        mended = ", ".join(fixed_in(record, package)) or "-"
        sys.stdout.write(f"{package.name} {package.version}: {names}; 已修复的版本 / fixed in: {mended}\n")
    sys.stdout.write(
        f"{len(packages)} 个软件包，{len(records)} 条漏洞（截至 {as_of}），涉及 {len(hits)} 处 / "
        f"{len(packages)} packages, {len(records)} advisories up to {as_of}, {len(hits)} concern a locked version\n"
    )
    return 1 if hits else 0


if __name__ == "__main__":
    sys.exit(main())
