"""Finds names that lead back to themselves, such as points that are computed from themselves."""

from collections.abc import Collection, Iterator, Mapping


def in_circles(leads_to: Mapping[str, Collection[str]]) -> set[str]:
    """Return the names that lead back to themselves, in time proportional to names and links."""
    walk = _Walk(leads_to)
    for name in leads_to:
        if name not in walk.number:
            walk.go(name)
    return walk.circles


class _Walk:
    """Tarjan's walk through a graph, which numbers names as it enters them."""

    def __init__(self, leads_to: Mapping[str, Collection[str]]) -> None:
        self.number: dict[str, int] = {}
        self.circles: set[str] = set()
        self._leads_to = leads_to
        self._lowest: dict[str, int] = {}
        self._path: list[str] = []
        self._on_path: set[str] = set()

    def go(self, start: str) -> None:
        """Walk from a name."""
        # No recursion: a chain may be longer than the interpreter's stack.
        ahead = [(start, self._enter(start))]
        while ahead:
            name, others = ahead[-1]
            other = next(others, None)
            if other is None:
                ahead.pop()
                self._leave(name, ahead[-1][0] if ahead else name)
            elif other not in self.number:
                ahead.append((other, self._enter(other)))
            elif other in self._on_path:
                self._lowest[name] = min(self._lowest[name], self.number[other])

    def _enter(self, name: str) -> Iterator[str]:
        self.number[name] = self._lowest[name] = len(self.number)
        self._path.append(name)
        self._on_path.add(name)
        return iter(self._leads_to.get(name, ()))

    def _leave(self, name: str, before: str) -> None:
        """Go back to the name before; a name from which nothing leads further back closes a component."""
        self._lowest[before] = min(self._lowest[before], self._lowest[name])
        if self._lowest[name] < self.number[name]:
            return
        component: set[str] = set()
        while name not in component:
            component.add(self._path.pop())
        self._on_path -= component
        if len(component) > 1 or name in self._leads_to.get(name, ()):
            self.circles |= component
