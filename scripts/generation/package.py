"""The import package: the attrs client, the pydantic models and `py.typed`, formatted alike."""

from __future__ import annotations

import re
import shlex
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts import tools
from scripts.failure import ACTING, PipelineError
from scripts.generation.generators import worker
from scripts.generation.generators.worker import Worker

if TYPE_CHECKING:
    from scripts.documents import Document

TOOLS = ("openapi-python-client", "datamodel-code-generator", "ruff")
"""The distributions whose versions decide the bytes of the package."""


@dataclass(frozen=True, slots=True)
class Generation:
    """Both generators of one package: `ask` them, then `finish`, or `stop` at any time."""

    out: Path
    config: Document
    attrs_client: Worker
    models: Worker

    def ask(self, document: dict[str, Any]) -> None:
        """Hand both a profiled contract, and do not wait."""
        request = {"document": document, "file": "spec/openapi.yaml"}
        self.models.ask(request)  # first, since they take longer
        self.attrs_client.ask({**request, "config": asdict(self.config)})

    def finish(self) -> None:
        """Wait for the generators, put their output together and format it.

        Raises `PipelineError` as the generators do, and if a hook fails.
        """
        try:
            # PEP 561; the generator writes no `py.typed` without packaging metadata.
            self._write({**self.attrs_client.result(), "py.typed": ""})  # while models are made
            self._write({"pydantic_models.py": self.models.result()})
        finally:
            self.stop()
        for index, hook in enumerate(self.config.value.get("post_hooks") or ()):
            _run(hook, self.out, self.config, f"/post_hooks/{index}")

    def _write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.out / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(ACTING.sub(_escaped, text), encoding="utf-8")

    def stop(self) -> None:
        """Give up on both."""
        self.attrs_client.stop()
        self.models.stop()


def start(config: Path, out: Path) -> Generation:
    """Start the generators of a package that is to stand in `out`, an empty or missing folder.

    `config` is the configuration of openapi-python-client. The generators load themselves while
    the caller does other work, until it asks them. Raises `PipelineError` if the configuration is
    no YAML mapping.
    """
    attrs_client = worker.start("scripts.generation.generators.attrs_client")
    models = worker.start("scripts.generation.generators.pydantic_models")
    from scripts import documents  # while they load themselves

    try:
        return Generation(out, documents.read(config, config.name), attrs_client, models)
    except BaseException:
        attrs_client.stop()
        models.stop()
        raise


def _escaped(found: re.Match[str]) -> str:
    """Return a character that is not shown but acts as an escape: it stands in literals alone."""
    return f"\\u{ord(found[0]):04x}"


def _run(hook: str, folder: Path, config: Document, pointer: str) -> None:
    """Run a hook in a folder, with the program that is installed beside the running Python."""
    name, *arguments = shlex.split(hook)
    done = subprocess.run(
        [tools.program(name), *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        output = (done.stderr or done.stdout).strip()
        what = f"{name} failed with exit status {done.returncode}"
        raise PipelineError.of([config.problem(what, pointer, hint=output or None)])
