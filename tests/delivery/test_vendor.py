"""A copy of the package inside a service."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from scripts.failure import PipelineError
from scripts.vendoring.copy import MANIFEST, check, vendor
from scripts.vendoring.http_library import retargeted
from scripts.vendoring.relative_imports import made_relative
from tests.client.fault_server import execution, serving
from tests.delivery.index_server import serving_index

PACKAGES = ("blaxel_jobs", "blaxel_jobs_api")
BIN = Path(sys.executable).parent


@pytest.fixture
def wheel(built: Path) -> Path:
    """The built wheel."""
    return next((built / "dist").glob("*.whl"))


@pytest.fixture
def copy(wheel: Path, tmp_path: Path) -> Path:
    """A copy in `service/deep/_vendor`, three packages down."""
    for name in ("service", "service/deep"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    destination = tmp_path / "service/deep/_vendor"
    vendor(wheel, destination)
    return destination


def other_version(wheel: Path, folder: Path, version: str, **changes: str | None) -> Path:
    """Return a wheel of another version; `changes` are files below blaxel_jobs, None to drop."""
    import base64
    import hashlib

    folder.mkdir()
    new = folder / f"blaxel_jobs-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as source:
        files = {name: source.read(name) for name in source.namelist()}
    info = next(name.partition("/")[0] for name in files if ".dist-info/" in name)
    lines = files[f"{info}/METADATA"].decode().splitlines(keepends=True)
    lines = [f"Version: {version}\n" if line.startswith("Version: ") else line for line in lines]
    files[f"{info}/METADATA"] = "".join(lines).encode()
    files["blaxel_jobs/_version.py"] = f'__version__ = "{version}"\n'.encode()
    for name, text in changes.items():
        files.pop(f"blaxel_jobs/{name}.py", None)
        if text is not None:
            files[f"blaxel_jobs/{name}.py"] = text.encode()
    record = f"{info}/RECORD"
    rows = [f"{record},,\n"]
    for name, data in files.items():
        if name != record:
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.append(f"{name},sha256={digest},{len(data)}\n")
    files[record] = "".join(rows).encode()
    with zipfile.ZipFile(new, "w") as target:
        for name, data in files.items():
            target.writestr(name, data)
    return new


def python(folder: Path, code: str, *arguments: str) -> str:
    """Run code where only the copy and its dependencies can be imported."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_cancel_with_the_copy(copy: Path, tmp_path: Path) -> None:
    """The copy cancels, at its depth of packages, and nothing else of ours is imported."""
    code = (
        "import sys\n"
        "from service.deep._vendor.blaxel_jobs import ApiKey, JobsClient\n"
        "import service.deep._vendor.blaxel_jobs.testing\n"
        "with JobsClient(ApiKey('key'), base_url=sys.argv[1]) as jobs:\n"
        "    print(jobs.cancel('job', 'exec').status)\n"
        "assert not {name for name in sys.modules if name.startswith('blaxel')}\n"
    )
    with serving(execution()) as server:
        assert python(tmp_path, code, server.url) == "cancelling"


def test_two_versions_in_one_process(wheel: Path, copy: Path, tmp_path: Path) -> None:
    """Two copies of two versions live side by side; each has errors of its own, which pickle."""
    newer = other_version(wheel, tmp_path / "wheels", "99.0.0")
    vendor(newer, tmp_path / "service/_newer")
    code = (
        "import pickle\n"
        "from service.deep._vendor import blaxel_jobs as old\n"
        "from service._newer import blaxel_jobs as new\n"
        "assert old.NotFoundError is not new.NotFoundError\n"
        "error = new.APITimeoutError('m', may_have_been_processed=True)\n"
        "assert type(pickle.loads(pickle.dumps(error))) is new.APITimeoutError\n"
        "for kit in (old, new):\n"
        "    kit.JobsClient(kit.ApiKey('key')).close()\n"
        "print(new.__version__, old.__version__ != new.__version__)\n"
    )
    assert python(tmp_path, code) == "99.0.0 True"


