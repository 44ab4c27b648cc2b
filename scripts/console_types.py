"""Writes console/web/src/types.ts: the shapes of console/views, as the page's language has them."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType, NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from console.views import alarms, present, site, sources, stream, trend  # noqa: E402
from plant import Text  # noqa: E402

TARGET: Final = ROOT / "console" / "web" / "src" / "types.ts"
HEAD: Final = """\
// Generated from console/views by scripts/build-console: change it there.
// Times are ms since 1970 UTC, in the engine's time.
"""
MODULES: Final = (site, alarms, present, stream, trend, sources)
PLAIN: Final[dict[Any, str]] = {str: "string", int: "number", float: "number", bool: "boolean", NoneType: "null"}


def types() -> str:
    """Return the file."""
    shapes = dict(_shapes())
    names = {shape: _name(name) for name, shape in shapes.items()}
    return HEAD + "".join(_definition(name, shape, names) for name, shape in shapes.items())


def _shapes() -> Iterator[tuple[str, Any]]:
    """Yield the names and shapes of all modules, each where it is defined."""
    for module in MODULES:
        yield from ((name, shape) for name, shape in vars(module).items() if _is_defined_in(module, name, shape))


def _is_defined_in(module: ModuleType, name: str, shape: object) -> bool:
    if shape is Text:  # the one shape of plant
        return module is MODULES[0]
    if is_typeddict(shape):
        return bool(shape.__module__ == module.__name__)
    others = MODULES[: MODULES.index(module)]
    return get_origin(shape) in (Literal, Union, UnionType) and not any(hasattr(other, name) for other in others)


def _name(name: str) -> str:
    return name.removesuffix("View").removesuffix("Name")


def _definition(name: str, shape: Any, names: dict[Any, str]) -> str:
    if not (is_typeddict(shape) or shape is Text):
        return f"\nexport type {_name(name)} = {_expression(shape, names)};\n"
    optional = "" if getattr(shape, "__total__", True) else "?"
    fields = get_type_hints(shape)
    lines = [f"  {key}{optional}: {_written(hint, names)};" for key, hint in fields.items()]
    return "\n".join([*_comment(shape.__doc__), f"export type {_name(name)} = {{", *lines, "};", ""])


def _comment(text: str) -> list[str]:
    first, *others = text.strip().splitlines()
    if not others:
        return ["", f"/** {first} */"]
    return ["", "/**", *(f" * {line.strip()}".rstrip() for line in (first, *others)), " */"]


def _written(hint: Any, names: dict[Any, str]) -> str:
    """Return a type by its name where it has one."""
    return names.get(hint) or _expression(hint, names)


def _expression(hint: Any, names: dict[Any, str]) -> str:
    if hint in PLAIN:
        return PLAIN[hint]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " | ".join(f'"{word}"' for word in arguments)
    words = [_written(argument, names) for argument in arguments]
    if origin in (Union, UnionType):
        return " | ".join(words)
    if origin is tuple:
        return f"[{', '.join(words)}]"
    if origin in (list, Sequence):
        return f"({words[0]})[]" if " | " in words[0] else f"{words[0]}[]"
    raise TypeError(f"no type of the page for {hint}")


if __name__ == "__main__":
    TARGET.write_text(types(), encoding="utf-8")
