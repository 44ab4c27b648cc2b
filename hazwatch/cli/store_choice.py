"""The store of a command line: the only one of the site file, or the one that it names."""

import argparse

from hazwatch.cli.options import RefusedError
from hazwatch.site.config import Config
from hazwatch.site.specs.stores import InfluxStoreSpec
from plant import Message


def chosen_store(config: Config, arguments: argparse.Namespace) -> InfluxStoreSpec:
    """Return the store, or end the command if the site file has none or several."""
    stores = {store.id: store for store in config.stores}
    if not stores:
        raise RefusedError(Message("{path}: there is no [[store]]", path=arguments.site))
    wanted = arguments.store or next(iter(stores))
    if wanted not in stores or (arguments.store is None and len(stores) > 1):
        message = Message(
            "--store: expected one of {stores}; found {store}", stores=tuple(stores), store=arguments.store
        )
        raise RefusedError(message)
    return stores[wanted]
