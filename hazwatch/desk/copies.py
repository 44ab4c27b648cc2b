"""What the page says of the stores that get a copy of history and journal."""

from collections.abc import Mapping

from console import LevelName
from hazwatch.live.export.store_state import StoreState
from hazwatch.words import text
from plant import Message, Text


def copy_troubles(states: Mapping[str, StoreState]) -> dict[str, tuple[LevelName, Text]]:
    """Return the notices of the stores, by the names of the notices, from their states by their ids."""
    # Yellow, because the historian keeps everything: the copy is late, and nobody is less safe.
    troubles: dict[str, tuple[LevelName, Text]] = {}
    for store, state in states.items():
        if state.trouble is not None:
            late = Message("copy to {store}: {reason}; the historian keeps all", store=store, reason=state.trouble)
            troubles[f"copy {store}"] = "yellow", text(late)
        if state.deleted is not None:
            reason = state.deleted
            gap = Message("copy to {store}: {reason}: a longer retention would keep it", store=store, reason=reason)
            troubles[f"deleted {store}"] = "yellow", text(gap)
        if state.refused:
            refused = Message(
                "{store} refused {count} {count:line|lines} for good, which stores/{store}.refused.jsonl lists",
                store=store,
                count=state.refused,
            )
            troubles[f"refused {store}"] = "yellow", text(refused)
    return troubles