def test_command_of_the_copy(copy: Path, tmp_path: Path) -> None:
    """The operator's command works in the copy, too."""
    command = [sys.executable, "-m", "service.deep._vendor.blaxel_jobs", "--version"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def bare(tmp_path: Path, http: str) -> Path:
    """The Python of an environment with what a copy needs: no stubs, no pydantic."""
    ours = Path(sysconfig.get_path("purelib"))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    site = next((tmp_path / "bare/lib").glob("python*/site-packages"))
    needed = "anyio attr attrs certifi dateutil h11 idna six.py truststore typing_extensions.py"
    needed += " httpcore2 httpx2" if http == "httpx2" else " httpcore httpx"
    for name in needed.split():
        (site / name).symlink_to(ours / name)
    return tmp_path / "bare/bin/python"


@pytest.mark.parametrize("http", ["httpx", "httpx2"])
def test_types_of_the_copy(wheel: Path, copy: Path, bare: Path, http: str, tmp_path: Path) -> None:
    """The copy is clean under mypy --strict and pyright, in a service that has what it needs."""
    vendor(wheel, copy, http=http)
    (tmp_path / "service/use.py").write_text(
        "from service.deep._vendor.blaxel_jobs import JobsClient\n\n\n"
        "def stop(jobs: JobsClient) -> str:\n"
        '    return str(jobs.cancel("job", "exec").status)\n'
    )
    mypy = [str(BIN / "mypy"), "--strict", "--no-incremental", "--config-file=", "-p", "service"]
    mypy += ["--python-executable", str(bare)]
    done = subprocess.run(mypy, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    (tmp_path / "pyrightconfig.json").write_text(json.dumps({"include": ["service"]}))
    pyright = [str(BIN / "pyright"), "--pythonpath", str(bare)]
    done = subprocess.run(pyright, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_pydantic_models_are_asked_for(wheel: Path, copy: Path) -> None:
    """The pydantic models are in a copy only where they were asked for, and work there."""
    models = copy / "blaxel_jobs_api/pydantic_models.py"
    assert not models.exists()
    vendor(wheel, copy, pydantic=True)
    assert check(wheel, copy)
    code = "from service.deep._vendor.blaxel_jobs_api.pydantic_models import JobExecution"
    python(copy.parents[2], code)
    vendor(wheel, copy)
    assert not models.exists()


def libraries(copy: Path) -> set[str]:
    """Return the HTTP libraries that the modules of a copy import."""
    found = set()
    for path in copy.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names.append(str(node.module))
            found |= {name for name in names if name.startswith(("httpx", "httpcore"))}
    return found


def test_copy_on_httpx2(wheel: Path, copy: Path) -> None:
    """A copy for httpx2 imports that alone, generated code too; the manifest and the check know."""
    assert libraries(copy) == {"httpx", "httpcore"}
    done = vendor(wheel, copy, http="httpx2")
    assert libraries(copy) == {"httpx2", "httpcore2"}
    assert "import httpx2 as httpx\n" in (copy / "blaxel_jobs_api/client.py").read_text()
    assert done.http == json.loads((copy / MANIFEST).read_text())["http"] == "httpx2"
    assert check(wheel, copy, http="httpx2") == check(wheel, copy)
    with pytest.raises(PipelineError, match="was vendored for httpx2, not for httpx"):
        check(wheel, copy, http="httpx")


def test_upgrade_keeps_the_library(wheel: Path, copy: Path) -> None:
    """Vendored again without a library, a copy keeps the one that it has; named, it goes back."""
    before = {path: path.read_bytes() for path in copy.rglob("*.py")}
    vendor(wheel, copy, http="httpx2")
    assert vendor(wheel, copy).http == "httpx2"
    assert vendor(wheel, copy, http="httpx").http == "httpx"
    assert {path: path.read_bytes() for path in copy.rglob("*.py")} == before


def test_copy_of_before(wheel: Path, copy: Path) -> None:
    """A manifest that names no library is of a copy on httpx."""
    manifest = copy / MANIFEST
    known = json.loads(manifest.read_text())
    del known["http"]
    manifest.write_text(json.dumps(known))
    assert check(wheel, copy, http="httpx")
    with pytest.raises(PipelineError, match="was vendored for httpx, not for httpx2"):
        check(wheel, copy, http="httpx2")


def test_wheel_of_two_libraries(wheel: Path, tmp_path: Path) -> None:
    """A wheel in which generated and hand-written code name different libraries is refused."""
    mixed = other_version(wheel, tmp_path / "wheels", "99.0.0", _extra="import httpx2\n")
    with pytest.raises(PipelineError, match=r"httpx in .*, httpx2 in blaxel_jobs/_extra\.py"):
        vendor(mixed, tmp_path / "place")
    assert not (tmp_path / "place").exists()


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("import httpx", "import httpx2 as httpx"),
        ("import httpx as h", "import httpx2 as h"),
        ("import httpcore", "import httpcore2 as httpcore"),
        ("def f():\n    import httpx; x = 'é'", "def f():\n    import httpx2 as httpx; x = 'é'"),
        ("from httpx import Client", "from httpx2 import Client"),
        ("from httpx._types import A", "from httpx2._types import A"),
        ("import httpx2", "import httpx2"),
        ("import httpx2 as httpx", "import httpx2 as httpx"),
        ("import httpx_tools\nx = 'import httpx'", "import httpx_tools\nx = 'import httpx'"),
        ("from . import httpx", "from . import httpx"),
    ],
)
def test_imports_of_httpx2(source: str, result: str) -> None:
    """Imports of httpx become imports of httpx2, and names stay; all else stays, too."""
    assert retargeted(source, "a.py", "httpx2") == result
    back = retargeted(result, "a.py", "httpx")
    assert "import httpx2" not in back
    assert "httpx2 as" not in back


@pytest.mark.parametrize("source", ["import httpx, os", "import os, httpx", "import httpx._types"])
def test_imports_that_cannot_be_retargeted(source: str) -> None:
    """What binds a name that cannot be kept is refused with its line."""
    with pytest.raises(PipelineError, match=r"a\.py:2: this import cannot be made one of httpx2"):
        retargeted(f"x = 1\n{source}", "a.py", "httpx2")


def test_manifest_and_licence(wheel: Path, copy: Path) -> None:
    """The manifest names version, wheel and files; the licence comes along."""
    import hashlib

    manifest = json.loads((copy / MANIFEST).read_text())
    assert manifest["sha256"] == hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert manifest["wheel"] == wheel.name
    assert {"blaxel_jobs/_client.py", "blaxel_jobs_api/py.typed"} <= set(manifest["files"])
    assert list((copy / "licenses/blaxel-jobs").iterdir())


def test_same_again_is_no_change(wheel: Path, copy: Path) -> None:
    """Vendoring the same wheel twice leaves the same bytes."""
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    vendor(wheel, copy)
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


def test_upgrade_removes_what_the_wheel_lacks(wheel: Path, copy: Path, tmp_path: Path) -> None:
    """An upgrade in place brings the new version, and takes away files that it has no more."""
    extra = other_version(wheel, tmp_path / "with", "98.0.0", _extra="VALUE = 1\n")
    vendor(extra, copy)
    assert (copy / "blaxel_jobs/_extra.py").exists()
    done = vendor(other_version(wheel, tmp_path / "without", "99.0.0"), copy)
    assert (done.before, done.version) == ("98.0.0", "99.0.0")
    assert not (copy / "blaxel_jobs/_extra.py").exists()
    assert not list(copy.parent.glob(".vendor-*"))


def test_check(wheel: Path, copy: Path) -> None:
    """A copy as it was vendored passes; byte code beside it does no harm."""
    (copy / "blaxel_jobs/__pycache__").mkdir()
    (copy / "blaxel_jobs/__pycache__/x.pyc").touch()
    assert check(wheel, copy)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda copy: (copy / "blaxel_jobs/_retry/backoff.py").open("a").close(), None),
        (
            lambda copy: (copy / "blaxel_jobs/_retry/backoff.py").write_text(""),
            r"backoff\.py: was edited",
        ),
        (
            lambda copy: (copy / "blaxel_jobs/_retry/backoff.py").unlink(),
            r"backoff\.py: is missing",
        ),
        (lambda copy: (copy / "blaxel_jobs/mine.py").touch(), r"mine\.py: was added"),
        (lambda copy: (copy / "mine.py").touch(), r"mine\.py: was added"),
        (lambda copy: (copy / MANIFEST).unlink(), "not a vendored copy"),
    ],
)
def test_check_names_damage(wheel: Path, copy: Path, damage: object, message: str | None) -> None:
    """What was edited, is missing or was added is named."""
    assert callable(damage)
    damage(copy)
    if message is None:
        assert check(wheel, copy)
        return
    with pytest.raises(PipelineError, match=message):
        check(wheel, copy)


