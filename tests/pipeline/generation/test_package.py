"""The generated package: what it holds, what it tolerates, and that its bytes never vary."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from scripts.failure import PipelineError
from scripts.generation import package
from scripts.generation.restatement.profile import profile
from tests.conftest import MadeOnce
from tests.pipeline import contracts

CONFIG = contracts.ROOT / "generator-config.yaml"

EXECUTION = {
    "metadata": {"id": "exec-abc123", "unheardOf": 1},
    "spec": {"envOverride": {"MY_VAR": "***"}, "tasks": [{"status": "running"}]},
    "status": "running",
    "stats": {"total": 1},
}


@pytest.fixture(scope="session")
def folder(made_once: MadeOnce) -> Path:
    """Return the folder above a freshly generated package."""

    def make(above: Path) -> None:
        contracts.generate(contracts.contract(), above / "blaxel_jobs_api")

    return made_once("generated", make)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def run(folder: Path, code: str, value: Any = None) -> Any:
    """Run code in the folder with `value` at hand, and return the JSON that it prints."""
    done = subprocess.run(
        [sys.executable, "-c", f"import json, sys\nvalue = json.load(sys.stdin)\n{code}"],
        input=json.dumps(value),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_files(folder: Path) -> None:
    """The package holds both operations, a class for each component, and is typed."""
    assert sorted(contents(folder)) == snapshot(
        [
            "blaxel_jobs_api/__init__.py",
            "blaxel_jobs_api/api/__init__.py",
            "blaxel_jobs_api/api/jobs/__init__.py",
            "blaxel_jobs_api/api/jobs/cancel_job_execution.py",
            "blaxel_jobs_api/api/jobs/get_job_execution.py",
            "blaxel_jobs_api/api/jobs/list_job_executions.py",
            "blaxel_jobs_api/client.py",
            "blaxel_jobs_api/errors.py",
            "blaxel_jobs_api/models/__init__.py",
            "blaxel_jobs_api/models/job_execution.py",
            "blaxel_jobs_api/models/job_execution_env_override.py",
            "blaxel_jobs_api/models/job_execution_list.py",
            "blaxel_jobs_api/models/job_execution_metadata.py",
            "blaxel_jobs_api/models/job_execution_spec.py",
            "blaxel_jobs_api/models/job_execution_stats.py",
            "blaxel_jobs_api/models/job_execution_status.py",
            "blaxel_jobs_api/models/job_execution_task.py",
            "blaxel_jobs_api/models/job_execution_task_condition.py",
            "blaxel_jobs_api/models/job_execution_task_metadata.py",
            "blaxel_jobs_api/models/job_execution_task_spec.py",
            "blaxel_jobs_api/models/job_execution_task_status.py",
            "blaxel_jobs_api/models/list_job_executions_sort.py",
            "blaxel_jobs_api/models/pagination_meta.py",
            "blaxel_jobs_api/py.typed",
            "blaxel_jobs_api/pydantic_models.py",
            "blaxel_jobs_api/types.py",
        ]
    )


def test_nothing_of_this_machine(folder: Path) -> None:
    """No path and no user of this machine gets into the output."""
    home = str(Path.home()).encode()
    marks = [str(folder).encode(), str(contracts.ROOT).encode(), sys.prefix.encode()]
    marks += [home] if len(home) > 5 else []
    assert [p for p, data in contents(folder).items() if any(m in data for m in marks)] == []


def test_nothing_for_other_linters(folder: Path) -> None:
    """No file switches a linter's rule off: what vendors the client reports that as unused."""
    assert [path for path, data in contents(folder).items() if b"noqa" in data] == []


