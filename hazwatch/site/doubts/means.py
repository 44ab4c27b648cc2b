"""Finds means that a regulation weights by time, of sources whose samples are not evenly spaced."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.sources.registry import PROTOCOLS
from plant import Message, Point, SourceSpec
from plant.profiles import profiles
from rules import FEATURES


def uneven_means(points: Sequence[Point], sources: Mapping[str, SourceSpec]) -> Iterator[tuple[str, Message]]:
    """Yield the points whose profile has a mean, and whose source sends more samples while the value changes.

    The feature `mean` is that of the samples: it is weighted by time only where these are evenly spaced.
    """
    for point in points:
        source, of_point = sources.get(point.source or ""), profiles().get(point.profile or "")
        if source is None or of_point is None or PROTOCOLS[source.protocol].always_answers:
            continue
        for suffix in [of for of, _ in of_point.setpoints() if _counts_samples(of_point.templates[of])]:
            message = Message(
                "{limit} is the mean of the samples, and source {source} sends more of them while the value changes: "
                "it is the time-weighted mean of {basis} only for evenly spaced samples; expected a source that polls",
                limit=f"{point.id}.{suffix}",
                source=source.id,
                basis=of_point.source,
            )
            yield point.id, message


def _counts_samples(template: Mapping[str, Any]) -> bool:
    """Tell whether a limit is of a number over a window to which each sample contributes alike."""
    feature = FEATURES.get(template.get("feature", ""))
    return feature is not None and not feature.is_value and not feature.per_time