def test_check_with_another_wheel(wheel: Path, copy: Path, tmp_path: Path) -> None:
    """A copy of another wheel is not up to date."""
    newer = other_version(wheel, tmp_path / "wheels", "99.0.0")
    with pytest.raises(PipelineError, match="another wheel"):
        check(newer, copy)


def test_local_edits_are_kept(wheel: Path, copy: Path) -> None:
    """Edited files are replaced only by force."""
    edited = copy / "blaxel_jobs/_retry/backoff.py"
    edited.write_text("# mine\n")
    with pytest.raises(PipelineError, match="local edits"):
        vendor(wheel, copy)
    assert edited.read_text() == "# mine\n"
    vendor(wheel, copy, force=True)
    assert edited.read_text() != "# mine\n"


@pytest.mark.parametrize("kind", ["folder", "file", "link", "manifest of others"])
def test_what_is_not_ours(wheel: Path, tmp_path: Path, kind: str) -> None:
    """A place that is not ours is never overwritten, not even by force."""
    place = tmp_path / "place"
    if kind == "file":
        place.write_text("theirs")
    else:
        folder = tmp_path / "theirs" if kind == "link" else place
        folder.mkdir()
        (folder / "theirs.py").write_text("theirs")
        if kind == "link":
            place.symlink_to(folder)
        if kind == "manifest of others":
            (folder / MANIFEST).write_text('{"name": "other"}')
    with pytest.raises(PipelineError):
        vendor(wheel, place, force=True)
    assert (place if kind == "file" else place / "theirs.py").read_text() == "theirs"


