"""The copy of the last start's site file in the data folder, with which the engine can always start again."""

import re
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from logging import getLogger
from pathlib import Path
from typing import Final, Literal

from adapters.stores import JournalReader
from alarms import Ledger, RulesInForce
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.rule_sets import content_of, known_rules, says
from hazwatch.site.bounded import read_toml
from hazwatch.site.config import Config, ConfigError, load_judged
from hazwatch.site.law.limits_in_force import LimitsInForce
from hazwatch.site.presentation import Presentation
from plant import Message

logger = getLogger(__name__)

POINTS: Final = re.compile(r"^\s*(points|\"points\")\s*=.*$", re.MULTILINE)
"""The line of a site file that names its table of points."""


HEADING: Final = b"# The site file in force. It ends with a checksum: do not edit it.\n"
SEAL: Final = b"# sha256 of the lines above and of points.csv: "
CopyState = Literal["none", "unchecked", "sound", "damaged"]
"""What can be said of the copy; "unchecked" is one of a version that wrote no checksum."""


def keep_copy(config: Config, folder: DataFolder) -> None:
    """Copy a site file that is in force, and its table of points; a failure is logged and does not stop the engine."""
    copy = folder.site_copy
    if config.path.resolve() == copy.resolve():
        return
    try:
        text = config.path.read_text(encoding="utf-8-sig")
        points = read_toml(text).get("points")
        folder.in_force.mkdir(parents=True, exist_ok=True)
        table = b""
        if isinstance(points, str):
            table = (config.path.parent / points).read_bytes()
            _replace(folder.point_table, table)
            text = POINTS.sub('points = "points.csv"', text, count=1)
        _replace(copy, _sealed(text.encode(), table))
        copied = load_judged(copy)
    except (OSError, ValueError, ConfigError) as error:
        logger.warning("%s path=%s reason=%s", Message("no copy of the site file"), copy, error)
        return
    # The engineer may have edited the file after the engine read it: a copy of that would be unapproved rules.
    versions = {(each.rules.version, Presentation.of(each).version) for each in (config, copied)}
    if len(versions) > 1:
        with suppress(OSError):
            copy.unlink(missing_ok=True)
        changed = Message("the file changed to rules {version}", version=copied.rules.version)
        logger.warning("%s path=%s reason=%s", Message("no copy of the site file"), copy, changed)


def state_of_copy(folder: DataFolder) -> CopyState:
    """Return whether the copy of the site file is as it was written."""
    try:
        content = folder.site_copy.read_bytes()
    except OSError:
        return "none"
    # The heading tells a copy whose checksum was cut off from one of a version that wrote none.
    text, seal, _ = content.rpartition(SEAL)
    if not seal:
        return "damaged" if content.startswith(HEADING) else "unchecked"
    try:
        table = folder.point_table.read_bytes() if read_toml(text.decode()).get("points") else b""
    except (OSError, ValueError):
        return "damaged"
    return "sound" if _sealed(text.removeprefix(HEADING), table) == content else "damaged"


def _sealed(text: bytes, table: bytes) -> bytes:
    """Return a site file with a checksum of it and of its table of points at its end."""
    text = HEADING + text + (b"" if text.endswith(b"\n") else b"\n")
    # The length of the text keeps its end from passing for the beginning of the table.
    digest = sha256(len(text).to_bytes(8, "big") + text + table).hexdigest()
    return text + SEAL + digest.encode() + b"\n"


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
        The copy is missing, damaged, or has other rules. Judgements on it are left to the caller, who warns of them.

    """
    copy = folder.site_copy
    if not copy.is_file():
        raise CopyError(Message("{path}: there is no copy of the site file in force", path=copy))
    try:
        config = load_judged(copy)
    except ConfigError as error:
        heading = Message("the copy of the site file in force is damaged:")
        if state_of_copy(folder) == "sound":
            heading = Message("the copy of the site file in force is as it was written, and this Hazwatch refuses it:")
        raise CopyError(heading, *error.mistakes) from None
    if in_force is not None and not says(config, in_force, content):
        raise CopyError(
            Message(
                "{path}: the copy of the site file in force was changed: it has rule-set {version}, in force "
                "is {in_force}",
                path=copy,
                version=config.rules.version,
                in_force=in_force.version,
            )
        )
    if state_of_copy(folder) == "damaged":
        raise CopyError(
            Message("{path}: the copy of the site file in force is damaged, or somebody changed it", path=copy)
        )
    return config


def presentation_in_force(folder: DataFolder, ledger: Ledger) -> Presentation | None:
    """Return the presentation in force in a data folder; None if nobody can know it.

    A journal of format 1 has no presentations. Then the copy of the last start's site file tells what was in force, if
    it is sound.

    Raises
    ------
    JournalError
        The journal cannot be read.

    """
    if ledger.rules is None:
        return None
    reader = JournalReader(folder.journal)
    if ledger.presentation is not None:
        content = content_of(reader, ledger.presentation)
        return None if content is None else Presentation(content)
    try:
        copy = read_copy(folder, ledger.rules, content_of(reader, ledger.rules))
    except CopyError:
        return None
    return Presentation.of(copy) if state_of_copy(folder) == "sound" else None


def limits_in_force(
    folder: DataFolder, ledger: Ledger, content: str | None, presented: Presentation | None
) -> LimitsInForce:
    """Return what is known of the points and limits in force in a data folder.

    The contents of rules and presentation have no addresses of points; the copy of the last start's site file has them.
    """
    known = LimitsInForce.read(content, presented)
    with suppress(CopyError):
        copy = read_copy(folder, ledger.rules, content)
        known = replace(known, addresses=LimitsInForce.of(copy).addresses)
    return known


def is_in_force(config: Config, folder: DataFolder) -> bool:
    """Tell whether rules and presentation of a site file are in force in a data folder.

    Raises
    ------
    JournalError
        The journal cannot be read.

    """
    if folder.lost_journal:
        return False
    ledger, content = known_rules(config, folder)
    if ledger.rules is None or not says(config, ledger.rules, content):
        return False
    presented = presentation_in_force(folder, ledger)
    return presented is None or Presentation.of(config).says(presented.content)


def _replace(path: Path, content: bytes) -> None:
    if path.is_file() and path.read_bytes() == content:
        return
    fresh = path.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.replace(path)
