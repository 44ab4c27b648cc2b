"""`hazwatch discover`: looks at a device, and writes a table of its points and a site file to start from."""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from adapters.sources import Installation
from adapters.sources.discoverers import DISCOVERERS, Discoverer
from adapters.sources.discovery import Discovery, DiscoveryError, SearchBounds
from hazwatch.cli.exit_codes import OK
from hazwatch.cli.new_site import SITE_NAME, TABLE_NAME, refuse_to_replace, write_new, written_message
from hazwatch.cli.options import UnavailableError, UsageError, add_data
from hazwatch.cli.skeleton import points_table, site_skeleton
from hazwatch.live.clock import wall
from hazwatch.live.data_folder import DataFolder
from hazwatch.words import both
from hazwatch.words.fill_in import FILL_IN
from plant import Message, explained, message_of

SOURCE: Final = "source"
"""Id of the source in the files that are written."""
LAST_UNIT: Final = 255


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "discover",
        help=both(Message("look at a device, and write a site file to start from")),
        description=both(
            Message(
                "look at an OPC UA server or a Modbus endpoint, by reading alone; write points.csv and site.toml, and "
                "mark what must be filled in"
            )
        ),
        epilog="hazwatch discover opc.tcp://192.0.2.10:4840 --out new\n"
        "hazwatch discover opc.tcp://192.0.2.10:4840 --security Basic256Sha256 SignAndEncrypt\n"
        "hazwatch discover modbus://192.0.2.20:502 --units 1-16 --registers 0-199",
    )
    parser.add_argument("url", metavar="URL", help=both(Message("opc.tcp://HOST:PORT or modbus://HOST:PORT")))
    parser.add_argument(
        "--out", type=Path, default=Path(), metavar="DIR",
        help=both(Message("folder for points.csv and site.toml, which must not be there yet (this one)")),
    )  # fmt: skip
    add_bounds(parser)
    add_access(parser)
    parser.set_defaults(command=discover)


def add_bounds(parser: argparse.ArgumentParser) -> None:
    """Add the options for how far to look."""
    parser.add_argument(
        "--within", type=float, default=120.0, metavar="S", help=both(Message("longest time, in seconds (%(default)s)"))
    )
    parser.add_argument(
        "--most", type=int, default=20_000, metavar="N", help=both(Message("most points (%(default)s)"))
    )
    parser.add_argument(
        "--depth",
        type=int,
        default=12,
        metavar="N",
        help=both(Message("opc.tcp: most steps from Objects (%(default)s)")),
    )
    parser.add_argument(
        "--units", type=interval, default=(1, 16), metavar="A-B", help=both(Message("modbus: which units (1-16)"))
    )
    parser.add_argument(
        "--registers", type=interval, default=(0, 999), metavar="A-B",
        help=both(Message("modbus: which addresses of each table (0-999)")),
    )  # fmt: skip
    parser.add_argument(
        "--pause", default="0s", metavar="D", help=both(Message("modbus: rest between two requests (%(default)s)"))
    )


def add_access(parser: argparse.ArgumentParser) -> None:
    """Add the options for security and user of an OPC UA server."""
    parser.add_argument(
        "--security", nargs=2, metavar=("POLICY", "MODE"), help=both(Message("opc.tcp: security of the channel"))
    )
    parser.add_argument(
        "--tolerate", action="append", default=[], metavar="CHECK",
        help=both(Message("opc.tcp: what may be wrong with the certificate of the server; may be repeated")),
    )  # fmt: skip
    parser.add_argument("--user", metavar="NAME", help=both(Message("opc.tcp: user name, with --password-file")))
    parser.add_argument("--password-file", metavar="FILE", help=both(Message("opc.tcp: file with the password")))
    add_data(parser)


def interval(text: str) -> tuple[int, int]:
    """Read two whole numbers with a hyphen between them, or one number."""
    first, _, last = text.partition("-")
    if not (first.isdecimal() and (last or first).isdecimal() and int(first) <= int(last or first) <= 65535):
        raise argparse.ArgumentTypeError(both(Message("expected A-B, such as 1-16; found {text!r}", text=text)))
    return int(first), int(last or first)


def discover(arguments: argparse.Namespace) -> int:
    """Look at the device, and write the two files."""
    discoverer = DISCOVERERS.get(arguments.url.partition("://")[0])
    if discoverer is None:
        raise UsageError(Message("{url}: expected opc.tcp://HOST:PORT or modbus://HOST:PORT", url=arguments.url))
    if arguments.units[1] > LAST_UNIT:
        raise UsageError(Message("--units: expected units of 0 to {last}", last=LAST_UNIT))
    site, table = arguments.out / SITE_NAME, arguments.out / TABLE_NAME
    refuse_to_replace(site, table)
    discovery = _looked(arguments, discoverer)
    made = Message("made by hazwatch discover {url}; fill in what is marked {mark}", url=arguments.url, mark=FILL_IN)
    write_new(
        arguments.out, {table: points_table(discovery.points, SOURCE), site: site_skeleton(discovery, made, TABLE_NAME)}
    )
    sys.stdout.writelines(f"{both(remark)}\n" for remark in discovery.remarks)
    sys.stdout.write(f"{both(written_message(len(discovery.points), table, site))}\n")
    return OK


def _looked(arguments: argparse.Namespace, discoverer: Discoverer) -> Discovery:
    installation = Installation(DataFolder(arguments.data).certificates, wall)
    bounds = SearchBounds(arguments.within, arguments.most, arguments.depth, arguments.units, arguments.registers)
    try:
        return asyncio.run(_look(discoverer, source_keys(arguments, discoverer), installation, bounds))
    except ValidationError as error:
        raise UsageError(explained(error)) from None
    except DiscoveryError as error:
        raise UnavailableError(Message("{url}: {reason}", url=arguments.url, reason=message_of(error))) from None


async def _look(
    discoverer: Discoverer, keys: dict[str, object], installation: Installation, bounds: SearchBounds
) -> Discovery:
    return await discoverer.look(keys, installation, bounds)


def source_keys(arguments: argparse.Namespace, discoverer: Discoverer) -> dict[str, object]:
    """Return the keys of the table [[source]] that the options describe."""
    keys: dict[str, object] = {"id": SOURCE, "protocol": discoverer.protocol}
    keys["endpoint"] = discoverer.endpoint(arguments.url)
    if arguments.pause != "0s":
        keys["pause"] = arguments.pause
    if arguments.security is not None:
        policy, mode = arguments.security
        keys["security"] = {"policy": policy, "mode": mode, "tolerate": arguments.tolerate}
    if arguments.user is not None or arguments.password_file is not None:
        password = None if arguments.password_file is None else str(Path(arguments.password_file).absolute())
        keys["user"] = {"name": arguments.user, "password_file": password}
    return keys