def test_wheel_that_was_tampered_with(wheel: Path, tmp_path: Path) -> None:
    """A file with another digest than the RECORD gives is refused."""
    bad = tmp_path / wheel.name
    shutil.copy2(wheel, bad)
    with zipfile.ZipFile(bad, "a") as archive:
        archive.writestr("blaxel_jobs/extra.py", "")
    with pytest.raises(PipelineError, match=r"blaxel_jobs/extra\.py that differs"):
        vendor(bad, tmp_path / "place")
    assert not (tmp_path / "place").exists()


def test_path_that_leads_out(wheel: Path, tmp_path: Path) -> None:
    """A wheel that would write outside of its folder is refused."""
    bad = tmp_path / wheel.name
    shutil.copy2(wheel, bad)
    with zipfile.ZipFile(bad, "a") as archive:
        archive.writestr("blaxel_jobs/../../evil.py", "")
    with pytest.raises(PipelineError, match="outside of its packages"):
        vendor(bad, tmp_path / "place")


@pytest.mark.parametrize("content", [b"", b"no zip file", None])
def test_what_is_no_wheel(tmp_path: Path, content: bytes | None) -> None:
    """Something else than a wheel is distinguished from one."""
    bad = tmp_path / "x.whl"
    if content is None:
        with zipfile.ZipFile(bad, "w") as archive:
            archive.writestr("a/b.py", "")
    else:
        bad.write_bytes(content)
    with pytest.raises(PipelineError, match="is not a wheel"):
        vendor(bad, tmp_path / "place")


@pytest.mark.parametrize(
    ("path", "source", "result"),
    [
        ("blaxel_jobs/a.py", "from blaxel_jobs.b import c", "from ..blaxel_jobs.b import c"),
        ("blaxel_jobs/a.py", "from blaxel_jobs import b", "from ..blaxel_jobs import b"),
        ("blaxel_jobs/x/a.py", "from blaxel_jobs_api import b", "from ...blaxel_jobs_api import b"),
        ("blaxel_jobs/a.py", "import blaxel_jobs_api", "from .. import blaxel_jobs_api"),
        ("blaxel_jobs/a.py", "import blaxel_jobs_api.m as m", "from ..blaxel_jobs_api import m"),
        ("blaxel_jobs/a.py", "import blaxel_jobs.m as n", "from ..blaxel_jobs import m as n"),
        ("blaxel_jobs/a.py", "def f():\n    from blaxel_jobs import b", None),
        ("blaxel_jobs/a.py", "x = 'é'; from blaxel_jobs import b", None),
        ("blaxel_jobs/a.py", "from . import b\nimport blaxel_jobs_tools", "same"),
        ("blaxel_jobs/a.py", "x = 'import blaxel_jobs.b'", "same"),
    ],
)
def test_relative_imports(path: str, source: str, result: str | None) -> None:
    """Imports between the packages become relative; everything else stays."""
    expected = {"same": source, None: source.replace("from blaxel", "from ..blaxel")}
    assert made_relative(source, path, PACKAGES) == expected.get(result, result)


