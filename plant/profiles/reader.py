"""Reads the profiles from the TOML files of this folder."""

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from plant.law import article, cited
from plant.message import Message, Text
from plant.profiles.profile import Profile


class UnknownProfileError(LookupError):
    """No profile has that name."""


@cache
def profiles() -> Mapping[str, Profile]:
    """Return all profiles by name, including examples, in the order of their files."""
    tables = {
        file.name.removesuffix(".toml"): tomllib.loads(file.read_text(encoding="utf-8"))
        for file in sorted(files("plant.profiles").iterdir(), key=lambda file: file.name)
        if file.name.endswith(".toml")
    }
    # A family with many places has further files, each of which names it.
    return {
        name: _read(name, row, tables[table.get("family", file)])
        for file, table in tables.items()
        for name, row in table.get("profile", {}).items()
    }


# A row of the TOML file has floats for the setpoints, and strings for the texts; templates refer to both by name.
def _read(name: str, row: Mapping[str, Any], family: Mapping[str, Any]) -> Profile:
    numbers = {key: value for key, value in row.items() if isinstance(value, float)}
    stated = row.get("article", {})
    by_number = stated if isinstance(stated, dict) else dict.fromkeys(numbers, stated)
    articles = {key: article(number) for key, number in by_number.items()}
    action = family.get("action", {}).get(row.get("action"), {})
    return Profile(
        name=name,
        title=Text(family["title"], family["title_en"]),
        place=Text(row["place"], row["place_en"]),
        articles=articles,
        source=cited(articles.values()) if articles else Text(row["basis"], row["basis_en"]),
        mark=row["mark"] if "mark" in row else next(iter(articles.values())).mark,
        within=row.get("within", ""),
        label=row.get("label", ""),
        example=Text(row.get("example", ""), row.get("example_en", "")),
        quantities=tuple(family["quantities"]),
        units=tuple(family["units"]),
        numbers=numbers,
        templates=family["limit"],
        texts={key: value for key, value in row.items() if isinstance(value, str)},
        action={key: text for key, text in action.items() if key != "article"},
        action_article=action.get("article"),
    )


@cache
def known_quantities() -> frozenset[str]:
    """Return every spelling of the quantities for which there are profiles in use."""
    return frozenset(name for row in profiles().values() if not row.is_example for name in row.quantities)


def profile(name: str) -> Profile:
    """Return the profile with a name.

    Raises
    ------
    UnknownProfileError
        No profile has the name; the message lists the most similar usable names.

    """
    known = profiles()
    if name in known:
        return known[name]
    usable = sorted(name for name, row in known.items() if not row.is_example)
    similar = get_close_matches(name, usable, n=4, cutoff=0.5) or usable
    raise UnknownProfileError(
        Message(
            'no profile "{name}"; expected one of docs/en/profiles.md, such as {similar}',
            name=name,
            similar=tuple(f'"{name}"' for name in similar),
        )
    )
