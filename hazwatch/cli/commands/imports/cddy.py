"""`hazwatch import cddy`: makes a site file from the points and limits that another system defines."""

import argparse
import sys
from pathlib import Path
from typing import Any, Final

from adapters.sources.definitions import read_definition
from adapters.sources.discovery import DiscoveryError
from hazwatch.cli.exit_codes import OK
from hazwatch.cli.new_site import SITE_NAME, TABLE_NAME, refuse_to_replace, write_new, written_message
from hazwatch.cli.options import RefusedError
from hazwatch.cli.skeleton import limit_tables, points_table, site_skeleton
from hazwatch.words import both
from hazwatch.words.fill_in import FILL_IN
from plant import Message, message_of

FILES: Final = "files"
"""Id of the source in the site file."""


def add(kinds: Any) -> None:
    """Add the command."""
    parser = kinds.add_parser(
        "cddy",
        help=both(Message("make a site file from a CDDY file")),
        description=both(
            Message(
                "take points and limits from a definition file of MT/T 1201 (-0.01: no such limit); write points.csv "
                "and site.toml, and mark what must be filled in"
            )
        ),
        epilog="hazwatch import cddy 140522001_CDDY_20260501080000.txt --out new",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help=both(Message("the definition file")))
    parser.add_argument(
        "--out", type=Path, default=Path(), metavar="DIR",
        help=both(Message("folder for points.csv and site.toml, which must not be there yet (this one)")),
    )  # fmt: skip
    parser.add_argument(
        "--dialect", default="national", metavar="NAME",
        help=both(Message("table of file types, as in [[source]] (%(default)s)")),
    )  # fmt: skip
    parser.set_defaults(command=import_definition)


def import_definition(arguments: argparse.Namespace) -> int:
    """Read the file, and write the two files."""
    site, table = arguments.out / SITE_NAME, arguments.out / TABLE_NAME
    refuse_to_replace(site, table)
    try:
        definition = read_definition(arguments.file, arguments.dialect, FILES)
    except DiscoveryError as error:
        raise RefusedError(Message("{path}: {problem}", path=arguments.file, problem=message_of(error))) from None
    points, remarks = definition.discovery.points, definition.discovery.remarks
    made = Message(
        "made by hazwatch import cddy {file}; fill in what is marked {mark}; the levels of limits are a proposal",
        file=arguments.file.name,
        mark=FILL_IN,
    )
    mine = definition.mine, definition.mine_name or FILL_IN
    skeleton = site_skeleton(definition.discovery, made, TABLE_NAME, mine=mine)
    limits = limit_tables(definition.limits)
    write_new(arguments.out, {table: points_table(points, FILES), site: f"{skeleton}\n{limits}"})
    sys.stdout.writelines(f"{both(remark)}\n" for remark in remarks)
    sys.stdout.write(f"{both(written_message(len(points), table, site))}\n")
    return OK
