"""The bill of materials (CycloneDX) of what the package needs at run time.

cyclonedx-py reads the hash-pinned lock; what it does not know is added here (our own version, which
package needs which, from the lock's `# via`, and licences, as the installed packages state them).
What ties the file to one index or one line of the lock is taken out. The same locks and version
give the same bytes.
"""

from __future__ import annotations

import json
import re
from importlib import metadata
from pathlib import Path
from typing import Any

from scripts.failure import PipelineError
from scripts.tools import program, run

_PIN = re.compile(r"([A-Za-z0-9._-]+)==")
_NEEDED_BY = re.compile(r"\s+#\s+(?:via\s*)?(\S+.*)?$")


def bill_of_materials(root: Path, version: str, into: Path) -> None:
    """Write the bill of materials of this `version` to the file `into`.

    Raises PipelineError where the lock is not there, or the result is no valid CycloneDX.
    """
    lock = root / "requirements/runtime.txt"
    if not lock.is_file():
        raise PipelineError("is missing", file="requirements/runtime.txt", hint="make lock")
    options = ["--output-reproducible", "--no-validate", "--mc-type", "library", "--pyproject"]
    made = run(
        [program("cyclonedx-py"), "requirements", *options, root / "pyproject.toml", lock],
        "the bill of materials was not made",
        # It warns of the graph that is completed below; then the bill is validated.
        environment={"PYTHONWARNINGS": "ignore"},
    )
    text = json.dumps(_completed(json.loads(made), version, needs(lock)), indent=2)
    into.write_text(f"{text}\n", encoding="utf-8")
    _validate(text)


def needs(lock: Path) -> dict[str, set[str]]:
    """Return which packages of a lock each package needs; below "" those asked for by name."""
    graph: dict[str, set[str]] = {}
    name = ""
    for line in lock.read_text(encoding="utf-8").splitlines():
        if pin := _PIN.match(line):
            name = pin[1]
        elif name and (by := _NEEDED_BY.match(line)) and by[1]:
            asked = by[1].startswith("-r ")
            graph.setdefault("" if asked else by[1], set()).add(name)
    return graph


def _completed(bill: dict[str, Any], version: str, graph: dict[str, set[str]]) -> dict[str, Any]:
    purls = {component["name"]: component["purl"] for component in bill["components"]}
    for component in bill["components"]:
        component["bom-ref"] = component["purl"]
        del component["description"]  # the line of the lock
        component["licenses"] = licences(component["name"])
        for reference in component["externalReferences"]:
            # It names an index, though none was given; the hashes are worth keeping.
            reference["url"] = component["purl"]
            reference["comment"] = "the hashes of its distributions"
    bill["components"].sort(key=lambda component: component["name"])
    for tool in bill["metadata"]["tools"]["components"]:
        tool.pop("externalReferences", None)
    own = bill["metadata"]["component"]
    own["version"] = version
    own["purl"] = own["bom-ref"] = f"pkg:pypi/{own['name']}@{version}"
    purls[""] = own["purl"]
    bill["dependencies"] = [
        {"ref": purl, "dependsOn": sorted(purls[needed] for needed in graph.get(name, ()))}
        for name, purl in sorted(purls.items())
    ]
    return bill


def licences(package: str) -> list[dict[str, Any]]:
    """Return an installed package's licences as CycloneDX has them: by SPDX, else by name.

    Raises PipelineError where it is not installed, or states none.
    """
    from cyclonedx import spdx

    try:
        stated = metadata.metadata(package).json
    except metadata.PackageNotFoundError:
        what = f"the licence of {package} is not known: it is not installed"
        raise PipelineError(what, file="requirements/dev.txt", hint="make lock") from None
    text = str(stated.get("license_expression") or stated.get("license") or "").strip()
    if spdx.is_supported_id(text):
        return [{"license": {"id": text}}]
    if text and spdx.is_expression(text):
        return [{"expression": text}]
    names = [str(name) for name in stated.get("classifier", ()) if name.startswith("License :: ")]
    if not names:
        raise PipelineError(f"{package} states no licence", file="requirements/runtime.txt")
    return [{"license": {"name": name.rpartition(" :: ")[2]}} for name in sorted(names)]


def _validate(text: str) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    version = SchemaVersion.from_version(json.loads(text)["specVersion"])
    if error := JsonStrictValidator(version).validate_str(text):
        raise PipelineError("the bill of materials is not valid CycloneDX", hint=str(error))
