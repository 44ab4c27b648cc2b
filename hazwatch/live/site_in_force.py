"""The site file of the last start, kept in the data folder: what a start can always go on with."""

import re
import tomllib
from contextlib import suppress
from logging import getLogger
from pathlib import Path
from typing import Final

from alarms import RulesInForce
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.rule_sets import says
from hazwatch.site.config import Config, ConfigError, load

logger = getLogger(__name__)

POINTS: Final = re.compile(r"^\s*(points|\"points\")\s*=.*$", re.MULTILINE)
"""Where a site file names its table of points: before its first table."""


def keep_copy(config: Config, folder: DataFolder) -> None:
    """Keep a copy of a site file that is in force, and of its table of points; without one the engine runs as well."""
    copy = folder.site_copy
    if config.path.resolve() == copy.resolve():
        return
    try:
        text = config.path.read_text(encoding="utf-8-sig")
        points = tomllib.loads(text).get("points")
        folder.in_force.mkdir(parents=True, exist_ok=True)
        if isinstance(points, str):
            _replace(folder.in_force / "points.csv", (config.path.parent / points).read_bytes())
            text = POINTS.sub('points = "points.csv"', text, count=1)
        _replace(copy, text.encode())
        found = load(copy).rules.version
    except (OSError, ValueError, ConfigError) as error:
        found = str(error)
    else:
        if found != config.rules.version:  # the file has changed since it was read
            with suppress(OSError):
                copy.unlink(missing_ok=True)
    if found != config.rules.version:
        logger.warning("no copy of the site file path=%s found=%s", copy, found)


class CopyError(Exception):
    """The copy cannot take the place of a site file: why."""


def read_copy(folder: DataFolder, in_force: RulesInForce | None, content: str | None) -> Config:
    """Return the site file of the last start, as its copy has it.

    Parameters
    ----------
    folder : DataFolder
        Where it is kept.
    in_force : RulesInForce or None
        The rule-set that it must hold; None where no journal tells.
    content : str or None
        What that one says.

    Raises
    ------
    CopyError
        It is missing, damaged, or says something else.

    """
    copy = folder.site_copy
    if not copy.is_file():
        raise CopyError(f"{copy}: there is no copy of the site file in force")
    try:
        config = load(copy)
    except ConfigError as error:
        raise CopyError(f"the copy of the site file in force is damaged:\n{error}") from None
    if in_force is not None and not says(config.rules.version, in_force, content):
        raise CopyError(
            f"{copy}: the copy of the site file in force was changed: it says rule-set {config.rules.version}, "
            f"in force is {in_force.version}"
        )
    return config


def _replace(path: Path, content: bytes) -> None:
    if path.is_file() and path.read_bytes() == content:
        return
    fresh = path.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.replace(path)