def test_same_bytes_elsewhere(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another folder, hash seed, time zone and locale, and ruff settings above change nothing."""
    monkeypatch.setenv("PYTHONHASHSEED", "4711")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 40\nindent-width = 2\n")
    contracts.generate(contracts.contract(), Path("blaxel_jobs_api"))
    assert contents(tmp_path / "blaxel_jobs_api") == contents(folder / "blaxel_jobs_api")


ATTRS = """
from blaxel_jobs_api.models import JobExecution
found = JobExecution.from_dict(value)
"""
PYDANTIC = """
from blaxel_jobs_api.pydantic_models import JobExecution
found = JobExecution.model_validate(value)
"""
MODELS = pytest.mark.parametrize("models", [ATTRS, PYDANTIC], ids=["attrs", "pydantic"])


@MODELS
def test_known_values(folder: Path, models: str) -> None:
    """Known members get their types: enums, nested classes, the map of variables."""
    code = models + (
        "task = found.spec.tasks[0]\n"
        "json.dump([type(found.status).__name__, type(task.status).__name__,"
        " type(found.spec.env_override).__name__, found.metadata.id], sys.stdout)"
    )
    assert run(folder, code, EXECUTION) == [
        "JobExecutionStatus",
        "JobExecutionTaskStatus",
        "JobExecutionEnvOverride",
        "exec-abc123",
    ]


@MODELS
def test_unheard_of_values(folder: Path, models: str) -> None:
    """What the vendor may send tomorrow, and null for every part, is read without an error."""
    value = {
        "metadata": None,
        "spec": {"envOverride": '{"MY_VAR": "***"}', "tasks": [{"status": "paused"}, {}]},
        "status": "hibernating",
        "stats": None,
        "tasks": None,
    }
    code = models + (
        "json.dump([found.status, found.spec.tasks[0].status, found.spec.env_override,"
        " found.metadata, found.stats, found.tasks], sys.stdout)"
    )
    assert run(folder, code, value) == [
        "hibernating",
        "paused",
        '{"MY_VAR": "***"}',
        None,
        None,
        None,
    ]


def test_pydantic_keeps_what_it_does_not_know(folder: Path) -> None:
    """A round trip through the models by their aliases loses nothing."""
    code = PYDANTIC + "json.dump(found.model_dump(by_alias=True, exclude_unset=True), sys.stdout)"
    assert run(folder, code, EXECUTION) == EXECUTION


def test_without_pydantic(folder: Path) -> None:
    """Without pydantic the import fails with the extra to install, and the rest works."""
    code = (
        "sys.modules['pydantic'] = None\n"
        "import blaxel_jobs_api.models\n"
        "try:\n    import blaxel_jobs_api.pydantic_models\n"
        "except ImportError as error:\n    json.dump(str(error), sys.stdout)"
    )
    assert run(folder, code) == snapshot(
        "blaxel_jobs_api.pydantic_models needs pydantic 2: pip install 'blaxel-jobs[pydantic]'"
    )


def test_failing_hook(tmp_path: Path) -> None:
    """A hook that fails stops the pipeline at its line of the configuration."""
    config = tmp_path / "config.yaml"
    config.write_text("post_hooks:\n  - ruff check --isolated --no-such-option .\n")
    with pytest.raises(PipelineError, match=r"(?s)^config\.yaml:2: ruff failed.*no-such-option"):
        contracts.generate(contracts.contract(), tmp_path / "out", config)


def test_giving_up(tmp_path: Path) -> None:
    """Generators that are no longer needed do not go on working."""
    document = profile(contracts.contract())
    generation = package.start(CONFIG, tmp_path / "out")
    generation.ask(document)
    generation.stop()
    assert generation.attrs_client.process.poll() is not None
    assert generation.models.process.poll() is not None


def test_other_names(tmp_path: Path) -> None:
    """A component that only refers to another is its class, by another name, in both packages."""
    contract = contracts.contract()
    schemas = contract["components"]["schemas"]
    schemas["Task"] = {"$ref": "#/components/schemas/JobExecutionTask"}
    schemas["Work"] = {"$ref": "#/components/schemas/Task"}
    schemas["TaskState"] = {"$ref": "#/components/schemas/JobExecutionTaskStatus"}
    schemas["Endless"] = {"$ref": "#/components/schemas/Endless"}
    contracts.generate(contract, tmp_path / "blaxel_jobs_api")
    code = """
from blaxel_jobs_api import models, pydantic_models
for one in (models, pydantic_models):
    assert one.Work is one.Task is one.JobExecutionTask
    assert one.TaskState is one.JobExecutionTaskStatus
    assert not hasattr(one, "Endless")
assert {"Work", "Task", "TaskState"} <= {*models.__all__}
print(1)
"""
    assert run(tmp_path, code)
    assert not (tmp_path / "blaxel_jobs_api/models/task.py").exists()
