from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import cache_from_source
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

from tests import ROOT

# Hypothesis also draws constants from the source of the modules that are loaded, which a test's
# neighbours decide: `derandomize` alone does not give the same examples in every order of tests.
pytest.MonkeyPatch().setattr(providers, "_get_local_constants", lambda: providers._local_constants)

# The first drawn text takes a second: the tables of all characters are made then. Of the machine
# nothing else is asked either: the same examples everywhere, however slow it is.
settings.register_profile(
    "project",
    max_examples=int(os.environ.get("PROPERTY_EXAMPLES", "30")),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# --hypothesis-profile=exploring: new examples on every run.
settings.register_profile("exploring", settings.get_profile("project"), derandomize=False)
settings.load_profile("project")

# A job that a shell runs in the background ignores Ctrl-C, and so would every process that the
# tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest: the other workers do the rest meanwhile."""
    items.sort(key=lambda item: "checkout" not in getattr(item, "fixturenames", ()))


MadeOnce = Callable[[str, Callable[[Path], object]], Path]
"""Returns a folder of this name for all tests of the run, which the function makes."""


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> MadeOnce:
    """Let the worker that needs a folder first make it, and the others wait until it is there."""
    import fcntl  # there is none on Windows, where the client's tests run

    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent

    def once(name: str, make: Callable[[Path], object]) -> Path:
        with (shared / f"{name}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (shared / name).exists():
                made = tmp_path_factory.mktemp(name) / "made"
                make(made)
                made.rename(shared / name)
        return shared / name

    return once


@pytest.fixture(scope="session")
def _copied_once(made_once: MadeOnce) -> Path:
    return made_once("copied", copy_of_checkout)


@pytest.fixture(scope="session")
def _checkout(_copied_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_again(_copied_once, tmp_path_factory.mktemp("once") / "checkout")


@pytest.fixture
def checkout(_checkout: Path) -> Iterator[Path]:
    """A copy of the checkout's files, committed, with the tools that are set up already.

    Its files are put back after the test, its history is not: tests/delivery has its own.
    """
    yield _checkout
    kept = [f"--exclude={name}" for name in (".venv", ".tools", "*.pyc")]
    for command in (["reset", "-q", "--hard"], ["clean", "-qfdx", *kept]):
        subprocess.run(["git", *command], cwd=_checkout, check=True)


@pytest.fixture(scope="session")
def _built_once(_copied_once: Path, made_once: MadeOnce) -> Path:
    def build(folder: Path) -> None:
        command = [sys.executable, "-m", "scripts", "build", "--quiet"]
        subprocess.run(command, cwd=copy_again(_copied_once, folder), check=True)

    return made_once("built", build)


@pytest.fixture
def built(_built_once: Path, tmp_path: Path) -> Path:
    """A committed checkout with its build in dist/, for this test alone."""
    return copy_again(_built_once, tmp_path / "built")


def copy_again(source: Path, destination: Path) -> Path:
    """Copy a copy of the checkout to a folder that is not there yet."""
    return shutil.copytree(source, destination, symlinks=True, copy_function=_link_or_copy)


def _link_or_copy(source: str, destination: str) -> None:
    """Link what is replaced and never written to: half of all files."""
    if source.endswith(".pyc") or "/.git/objects/" in source:
        os.link(source, destination)
    else:
        shutil.copy2(source, destination)


def copy_of_checkout(folder: Path) -> None:
    """Copy the checkout's files to a folder that is not there yet, and commit them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        # Compiled modules, too: most of what a run of the copy would take.
        for one in (name, cache_from_source(name)) if name.endswith(".py") else (name,):
            if (ROOT / one).is_file():
                (folder / one).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / one, folder / one)
    for name in (".tools", ".venv"):
        if (ROOT / name).exists():
            (folder / name).symlink_to(ROOT / name)
    with (folder / ".gitignore").open("a") as file:
        file.write("/.tools\n/.venv\n")  # links here, which the patterns of folders do not match
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "copy"]):
        identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost"]
        subprocess.run(["git", *identity, *command], cwd=folder, check=True)