@pytest.mark.parametrize(
    "source",
    [
        "x = 1\nimport blaxel_jobs.b",
        "x = 1\nimport blaxel_jobs, os",
        "x = 1\nimportlib.import_module('blaxel_jobs.b')",
        "x = 1\n__import__('blaxel_jobs_api')",
        "x = 1\nimport_module(name='blaxel_jobs.b')",
        "x = 1\nimport_module('.models', 'blaxel_jobs_api')",
        "x = 1\nrunpy.run_module('blaxel_jobs')",
        "x = 1\nimportlib.metadata.version('blaxel-jobs')",
        "x = 1\nsys.modules['blaxel_jobs']",
        "x = 1\nfrom \\\n  blaxel_jobs import b",
    ],
)
def test_imports_without_a_relative_form(source: str) -> None:
    """What cannot be rewritten is refused with its line."""
    with pytest.raises(PipelineError, match=r"blaxel_jobs/a\.py:2: this import"):
        made_relative(source, "blaxel_jobs/a.py", PACKAGES)


def test_module_that_is_missing(wheel: Path, tmp_path: Path) -> None:
    """A wheel that lacks a file of its RECORD is refused."""
    short = tmp_path / wheel.name
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(short, "w") as target:
        for name in source.namelist():
            if name != "blaxel_jobs/_answer/decode.py":
                target.writestr(name, source.read(name))
    with pytest.raises(PipelineError, match=r"lacks blaxel_jobs/_answer/decode\.py"):
        vendor(short, tmp_path / "place")


def test_bytes_that_do_not_unpack(wheel: Path, tmp_path: Path) -> None:
    """A damaged archive is no wheel."""
    bad = tmp_path / wheel.name
    data = bytearray(wheel.read_bytes())
    data[200:400] = b"\xff" * 200
    bad.write_bytes(data)
    with pytest.raises(PipelineError):
        vendor(bad, tmp_path / "place")


@pytest.mark.parametrize("text", ["def f(:\n", "x = '\x00'\n"])
def test_module_that_is_no_python(wheel: Path, tmp_path: Path, text: str) -> None:
    """A module that cannot be read is refused by name."""
    bad = other_version(wheel, tmp_path / "wheels", "99.0.0", _extra=text)
    with pytest.raises(PipelineError, match=r"blaxel_jobs/_extra\.py"):
        vendor(bad, tmp_path / "place")


def test_the_vendoring_tool(wheel: Path, tmp_path: Path) -> None:
    """The tool `vendoring` takes the wheel, too, from a folder of wheels alone."""
    (tmp_path / "vendored").mkdir()
    version = wheel.name.split("-")[1]
    (tmp_path / "vendored/vendor.txt").write_text(f"blaxel-jobs=={version}\n")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.vendoring]\ndestination = "vendored/"\nrequirements = "vendored/vendor.txt"\n'
        'namespace = "vendored"\nprotected-files = ["vendor.txt"]\n'
    )
    done = subprocess.run(
        [BIN / "vendoring", "sync"],
        cwd=tmp_path,
        env={
            "PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(tmp_path), "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(wheel.parent), "PIP_CONFIG_FILE": "/dev/null",
        },
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / "vendored/__init__.py").touch()
    code = "from vendored.blaxel_jobs import JobsClient; print(JobsClient.__module__)"
    assert python(tmp_path, code) == "vendored.blaxel_jobs._client"


@pytest.mark.parametrize("option", ["WHEEL={wheel}", "VERSION={version}"])
def test_make(built: Path, wheel: Path, tmp_path: Path, option: str) -> None:
    """`make vendor` takes a wheel, or a version from the index that pip is configured for."""
    version = wheel.name.split("-")[1]
    with serving_index(tmp_path / "index") as index:
        shutil.copy2(wheel, index.folder)
        done = subprocess.run(
            [
                "make", "-o", ".venv/.stamp", "-o", ".tools/.stamp", "vendor",
                f"DEST={tmp_path / 'copy'}", option.format(wheel=wheel, version=version),
            ],
            cwd=built,
            env={
                "PATH": os.environ["PATH"], "PIP_INDEX_URL": index.simple,
                "PIP_CONFIG_FILE": "/dev/null", "PIP_NO_CACHE_DIR": "1",
            },
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert check(wheel, tmp_path / "copy") == version
