"""What a maintainer does in a checkout: change a page, generate, read what changed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = "spec/docs/cancel-job-execution.txt"


def run(checkout: Path, *command: str) -> subprocess.CompletedProcess[str]:
    # Nothing of the make and the pytest that run this test.
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "PYTEST_"))}
    return subprocess.run(
        command, cwd=checkout, capture_output=True, text=True, check=False, env=environment
    )


def generate(checkout: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return run(checkout, sys.executable, "-m", "scripts", "generate", *options)


def make(checkout: Path, target: str) -> subprocess.CompletedProcess[str]:
    # -o: the tools here are links to those of the real checkout, never to be set up anew.
    return run(checkout, "make", "-o", ".venv/.stamp", "-o", ".tools/.stamp", target)


def changed(checkout: Path) -> str:
    return run(checkout, "git", "status", "--porcelain").stdout


def edit(checkout: Path, old: str, new: str) -> None:
    page = checkout / PAGE
    text = page.read_text()
    assert old in text
    page.write_text(text.replace(old, new, 1))


def test_nothing_changed(checkout: Path) -> None:
    """Produced files are what the pipeline produces: another run changes nothing and says so."""
    done = generate(checkout)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "up to date: nothing changed")
    assert changed(checkout) == ""


def test_additions(checkout: Path) -> None:
    """A status and a field that the page has now arrive in contract, client and models."""
    edit(checkout, "queued,\n", "queued,\npaused,\n")
    edit(checkout, "\ntasks\nobject[]\n", "\npriority\ninteger\n\nHow urgent\n\ntasks\nobject[]\n")
    done = generate(checkout)
    assert done.returncode == 0
    assert re.search(r"changed spec/openapi.yaml  \+\d+ -0$", done.stderr, re.M)
    for name in (
        "spec/openapi.yaml",
        "generated/blaxel_jobs_api/models/job_execution_status.py",
        "generated/blaxel_jobs_api/pydantic_models.py",
    ):
        assert "paused" in (checkout / name).read_text()
    model = (checkout / "generated/blaxel_jobs_api/models/job_execution.py").read_text()
    assert re.search(r"priority: int \|.* Unset = UNSET", model)


def test_renamed_field(checkout: Path) -> None:
    """A field that the page renamed is renamed in the generated model.

    What the overlay says of the old name is left out, with a notice of its line.
    """
    edit(checkout, '"parallelism": 5', '"parallelTasks": 5')
    done = generate(checkout)
    assert done.returncode == 0
    model = (checkout / "generated/blaxel_jobs_api/models/job_execution_spec.py").read_text()
    assert re.search(r"parallel_tasks: int \|.* Unset = UNSET", model)
    assert "parallelism" not in model
    notice = r"describes the property 'parallelism' of JobExecutionSpec"
    assert re.search(rf"spec/overlay.yaml:\d+: .*{notice}", done.stderr)
    assert re.search(notice, (checkout / "spec/REPORT.md").read_text())


def test_damaged_page(checkout: Path) -> None:
    """A damaged page is exit code 1 with file and line, and nothing is replaced."""
    edit(checkout, "read-only", "readonly")
    done = generate(checkout)
    assert done.returncode == 1
    assert f"{PAGE}:134: " in done.stderr
    assert "Traceback" not in done.stderr
    assert changed(checkout) == f" M {PAGE}\n"


def test_unknown_key_of_the_generator(checkout: Path) -> None:
    """A key that openapi-python-client does not know is refused with its line."""
    with (checkout / "generator-config.yaml").open("a") as file:
        file.write("literal_enum: true\n")
    done = generate(checkout)
    assert done.returncode == 1
    assert "generator-config.yaml:" in done.stderr
    assert "literal_enum" in done.stderr


def test_check(checkout: Path) -> None:
    """`--check` fails on a produced file that was edited by hand, names it and leaves it."""
    model = checkout / "generated/blaxel_jobs_api/models/job_execution.py"
    model.write_text(model.read_text() + "# edited\n")
    done = generate(checkout, "--check")
    assert done.returncode == 1
    assert "changed generated/blaxel_jobs_api/models/job_execution.py  +0 -1" in done.stderr
    assert model.read_text().endswith("# edited\n")


def test_stray_file_is_removed(checkout: Path) -> None:
    """The generated folder holds what was generated, and nothing else."""
    stray = checkout / "generated/blaxel_jobs_api/models/stray.py"
    stray.write_text("")
    assert generate(checkout).returncode == 0
    assert not stray.exists()


def test_make_help(checkout: Path) -> None:
    """`make help` lists the targets with a line each."""
    done = make(checkout, "help")
    targets = [line.split()[0] for line in done.stdout.splitlines()]
    assert {"generate", "test", "check", "snapshots", "build", "lock", "clean"} <= set(targets)


@pytest.mark.deep  # tests/delivery has more of it, and test_wheel.py of the wheel
def test_make_build(checkout: Path) -> None:
    """`make build` writes wheel, sdist, bill of materials and what they were built from."""
    assert make(checkout, "build").returncode == 0
    suffixes = sorted(path.suffix for path in (checkout / "dist").iterdir())
    assert suffixes == [".gz", ".json", ".json", ".whl"]


def test_make_snapshots(checkout: Path) -> None:
    """`make snapshots` accepts what is there now: a contract that changed, and nothing else."""
    with (checkout / "spec/openapi.yaml").open("a") as file:
        file.write("# changed\n")
    done = make(checkout, "snapshots")
    assert done.returncode == 0
    assert changed(checkout) == " M spec/openapi.yaml\n M tests/snapshots/openapi.yaml\n"
    assert done.stdout.endswith(" M tests/snapshots/openapi.yaml\n")
    assert "# changed" in (checkout / "tests/snapshots/openapi.yaml").read_text()


def test_names_that_were_published(checkout: Path) -> None:
    """The names of a run are kept by the next; a file of them that is broken stops it."""
    page = (checkout / PAGE).read_text().replace("executions", "logs").replace("execution", "log")
    (checkout / "spec/docs/logs.txt").write_text(page)
    assert generate(checkout).returncode == 0
    names = checkout / "spec/names.yaml"
    text = names.read_text()
    assert "operation: DELETE /jobs/{jobId}/logs/{logId}" in text
    assert generate(checkout, "--check").returncode == 0
    names.write_text(text.replace("\n  JobLogStats:", "\n  Numbers:"))
    assert generate(checkout).returncode == 0
    assert (checkout / "generated/blaxel_jobs_api/models/numbers.py").is_file()
    (checkout / "spec/docs/logs.txt").unlink()
    done = generate(checkout)
    assert done.returncode == 0
    assert "names that were published are gone" in done.stderr
    assert "cancelJobLog" in done.stderr
    names.write_text("schemas: [\n")
    done = generate(checkout)
    assert done.returncode == 1
    assert "spec/names.yaml:2: " in done.stderr
    assert "Traceback" not in done.stderr
