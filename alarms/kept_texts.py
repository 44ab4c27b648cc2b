"""`KeptTexts`: a mapping whose values may stay texts until somebody asks for them."""

from collections.abc import Iterable, Iterator, MutableMapping
from typing import Final, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


class _Text(str):
    """JSON of a value."""

    __slots__ = ()


class KeptTexts(MutableMapping[str, T]):
    """Values by their keys, in the order of their keys' first assignment.

    Years of a mine leave many values that nobody asks for again. A start takes them over as texts, and each is read
    when it is asked for, so their number costs a start next to nothing.
    """

    def __init__(self, adapter: TypeAdapter[T]) -> None:
        self._adapter: Final = adapter
        self._values: Final[dict[str, T | _Text]] = {}

    def __getitem__(self, key: str) -> T:
        """Return a value; raise ValueError if its text is none."""
        value = self._values[key]
        return self._adapter.validate_json(value, strict=True) if isinstance(value, _Text) else value

    def __setitem__(self, key: str, value: T) -> None:
        self._values[key] = value

    def __delitem__(self, key: str) -> None:
        del self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def resume(self, texts: Iterable[tuple[str, str]]) -> None:
        """Take over keys and texts of values."""
        self._values.update((key, _Text(text)) for key, text in texts)

    def texts(self) -> tuple[tuple[str, str], ...]:
        """Return keys and texts; equal values have the same text."""
        return tuple((key, self._text(value)) for key, value in self._values.items())

    def _text(self, value: T | _Text) -> str:
        return str(value) if isinstance(value, _Text) else self._adapter.dump_json(value).decode()
