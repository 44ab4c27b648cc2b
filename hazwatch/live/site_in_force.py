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
from plant import Message

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
        version = load(copy).rules.version
    except (OSError, ValueError, ConfigError) as error:
        logger.warning("%s path=%s reason=%s", Message("no copy of the site file"), copy, error)
        return
    if version != config.rules.version:  # the file has changed since it was read
        with suppress(OSError):
            copy.unlink(missing_ok=True)
        changed = Message("the file changed to rules {version}", version=version)
        logger.warning("%s path=%s reason=%s", Message("no copy of the site file"), copy, changed)


class CopyError(Exception):
    """The copy cannot take the place of a site file; the arguments are messages and mistakes that say why."""

    def __str__(self) -> str:
        return "\n".join(map(str, self.args))


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
        raise CopyError(Message("{path}: there is no copy of the site file in force", path=copy))
    try:
        config = load(copy)
    except ConfigError as error:
        raise CopyError(Message("the copy of the site file in force is damaged:"), *error.mistakes) from None
    if in_force is not None and not says(config.rules.version, in_force, content):
        raise CopyError(
            Message(
                "{path}: the copy of the site file in force was changed: it has rule-set {version}, in force "
                "is {in_force}",
                path=copy,
                version=config.rules.version,
                in_force=in_force.version,
            )
        )
    return config


def _replace(path: Path, content: bytes) -> None:
    if path.is_file() and path.read_bytes() == content:
        return
    fresh = path.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.replace(path)
