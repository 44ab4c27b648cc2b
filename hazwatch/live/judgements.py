"""Says which rules in force this version of Hazwatch would refuse in an edit: in the log, and on the page."""

from collections.abc import Sequence
from logging import getLogger

from hazwatch.site.site_text import Mistake
from plant import Message

logger = getLogger(__name__)


def log_judgements(judgements: Sequence[Mistake]) -> None:
    """Log each judgement on the rules of a start."""
    for judgement in judgements:
        logger.warning("%s mistake=%s", Message("in force and watched, though refused in an edit"), judgement)


def judgement_notice(judgements: Sequence[Mistake]) -> Message:
    """Return the notice for the page; it quotes the first judgement, and the log has all."""
    return Message(
        "the rules in force are watched as they are, with {count} {count:mistake|mistakes} for which an edit would be "
        "refused; {path}: {problem}",
        count=len(judgements),
        path=judgements[0].path,
        problem=judgements[0].message,
    )
