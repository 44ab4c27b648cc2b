"""Known vulnerabilities in OSV form: which of them concern the locked packages, and a file with these alone."""

import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from scripts.locks import ROOT, Package

SHIPPED: Final = ROOT / "supply" / "advisories.json"
_KEPT: Final = ("id", "modified", "published", "aliases", "summary", "details", "severity")
_VERSION_RANGES: Final = ("ECOSYSTEM", "SEMVER")

Record = Mapping[str, Any]
"""An advisory as OSV defines it."""


def affects(record: Record, package: Package) -> bool:
    """Tell whether an advisory concerns a package in its locked version; a version that cannot be compared counts."""
    return any(
        package.version in part.get("versions", ()) or any(_is_within(package, rows) for rows in _ranges(part))
        for part in _parts(record, package)
    )


def fixed_in(record: Record, package: Package) -> list[str]:
    """Return the versions that mend it."""
    return [
        event["fixed"]
        for part in _parts(record, package)
        for events in _ranges(part)
        for event in events
        if "fixed" in event
    ]


def _parts(record: Record, package: Package) -> Iterator[Record]:
    """Yield what an advisory says of a package."""
    for part in record.get("affected", ()):
        named = part.get("package", {})
        if named.get("ecosystem") == package.ecosystem and _same(named.get("name", ""), package):
            yield part


def _same(name: str, package: Package) -> bool:
    if package.ecosystem == "npm":
        return name == package.name
    return canonicalize_name(name) == canonicalize_name(package.name)


def _ranges(part: Record) -> Iterator[Sequence[Mapping[str, str]]]:
    for row in part.get("ranges", ()):
        if row["type"] in _VERSION_RANGES:
            yield row["events"]


def _is_within(package: Package, events: Sequence[Mapping[str, str]]) -> bool:
    """Tell whether a version is in a range, by the algorithm of the OSV specification."""
    try:
        version = Version(package.version)
        rows = sorted((Version(text), kind) for event in events for kind, text in event.items())
    except InvalidVersion:
        return True
    is_within = False
    for bound, kind in rows:
        if kind == "introduced" and version >= bound:
            is_within = True
        elif (kind == "fixed" and version >= bound) or (kind == "last_affected" and version > bound):
            is_within = False
    return is_within


def gathered(sources: Sequence[Path], packages: Sequence[Package]) -> dict[str, Any]:
    """Return the content of the file that ships: the advisories on locked packages, whatever the version.

    Raises
    ------
    OSError, ValueError
        A source cannot be read, or is no advisory.

    """
    newest, kept = "", {}
    for record in _records(sources):
        newest = max(newest, str(record["modified"]))
        concerned = [part for package in packages for part in _parts(record, package)]
        if concerned and "withdrawn" not in record:
            kept[record["id"]] = _trimmed(record, concerned)
    if not newest:
        raise ValueError("no advisory in these files")
    return {"as_of": newest[:10], "advisories": [kept[name] for name in sorted(kept)]}


def _records(sources: Sequence[Path]) -> Iterator[Record]:
    for source in sources:
        if source.is_dir():
            yield from (json.loads(path.read_bytes()) for path in sorted(source.rglob("*.json")))
        else:
            with zipfile.ZipFile(source) as archive:
                yield from (json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json"))


def _trimmed(record: Record, concerned: Sequence[Record]) -> dict[str, Any]:
    """Return an advisory without the links and without the packages that are not ours."""
    parts: list[dict[str, Any]] = []
    for part in concerned:
        ranges = [row for row in part.get("ranges", ()) if row["type"] in _VERSION_RANGES]
        content: dict[str, Any] = {"package": {key: part["package"][key] for key in ("ecosystem", "name")}}
        # Ranges say the same as the list of versions, and say it of versions that nobody has listed.
        content |= {"ranges": ranges} if ranges else {"versions": part.get("versions", [])}
        if content not in parts:
            parts.append(content)
    return {key: record[key] for key in _KEPT if key in record} | {"affected": parts}
