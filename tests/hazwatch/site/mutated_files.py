"""Files with some lines replaced, and the mistakes that `check` finds in them: what the tests of mutations share."""

from pathlib import Path

from hazwatch.site.config import ConfigError, load


def mistakes(path: Path, lines: list[str]) -> list[str]:
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        load(path)
    except ConfigError as error:
        return [str(mistake) for mistake in error.mistakes]
    return []


def with_lines(lines: list[str], new: dict[int, str]) -> list[str]:
    return [new.get(number, line) for number, line in enumerate(lines)]
