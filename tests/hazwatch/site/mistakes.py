"""Mistakes of a site file as tests compare them: in English, once it is sure that each is said in Chinese too."""

from pathlib import Path

import pytest

from hazwatch.site.config import ConfigError, load
from hazwatch.words import chinese


def mistakes(site: Path) -> list[str]:
    """Return every mistake of a site file, with its line, in the words of the core."""
    with pytest.raises(ConfigError) as caught:
        load(site)
    found = []
    for mistake in caught.value.mistakes:
        assert chinese(mistake.message) != mistake.message, mistake
        where = f"{mistake.file}:{mistake.line}: {mistake.path}" if mistake.line else mistake.file
        found.append(f"{where}: {mistake.message}".removeprefix(f"{site}:").removeprefix(f"{site.parent}/"))
    return found
