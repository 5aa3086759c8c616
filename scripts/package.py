"""The import package: the attrs client, the pydantic models and `py.typed`, formatted alike."""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts import documents, tools, worker
from scripts.documents import Document
from scripts.failure import PipelineError
from scripts.worker import Worker

__all__ = ["TOOLS", "Generation", "generate", "start"]

TOOLS = ("openapi-python-client", "datamodel-code-generator", "ruff")
"""The distributions whose versions decide the bytes of the package."""


@dataclass(frozen=True, slots=True)
class Generation:
    """Both generators at work on one package; end it with `finish` or `stop`."""

    out: Path
    config: Document
    attrs_client: Worker
    models: Worker

    def finish(self) -> None:
        """Wait for the generators, put their output together and format it.

        Raises `PipelineError` as the generators do, and if a hook fails.
        """
        try:
            files: dict[str, str] = self.attrs_client.result()
            files["pydantic_models.py"] = self.models.result()
        finally:
            self.stop()
        files["py.typed"] = ""  # PEP 561; the generator writes none without packaging metadata
        for name, text in files.items():
            path = self.out / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for index, hook in enumerate(self.config.value.get("post_hooks") or ()):
            _run(hook, self.out, self.config, f"/post_hooks/{index}")

    def stop(self) -> None:
        """Give up, before anything is written to `out`."""
        self.attrs_client.stop()
        self.models.stop()


def start(
    document: dict[str, Any],
    config: Path,
    out: Path,
    *,
    config_file: str = "generator-config.yaml",
    file: str = "spec/openapi.yaml",
) -> Generation:
    """Begin to generate the package of a profiled contract into `out`, an empty or missing folder.

    `config` is the configuration of openapi-python-client; `config_file` and `file` name it and the
    contract in problems. The caller can do other work until it calls `finish`. Raises
    `PipelineError` if the configuration is no YAML mapping.
    """
    settings = documents.read(config, config_file)
    request = {"document": document, "file": file}
    attrs_client = worker.start(
        "scripts.client",
        {
            **request,
            "config": config.read_text(encoding="utf-8"),
            "config_file": config_file,
        },
    )
    return Generation(out, settings, attrs_client, worker.start("scripts.pydantic_models", request))


def generate(document: dict[str, Any], config: Path, out: Path, **names: str) -> None:
    """Generate the package of a profiled contract: `start` and `finish` in one.

    Equal documents and configurations give equal bytes, wherever and whenever.
    """
    start(document, config, out, **names).finish()


def _run(hook: str, folder: Path, config: Document, pointer: str) -> None:
    """Run a hook in a folder, with the program that is installed beside the running Python."""
    name, *arguments = shlex.split(hook)
    done = subprocess.run(
        [tools.program(name), *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()
        what = f"{name} failed with exit status {done.returncode}"
        raise PipelineError.of([config.problem(what, pointer, hint=said or None)])
