"""Reads a table with mistakes all the same: stand-ins take the place of wrong keys, so that the others are checked."""

from collections.abc import Collection, Mapping
from typing import Any, Final, Generic, NamedTuple, TypeVar

from pydantic import ValidationError

from adapters.sources.registry import PROTOCOLS
from plant import Entity, Inconsistency, Message, Place, explain_each

REQUIRED: Final[Mapping[str, Any]] = {
    "name": "?", "kind": "other", "grade": "I", "hazard_source": "?", "point": "?", "feature": "value", "high": 0.0,
    "level": "blue", "at_least": 1, "of": ("?",), "cut": "?", "feed": "?",
}  # fmt: skip
"""Values of wrong or missing keys without which a table has no meaning."""
FITTING: Final[Mapping[str, Any]] = {"window": "1m", "horizon": "1m", "tau": "1m", "source": "?", "address": "?"}
"""Values of wrong keys that other keys may need; they leave again where the others forbid them."""
ROUNDS: Final = 4
"""A key that is put right may show that another one does not fit: number of tries. [1]"""

ModelT = TypeVar("ModelT", bound=Entity)


class ReadTable(NamedTuple, Generic[ModelT]):
    """A table as a model, with its mistakes.

    Attributes
    ----------
    entity : Entity or None
        The table with stand-ins for its wrong keys; None if there are no stand-ins for it.
    problems : list of (Place, Message)
        Its mistakes.
    wrong : set of str
        Keys that are wrong or missing, or whose mistakes others depend on.

    """

    entity: ModelT | None
    problems: list[tuple[Place, Message]]
    wrong: set[str]


def read_table(
    model: type[ModelT], entry: Mapping[str, Any], stand_in: str, lost: Collection[str]
) -> ReadTable[ModelT]:
    """Read a table.

    Parameters
    ----------
    model : type of Entity
        What the table should be.
    entry : mapping of str to object
        Its keys.
    stand_in : str
        Id to use if its own cannot be used.
    lost : collection of str
        Keys whose lines could not be read, and have been reported.

    """
    problems: list[tuple[Place, Message]] = []
    wrong = set(lost)
    keys = dict(entry)
    for _ in range(ROUNDS):
        try:
            return ReadTable(model.model_validate(keys), problems, wrong)
        except ValidationError as error:
            explained = explain_each(error)
        for place, message, inconsistency in explained:
            involved = {str(part) for part in place[:1]} if inconsistency is None else set(inconsistency.keys)
            if wrong.isdisjoint(involved):
                problems.append((place, message))
        for place, _, inconsistency in explained:
            _replace(model, keys, place, inconsistency, stand_in)
            wrong |= {str(part) for part in place[:1]} if inconsistency is None else set(inconsistency.keys)
    return ReadTable(None, problems, wrong)


def _replace(
    model: type[Entity], keys: dict[str, Any], place: Place, inconsistency: Inconsistency | None, stand_in: str
) -> None:
    """Put stand-ins in the place of the wrong keys of one mistake."""
    names = [str(place[0])] if inconsistency is None and place else list(inconsistency.keys if inconsistency else keys)
    values = {**REQUIRED, "id": stand_in, **(FITTING if inconsistency is None else {})}
    for name in names:
        keys.pop(name, None)
        if name in values and name in model.model_fields:
            keys[name] = values[name]
    if names == ["endpoint"]:
        protocol = PROTOCOLS.get(str(keys.get("protocol")))
        keys["endpoint"] = "" if protocol is None else protocol.endpoint
    if inconsistency is None and names == ["low"]:
        keys.setdefault("high", REQUIRED["high"])
