"""Writes supply/sbom.cdx.json: what the product runs with, as CycloneDX 1.6; the same locks give the same bytes."""

import base64
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from hazwatch import __version__
from scripts.locks import PRODUCT, ROOT, Package, shipped

TARGET: Final = ROOT / "supply" / "sbom.cdx.json"
_PRODUCT_PURL: Final = f"pkg:pypi/{PRODUCT}@{__version__}"
_IDENTIFIER: Final = re.compile(r"[\w.-]+")

Component = dict[str, object]


def sbom() -> str:
    """Return the file."""
    packages = shipped()
    content: Component = {
        "metadata": {"component": _product()},
        "components": [_component(package) for package in packages],
        "dependencies": _dependencies(packages),
    }
    head = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        # Follows from the content: a random number would change the file at every run.
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(content, sort_keys=True))}",
        "version": 1,
    }
    return json.dumps(head | content, indent=2, ensure_ascii=False) + "\n"


def _product() -> Component:
    return {
        "type": "application",
        "bom-ref": _PRODUCT_PURL,
        "name": PRODUCT,
        "version": __version__,
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "purl": _PRODUCT_PURL,
    }


def _component(package: Package) -> Component:
    component: Component = {
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "licenses": [_licence(package.licence)],
        "purl": package.purl,
    }
    if package.integrity:
        algorithm, _, digest = package.integrity.partition("-")
        content = base64.b64decode(digest).hex()
        component["hashes"] = [{"alg": algorithm.upper().replace("SHA", "SHA-"), "content": content}]
    if package.marker:
        component["properties"] = [{"name": f"{PRODUCT}:marker", "value": package.marker}]
    return component


def _licence(expression: str) -> Mapping[str, object]:
    """Return one licence by its id, several as the expression that joins them."""
    if _IDENTIFIER.fullmatch(expression):
        return {"license": {"id": expression}}
    return {"expression": expression}


def _dependencies(packages: Sequence[Package]) -> list[Component]:
    needed: dict[str, list[str]] = {name: [] for name in (PRODUCT, *(package.name for package in packages))}
    for package in packages:
        for name in package.asked_by:
            needed[name].append(package.purl)
    refs = [(_PRODUCT_PURL, PRODUCT), *((package.purl, package.name) for package in packages)]
    return [{"ref": ref, "dependsOn": sorted(needed[name])} for ref, name in refs]


def main(target: Path = TARGET) -> None:
    """Write the file."""
    target.write_text(sbom(), encoding="utf-8")


if __name__ == "__main__":
    main()
