"""`Text`, the same text in Chinese and English, and `Message`, a template with its arguments."""

import errno
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NewType, Self

Template = NewType("Template", str)
"""English text with {names} of arguments; a table of messages holds templates, `Message` fills one in."""


@dataclass(frozen=True, slots=True)
class Text:
    """The same text in Chinese and in English; as a str it is the English one."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en


# A str, because exceptions, logs and tests then need no special case; its English is complete without the catalogue.
class Message(str):
    """A sentence for a person: the str is English, and a catalogue has the Chinese of its template.

    A template names its arguments: "{path}: cannot be read". `{count:sample|samples}` writes the first word if the
    argument is 1, and the second otherwise. An argument may be a Message or a Text, which appears in the language of
    the sentence, or a tuple: messages are joined by semicolons, anything else by commas.

    Attributes
    ----------
    template : Template
        The English text without its arguments; the key of the catalogue.
    arguments : mapping of str to object
        Arguments by their names in the template.

    """

    __slots__ = ("arguments", "template")

    template: Template
    arguments: Mapping[str, object]

    def __new__(cls, template: str, /, **arguments: object) -> Self:
        """Fill in a template."""
        message = super().__new__(cls, fill(template, arguments, str, ENGLISH_JOINTS))
        # A str is complete before __init__, and `__setattr__` below keeps a message immutable.
        object.__setattr__(message, "template", template)
        object.__setattr__(message, "arguments", MappingProxyType(arguments))
        return message

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Message is immutable: {name}")

    def __reduce__(self) -> tuple[Callable[..., "Message"], tuple[str, dict[str, object]]]:
        return _restored, (self.template, dict(self.arguments))


# pickle would rebuild a str subclass from its text alone and lose the template.
def _restored(template: str, arguments: dict[str, object]) -> Message:
    return Message(template, **arguments)


class _Formatter(string.Formatter):
    """A formatter with one more format, `{count:sample|samples}`."""

    def format_field(self, value: Any, format_spec: str) -> str:
        singular, bar, plural = format_spec.partition("|")
        if bar:
            return singular if value == 1 else plural
        return str(super().format_field(value, format_spec))


ENGLISH_JOINTS: Final = ("; ", ", ")
"""Separators between the messages of a tuple, and between its other items."""
_FORMATTER: Final = _Formatter()


def fill(template: str, arguments: Mapping[str, object], write: Callable[[Any], str], joints: tuple[str, str]) -> str:
    """Return a template with its arguments.

    Parameters
    ----------
    template : str
        Template in any language.
    arguments : mapping of str to object
        Arguments by their names in the template.
    write : callable
        Writes a Message or a Text in the language of the template.
    joints : (str, str)
        Separators between the messages of a tuple, and between its other items.

    """
    return _FORMATTER.vformat(template, (), {name: _written(item, write, joints) for name, item in arguments.items()})


def _written(argument: object, write: Callable[[Any], str], joints: tuple[str, str]) -> object:
    if isinstance(argument, Message | Text):
        return write(argument)
    if isinstance(argument, tuple):
        joint = joints[0] if any(isinstance(item, Message) for item in argument) else joints[1]
        return joint.join(str(_written(item, write, joints)) for item in argument)
    return argument


def data_of(message: Message) -> dict[str, object]:
    """Return a message as it goes to another program by JSON: its template and its arguments."""
    return {
        "template": message.template,
        "arguments": {name: _data(argument) for name, argument in message.arguments.items()},
    }


def _data(argument: object) -> object:
    if isinstance(argument, Message):
        return data_of(argument)
    if isinstance(argument, Text):
        return {"zh": argument.zh, "en": argument.en}
    if isinstance(argument, tuple):
        return [_data(item) for item in argument]
    return argument if isinstance(argument, str | int | float) else str(argument)


def message_from(data: Mapping[str, Any]) -> Message:
    """Return the message that `data_of` wrote down."""
    return Message(data["template"], **{name: _argument(item) for name, item in data["arguments"].items()})


def _argument(data: Any) -> object:
    match data:
        case {"template": _}:
            return message_from(data)
        case {"zh": zh, "en": en}:
            return Text(zh, en)
        case list():
            return tuple(_argument(item) for item in data)
    return data


def messages_of(error: BaseException) -> tuple[Message, ...]:
    """Return the messages of an error; an error without a Message becomes one, by its errno or by its text."""
    messages = tuple(argument for argument in error.args if isinstance(argument, Message))
    if messages:
        return messages
    if isinstance(error, OSError) and error.errno is not None:
        return (_of_system(error, error.errno),)
    return (words_of_library(str(error) or type(error).__name__),)


def message_of(error: BaseException) -> Message:
    """Return the messages of an error as one message."""
    messages = messages_of(error)
    return messages[0] if len(messages) == 1 else Message("{problems}", problems=messages)


def reason_of(error: OSError) -> Message:
    """Return the reason of an error of the operating system, without its file."""
    template = SYSTEM_ERRORS.get(error.errno or 0)
    return words_of_library(error.strerror or str(error)) if template is None else Message(template)


def words_of_library(text: str) -> Message:
    """Return a text of a library, which has no Chinese, as a message that says so."""
    return Message("in the words of a library: {text}", text=text)


def _of_system(error: OSError, number: int) -> Message:
    if error.filename is None:
        return reason_of(error)
    return Message("{path}: {reason}", path=str(error.filename), reason=reason_of(error))


NO_SUCH_HOST: Final = -2
NO_NAME_SERVER: Final = -3
"""Codes of the name resolver, which stand in place of an errno (EAI_NONAME, EAI_AGAIN)."""
SYSTEM_ERRORS: Final[Mapping[int, Template]] = {
    errno.ENOENT: Template("no such file or directory"),
    errno.EACCES: Template("permission denied"),
    errno.EPERM: Template("operation not permitted"),
    errno.ENOTDIR: Template("not a directory"),
    errno.EISDIR: Template("is a directory"),
    errno.EEXIST: Template("file exists"),
    errno.EROFS: Template("read-only file system"),
    errno.ENOSPC: Template("no space left on device"),
    errno.EDQUOT: Template("disk quota exceeded"),
    errno.EFBIG: Template("file too large"),
    errno.EIO: Template("input/output error"),
    errno.EMFILE: Template("too many open files"),
    errno.ECONNREFUSED: Template("connection refused"),
    errno.ECONNRESET: Template("connection reset by peer"),
    errno.EPIPE: Template("broken pipe"),
    errno.ETIMEDOUT: Template("connection timed out"),
    errno.EHOSTUNREACH: Template("no route to host"),
    errno.ENETUNREACH: Template("network is unreachable"),
    errno.EADDRINUSE: Template("address already in use"),
    errno.EADDRNOTAVAIL: Template("cannot assign requested address"),
    NO_SUCH_HOST: Template("name or service not known"),
    NO_NAME_SERVER: Template("temporary failure in name resolution"),
}
"""Texts of the operating system's errors that users meet, by errno."""
