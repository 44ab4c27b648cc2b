"""The files that define the points of a system, for commands that make a site file from them."""

from adapters.sources.mtt1201.definition import DefinedLimit, Definition, read_definition

__all__ = ["DefinedLimit", "Definition", "read_definition"]
