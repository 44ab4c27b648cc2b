"""Says in which encoding a file seems to be that is not UTF-8, and how to save it."""

import codecs
from typing import Final

from plant import Message

UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def not_utf8(error: UnicodeDecodeError) -> Message:
    """Return the advice about the bytes that could not be read."""
    if error.object[:2] in UTF_16:
        return Message('not UTF-8 but UTF-16 ("Unicode" in Notepad and Excel); save it as UTF-8, in Excel "CSV UTF-8"')
    try:
        error.object.decode("gb18030")
    except UnicodeDecodeError:
        return Message('not UTF-8; save it as UTF-8, in Excel as "CSV UTF-8"')
    return Message('not UTF-8 but GBK; save it as UTF-8, in Excel as "CSV UTF-8"')
