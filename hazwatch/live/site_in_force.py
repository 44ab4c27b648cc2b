"""The copy of the last start's site file in the data folder, with which the engine can always start again."""

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
"""The line of a site file that names its table of points."""


def keep_copy(config: Config, folder: DataFolder) -> None:
    """Copy a site file that is in force, and its table of points; a failure is logged and does not stop the engine."""
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
    # The engineer may have edited the file after the engine read it: a copy of that would be unapproved rules.
    if version != config.rules.version:
        with suppress(OSError):
            copy.unlink(missing_ok=True)
        changed = Message("the file changed to rules {version}", version=version)
        logger.warning("%s path=%s reason=%s", Message("no copy of the site file"), copy, changed)


class CopyError(Exception):
    """The copy cannot replace a site file; the arguments are messages and mistakes with the reasons."""

    def __str__(self) -> str:
        return "\n".join(map(str, self.args))


def read_copy(folder: DataFolder, in_force: RulesInForce | None, content: str | None) -> Config:
    """Return the configuration in the copy of the last start's site file.

    Parameters
    ----------
    folder : DataFolder
        The data folder with the copy.
    in_force : RulesInForce or None
        The rule-set that the copy must have; None without a journal.
    content : str or None
        Content of that rule-set.

    Raises
    ------
    CopyError
        The copy is missing, damaged, or has other rules.

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
