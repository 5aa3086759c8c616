"""The generators' wrappers: nothing is ignored, skipped or left to chance."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import jinja2
import pytest
from inline_snapshot import snapshot

from scripts import documents, tools
from scripts.failure import PipelineError
from scripts.generation.generators import attrs_client, pydantic_models, worker
from scripts.generation.package import TOOLS
from scripts.generation.restatement.profile import profile
from tests.pipeline import contracts


def failure(config: str, document: dict[str, Any] | None = None) -> str:
    with pytest.raises(PipelineError) as caught:
        attrs_client.render(
            document or profile(contracts.contract()),
            documents.parse(config, "config.yaml"),
            file="openapi.yaml",
        )
    return str(caught.value)


class TestConfiguration:
    def test_unknown_keys(self) -> None:
        """Keys that the generator would ignore are refused, each with its line."""
        config = """\
package_name_override: blaxel_jobs_api
post_hook: []
class_overrides:
  JobExecution:
    class_nam: Execution
"""
        assert failure(config) == snapshot("""\
config.yaml:2: unknown key 'post_hook'
    hint: did you mean 'post_hooks'?
config.yaml:5: unknown key 'class_nam'
    hint: did you mean 'class_name'?\
""")

    def test_wrong_type(self) -> None:
        """A value of the wrong type is refused, with its line."""
        config = "literal_enums: true\nhttp_timeout: soon\n"
        message = failure(config)
        assert message.startswith("config.yaml:2: http_timeout: Input should be a valid integer")

    def test_the_projects_own(self) -> None:
        """The project's configuration names every rule: no hook depends on what lies around."""
        path = contracts.ROOT / "generator-config.yaml"
        hooks = documents.read(path).value["post_hooks"]
        assert all(hook.startswith("ruff ") for hook in hooks)
        assert all({"--isolated", "--no-cache"} < set(hook.split()) for hook in hooks)


class TestWarnings:
    def test_operation_that_would_be_skipped(self) -> None:
        """What the generator cannot do is an error: it would leave the operation out in silence."""
        document = profile(contracts.contract())
        for operation in document["paths"].popitem()[1].values():
            operation["parameters"][0]["schema"] = {"$ref": "#/components/schemas/Missing"}
            document["paths"] = {"/jobs/{jobId}/executions/{executionId}": {"get": operation}}
        message = failure("{}", document)
        assert message.startswith("openapi.yaml: openapi-python-client: ")
        assert "lack this" in message

    def test_document_that_cannot_be_read(self) -> None:
        """A document that the generator refuses as a whole is reported as such."""
        message = failure("{}", {"openapi": "2.0", "info": {}, "paths": {}})
        assert message.startswith("openapi.yaml: openapi-python-client: ")


class TestTemplates:
    def test_compiled_before(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Templates that a run before has compiled give the same client as those themselves."""
        document, config = profile(contracts.contract()), documents.parse("{}", "config.yaml")
        attrs_client.render(document, config, file="openapi.yaml")
        compiled = attrs_client.render(document, config, file="openapi.yaml")
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        assert attrs_client.render(document, config, file="openapi.yaml") == compiled

    @pytest.mark.parametrize("size", [0, 5, 30, 60])
    def test_cut_in_the_middle(self, tmp_path: Path, size: int) -> None:
        """A compiled template of which only a part was written is compiled again."""
        for _ in range(2):
            cache = attrs_client.Templates(str(tmp_path), "%s")
            env = jinja2.Environment(
                loader=jinja2.DictLoader({"a": "{{ 1 + 1 }}"}),
                bytecode_cache=cache,
                autoescape=True,
            )
            assert env.get_template("a").render() == "2"
            (path,) = tmp_path.iterdir()
            path.write_bytes(path.read_bytes()[:size])


class TestModels:
    def test_generator_failure(self) -> None:
        """A failure of the generator names the contract."""
        document = {
            "openapi": "3.1.0",
            "info": {"title": "t", "version": "1"},
            "paths": {},
            "components": {"schemas": {"a.b": {"properties": {"c": {"type": "string"}}}}},
        }
        with pytest.raises(PipelineError, match=r"^openapi\.yaml: datamodel-code-generator"):
            pydantic_models.render(document, file="openapi.yaml")


class TestPins:
    def test_the_projects_own(self) -> None:
        """The tools that are installed are those that requirements/ pins."""
        tools.check_pins(contracts.ROOT / "requirements/dev.in", TOOLS)

    def test_problems(self, tmp_path: Path) -> None:
        """Another version, a missing tool, a tool without a pin: each is reported with its line."""
        path = tmp_path / "dev.in"
        path.write_text("# tools\nruff==0.0.1\nno-such-tool==1.0\nmypy>=1\n")
        with pytest.raises(PipelineError) as caught:
            tools.check_pins(path, ["ruff", "no-such-tool", "mypy"])
        problems = [(p.file, p.line, p.what.split(" ")[0]) for p in caught.value.problems]
        assert problems == [
            ("dev.in", 2, "ruff"),
            ("dev.in", 3, "no-such-tool"),
            ("dev.in", None, "mypy"),
        ]

    def test_program_elsewhere(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A program on PATH that is not beside the running Python does not count."""
        (tmp_path / "stray").touch(mode=0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(PipelineError, match="stray is not installed beside"):
            tools.program("stray")


class TestWorker:
    def test_breakdown(self) -> None:
        """A worker that breaks down says so, with the last line of what it said."""
        broken = worker.start("scripts.no_such_module")
        broken.ask({})
        with pytest.raises(PipelineError, match=r"no_such_module broke down: .*No module named"):
            broken.result()
