"""Decodes data values with picoseconds, which asyncua 2.1 reads in the wrong place."""

import struct
from collections.abc import Callable
from functools import cache, partial
from typing import Any, Final

import asyncua
from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua import ua_binary
from asyncua.ua.ua_binary import Primitives, struct_from_binary, variant_from_binary

# The picoseconds of a time stand directly behind it; asyncua 2.1 looks for both behind the second time. The server's
# time would then be made of two bytes of picoseconds and six bytes of the time: the year 9999, or a plausible one.
FIELDS: Final[tuple[tuple[int, str, Callable[[Buffer], Any]], ...]] = (
    (1, "Value", variant_from_binary),
    (2, "StatusCode", partial(struct_from_binary, ua.StatusCode)),
    (4, "SourceTimestamp", Primitives.DateTime.unpack),
    (16, "SourcePicoseconds", Primitives.UInt16.unpack),
    (8, "ServerTimestamp", Primitives.DateTime.unpack),
    (32, "ServerPicoseconds", Primitives.UInt16.unpack),
)
"""Fields in the order of their bytes, each with its bit of the mask (OPC 10000-6, 5.2.2.17)."""
PROBE: Final = struct.pack("<BqHqH", 4 | 16 | 8 | 32, 1 << 56, 2, 3 << 55, 4)
"""A data value with four different numbers."""


class DecoderError(RuntimeError):
    """The installed asyncua decodes data values in a way that this module does not know."""


def data_value(data: Buffer) -> ua.DataValue:
    """Return the data value at the beginning of a buffer, and move the buffer behind it."""
    mask = Primitives.Byte.unpack(data)
    return ua.DataValue(**{name: unpack(data) for bit, name, unpack in FIELDS if mask & bit})


def mend_asyncua() -> None:
    """Let asyncua decode data values by `data_value`, unless it decodes them right by itself.

    Raises
    ------
    DecoderError
        asyncua does not decode picoseconds right, and no longer has the place where this can be mended.

    """
    if _is_right():
        return
    try:
        # asyncua has no public way to register a decoder of a built-in type.
        theirs = ua_binary._create_dataclass_deserializer  # noqa: SLF001
        forget = (
            ua_binary._create_type_deserializer.cache_clear,  # noqa: SLF001
            ua_binary._create_list_deserializer.cache_clear,  # noqa: SLF001
            ua_binary._create_uatype_deserializer.cache_clear,  # noqa: SLF001
            ua_binary._create_uatype_array_deserializer.cache_clear,  # noqa: SLF001
            theirs.cache_clear,
        )
    except AttributeError as error:
        raise DecoderError(_unknown()) from error

    @cache
    def decoder(kind: type | str) -> Callable[[Any], Any]:
        return data_value if kind in (ua.DataValue, "DataValue") else theirs(kind)

    ua_binary._create_dataclass_deserializer = decoder  # noqa: SLF001
    # Decoders of structures that contain data values were made with the old one.
    for each in forget:
        each()
    if not _is_right():
        raise DecoderError(_unknown())


def _is_right() -> bool:
    read = struct_from_binary(ua.DataValue, Buffer(PROBE))
    return repr(read) == repr(data_value(Buffer(PROBE)))


def _unknown() -> str:
    return f"asyncua {asyncua.__version__}: expected a known decoder of data values"
