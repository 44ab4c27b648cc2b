"""The limits that points get from their profiles, and their overrides in the site file."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from hazwatch.site.binding import limits_around, unkept
from plant import Message, Place, Point, Text, message_of
from plant.profiles import UnknownProfileError, override, profile
from rules import Limit, lax_keys, looser_keys

NO_BASIS: Final = Message("a value as strict: the article says must, and no `basis` permits another")


class Remark(NamedTuple):
    """A mistake or a warning about the table of an id."""

    table: str
    name: str
    place: Place
    message: Message


class ProfileLimits:
    """The limits that the profiles of a site's points require.

    Attributes
    ----------
    statutory : dict of str to Limit
        The limits of the profiles by id, before the site file overrides them.
    mistakes : list of Remark
        Profiles that do not fit their points, and limits of a profile at another point.
    judgements, warnings : list of Remark
        Limits that are looser than those of their profile: without and with a basis that may permit it. A lower level
        or no ticket is a warning always: the articles say at which value to act, not how an alarm looks.

    """

    def __init__(self, points: Iterable[Point], tables: Any) -> None:
        """Look up the profiles of valid points; `tables` are the [[point]] tables of the file, valid or not."""
        self.statutory: dict[str, Limit] = {}
        self.mistakes: list[Remark] = []
        self.judgements: list[Remark] = []
        self.warnings: list[Remark] = []
        self._tables: dict[str, dict[str, Any]] = {}
        self._written: dict[str, Mapping[str, Any]] = {}
        self._unsettled = {
            str(table.get("id")) for table in tables or () if isinstance(table, dict) and "profile" in table
        }
        self._misfits: set[str] = set()
        self._points = {point.id: point for point in points}
        for point in self._points.values():
            if point.profile is not None:
                self._look_up(point, point.profile)

    def _look_up(self, point: Point, name: str) -> None:
        try:
            of_point = profile(name)
        except UnknownProfileError as error:
            self.mistakes.append(Remark("point", point.id, ("profile",), message_of(error)))
            return
        remarks = [Remark("point", point.id, (key,), message) for key, message in of_point.misfits(point)]
        if of_point.is_example:
            message = Message(
                '"{profile}" is an example ({reason}); use its numbers in docs/en/law.md for a [[limit]]',
                profile=name,
                reason=of_point.example,
            )
            remarks.append(Remark("point", point.id, ("profile",), message))
        self.mistakes += remarks
        if remarks:
            self._misfits.add(point.id)
        # Limits of a point that does not fit are read as well, so that mistakes in their overrides are found.
        if not of_point.is_example:
            tables = {table["id"]: table for table in of_point.limits(point)}
            self._tables |= tables
            self.statutory |= {limit: Limit.model_validate(table) for limit, table in tables.items()}
            # The ids of its limits are known now, and `belongs` need not guess them.
            self._unsettled.discard(point.id)

    def merge(self, written: Any) -> list[Limit]:
        """Complete the [[limit]] tables that override a profile's limit; return the limits without an override."""
        for number, table in enumerate(written if isinstance(written, list) else ()):
            name = table.get("id") if isinstance(table, dict) else None
            if isinstance(name, str) and name in self._tables:
                self._written[name] = table
                written[number] = override(self._tables[name], table)
        return [limit for name, limit in self.statutory.items() if name not in self._written]

    def compare(self, limits: Iterable[Limit]) -> None:
        """Find limits looser than those of their profile: judgements, or warnings if a basis may permit them."""
        written = list(limits)
        by_point: dict[str, list[Limit]] = defaultdict(list)
        for limit in [*written, *(legal for name, legal in self.statutory.items() if name not in self._written)]:
            by_point[limit.point].append(limit)
        for limit in written:
            legal = self.statutory.get(limit.id)
            if legal is None:
                continue
            if limit.point != legal.point:
                message = Message(
                    'its profile gives "{point}" the limit "{limit}"; expected that point, or another id',
                    point=legal.point,
                    limit=limit.id,
                )
                self.mistakes.append(Remark("limit", limit.id, ("point",), message))
            else:
                self._note_looser(limit, legal, by_point[limit.point])

    def _note_looser(self, limit: Limit, legal: Limit, of_point: Sequence[Limit]) -> None:
        point = self._points[legal.point]
        place = profile(point.profile or "")
        self.warnings += _less_grave(limit, legal, place.name)
        if place.binds(legal.id):
            self._refuse(self._looser(limit, legal, place.name), NO_BASIS)
            return
        around = unkept(limits_around(place, point), of_point, point) if looser_keys(limit, legal, point) else []
        if around:
            # A basis permits a limit that is looser than the article of the place, and none above that of the air.
            for cap in around:
                self._refuse(self._looser(limit, cap, place.within), NO_BASIS)
            return
        # The article that a limit violates is no reason to violate it.
        if self._written[limit.id].get("basis", "") in ("", legal.basis):
            self._refuse(
                self._looser(limit, legal, place.name), Message("a value as strict, or `basis`: who approved it")
            )
        else:
            self.warnings += self._looser(limit, legal, place.name)

    def _refuse(self, remarks: Iterable[Remark], expected: Message) -> None:
        self.judgements += (
            remark._replace(
                message=Message("{problem}; expected {expected}", problem=remark.message, expected=expected)
            )
            for remark in remarks
        )

    def _looser(self, limit: Limit, legal: Limit, of_profile: str) -> Iterator[Remark]:
        for key, value, legal_value in looser_keys(limit, legal, self._points[legal.point]):
            message = Message(
                '{value} is looser than {legal} of profile "{profile}" ({basis})',
                value=value,
                legal=legal_value,
                profile=of_profile,
                basis=Text(legal.basis, legal.basis_en or legal.basis),
            )
            yield Remark("limit", limit.id, (key,), message)

    def belongs(self, name: str) -> bool:
        """Whether a limit of that id is one of a profile, or may be one when the mistakes of its point are gone."""
        return name in self.statutory or any(name.startswith(f"{point}.") for point in self._unsettled)

    def awaits(self, name: str, table: Mapping[str, Any]) -> bool:
        """Whether a table [[limit]] cannot be judged before the mistakes of its point are gone."""
        complete = {"point", "feature", "level"} <= table.keys()
        return not complete and name not in self.statutory and self.belongs(name)

    def is_doubtful(self, table: str, name: str) -> bool:
        """Whether an entry is a limit that no file has written, of a point that does not fit its profile."""
        legal = self.statutory.get(name) if table == "limit" else None
        return legal is not None and name not in self._written and legal.point in self._misfits

    def place(self, table: str, name: str, place: Place, message: Message) -> Remark:
        """Return a remark on a limit of a profile at the point that names the profile; any other as it is."""
        if table == "limit" and name in self.statutory and name not in self._written:
            return Remark(
                "point",
                self.statutory[name].point,
                ("profile",),
                Message("{path}: {problem}", path=name, problem=message),
            )
        return Remark(table, name, place, message)


def _less_grave(limit: Limit, legal: Limit, of_profile: str) -> Iterator[Remark]:
    """Yield a warning for a level below that of the profile, and for a ticket that is no longer opened."""
    lax = lax_keys(limit, legal)
    if "level" in lax:
        message = Message(
            '"{level}" is below "{legal}" of profile "{profile}"',
            level=limit.level,
            legal=legal.level,
            profile=of_profile,
        )
        yield Remark("limit", limit.id, ("level",), message)
    if "ticket" in lax:
        message = Message('profile "{profile}" opens a ticket, this limit opens none', profile=of_profile)
        yield Remark("limit", limit.id, ("ticket",), message)


def in_order(limits: Iterable[Limit], statutory: Iterable[str]) -> list[Limit]:
    """Return limits in the order of events: those of the profiles first, then the others as they are.

    A table that overrides a limit of a profile keeps its place, wherever it stands: a text alone changes no order.
    """
    place = {name: number for number, name in enumerate(statutory)}
    return sorted(limits, key=lambda limit: place.get(limit.id, len(place)))
