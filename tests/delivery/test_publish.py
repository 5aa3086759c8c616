"""Publishing to a real package index, and what is refused before it."""

from __future__ import annotations

import hashlib
import json
import os
import ssl
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from scripts.failure import PipelineError
from scripts.release.package_index import index_of
from tests import ROOT
from tests.client import fault_server
from tests.client.fault_server import execution, serving
from tests.delivery.index_server import (
    PASSWORD,
    USER,
    IndexServer,
    serving_devpi,
    serving_index,
    serving_tls,
)

UV = ROOT / ".tools/bin/uv"


def tag(checkout: Path) -> None:
    """Set the tag of the version that the checkout has."""
    version = json.loads((checkout / "dist/build.json").read_text())["version"]
    subprocess.run(["git", "tag", "--force", f"v{version}"], cwd=checkout, check=True)


@pytest.fixture
def built(built: Path) -> Path:
    """A build of a release."""
    tag(built)
    return built


@pytest.fixture
def index(tmp_path: Path) -> Iterator[IndexServer]:
    """An empty index, which needs the password for uploads."""
    with serving_index(tmp_path / "index") as server:
        yield server


def run(
    checkout: Path, *arguments: str, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts", *arguments],
        cwd=checkout,
        env={"PATH": os.environ["PATH"], "HOME": str(checkout), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def settings(index: IndexServer, password: str = PASSWORD) -> dict[str, str]:
    return {
        "UV_PUBLISH_URL": index.url,
        "UV_PUBLISH_USERNAME": USER,
        "UV_PUBLISH_PASSWORD": password,
    }


def publish(
    checkout: Path, index: IndexServer, password: str = PASSWORD
) -> subprocess.CompletedProcess[str]:
    return run(checkout, "publish", environment=settings(index, password))


def names(index: IndexServer) -> list[str]:
    return sorted(path.name for path in index.folder.iterdir())


def commit(checkout: Path, message: str = "change") -> None:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost"]
    subprocess.run(["git", "add", "-A"], cwd=checkout, check=True)
    subprocess.run(["git", *identity, "commit", "-qm", message], cwd=checkout, check=True)


def test_from_the_build_to_a_cancel(built: Path, index: IndexServer, tmp_path: Path) -> None:
    """Published once, skipped the second time, installed by pip and by uv, and it cancels."""
    refused = publish(built, index, "wr0ng-password")
    assert refused.returncode == 1
    assert "403" in refused.stderr
    assert "wr0ng-password" not in refused.stderr + refused.stdout
    assert names(index) == []

    first = publish(built, index)
    assert first.returncode == 0, first.stderr
    assert PASSWORD not in first.stderr + first.stdout
    assert len(names(index)) == 2

    again = publish(built, index)
    assert again.returncode == 0, again.stderr
    assert again.stderr.count("is there already") == 2

    for tool in ("pip", "uv"):
        check_installed(tool, index, tmp_path / tool)


def check_installed(tool: str, index: IndexServer, folder: Path) -> None:
    """Install from the index, then cancel with what was installed."""
    subprocess.run([UV, "venv", "-q", "-p", sys.executable, folder], check=True)
    python = folder / "bin/python"
    # What the package depends on is taken from here: there is no network but loopback.
    options = ["--no-deps", "--index-url", index.simple, "blaxel-jobs"]
    if tool == "pip":
        pip = ["-m", "pip", "--python", str(python), "install", "-q", "--isolated", *options]
        subprocess.run([sys.executable, *pip], check=True)
    else:
        environment = {"PATH": os.environ["PATH"], "UV_NO_CACHE": "1"}
        command = [str(UV), "pip", "install", "-q", "--no-config", "-p", str(python), *options]
        subprocess.run(command, check=True, env=environment)
    site = next((folder / "lib").glob("python*/site-packages"))
    ours = next(Path(entry) for entry in sys.path if entry.endswith("site-packages"))
    (site / "dependencies.pth").write_text(f"{ours}\n")
    program = (
        "import sys, blaxel_jobs as b; j = b.JobsClient(b.ApiKey('k'), base_url=sys.argv[1]);"
        "print(b.__file__, j.cancel('job', 'exec').status)"
    )
    with serving(execution()) as server:
        done = subprocess.run(
            [python, "-c", program, server.url], capture_output=True, text=True, check=True
        )
    file, status = done.stdout.split()
    assert file.startswith(str(site))
    assert status == "cancelling"


def test_other_bytes_under_the_same_version(built: Path, index: IndexServer) -> None:
    """A version never changes: a build of another content is refused, and nothing uploaded."""
    assert publish(built, index).returncode == 0
    before = {path.name: path.read_bytes() for path in index.folder.iterdir()}
    with (built / "README.md").open("a") as file:
        file.write("\nOne more line.\n")
    commit(built)
    assert run(built, "build", environment={}).returncode == 0
    tag(built)
    done = publish(built, index)
    assert done.returncode == 1
    assert "is taken" in done.stderr
    assert {path.name: path.read_bytes() for path in index.folder.iterdir()} == before


def test_completed_after_a_part(built: Path, index: IndexServer) -> None:
    """Where one of two files arrived, running it again brings the other."""
    wheel = next((built / "dist").glob("*.whl"))
    (index.folder / wheel.name).write_bytes(wheel.read_bytes())
    done = publish(built, index)
    assert done.returncode == 0, done.stderr
    assert f"is there already: {wheel.name}" in done.stderr
    assert len(names(index)) == 2


def test_tampered_build(built: Path, index: IndexServer) -> None:
    """An artefact that was changed after the build is refused."""
    wheel = next((built / "dist").glob("*.whl"))
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("blaxel_jobs/extra.py", "")
    done = publish(built, index)
    assert done.returncode == 1
    assert f"dist/{wheel.name}: has changed since it was built" in done.stderr
    assert names(index) == []


def test_file_of_another_build(built: Path, index: IndexServer) -> None:
    """A file that this build did not make is refused."""
    (built / "dist/blaxel_jobs-9.9.9.tar.gz").write_bytes(b"")
    done = publish(built, index)
    assert done.returncode == 1
    assert "dist/blaxel_jobs-9.9.9.tar.gz: is not from this build" in done.stderr


def test_changes_that_are_not_committed(built: Path, index: IndexServer) -> None:
    """A checkout with a new file is refused, and the file named."""
    (built / "overrides/blaxel_jobs/new.py").write_text("")
    done = publish(built, index)
    assert done.returncode == 1
    assert "overrides/blaxel_jobs/new.py" in done.stderr


def test_build_of_another_commit(built: Path, index: IndexServer) -> None:
    """A build that is older than the commit is refused."""
    (built / "README.md").write_text("# new\n")
    commit(built)
    done = publish(built, index)
    assert done.returncode == 1
    assert "the build is not of this commit" in done.stderr


def test_no_build(checkout: Path, index: IndexServer) -> None:
    """Without a build there is nothing to publish."""
    done = publish(checkout, index)
    assert done.returncode == 1
    assert "make build" in done.stderr


def test_version_that_was_released_with_another_content(built: Path, index: IndexServer) -> None:
    """The package has changed since the tag of its version: the version has to go up first."""
    with (built / "README.md").open("a") as file:
        file.write("\nOne more line.\n")
    commit(built)
    assert run(built, "build", environment={}).returncode == 0
    done = publish(built, index)
    assert done.returncode == 1
    assert "make release" in done.stderr
    assert names(index) == []


def test_version_without_a_tag(built: Path, index: IndexServer) -> None:
    """What was not released is not published."""
    version = json.loads((built / "dist/build.json").read_text())["version"]
    subprocess.run(["git", "tag", "--delete", f"v{version}"], cwd=built, check=True)
    done = publish(built, index)
    assert done.returncode == 1
    assert f"there is no tag v{version}" in done.stderr
    assert names(index) == []


@pytest.fixture
def devpi(tmp_path: Path) -> Iterator[str]:
    """The URL of an empty index of devpi, which lets files be replaced."""
    with serving_devpi(tmp_path / "devpi") as url:
        yield url


def at_devpi(url: str, **others: str) -> dict[str, str]:
    return {
        "UV_PUBLISH_URL": url,
        "UV_PUBLISH_CHECK_URL": f"{url}+simple/",
        "UV_PUBLISH_USERNAME": USER,
        "UV_PUBLISH_PASSWORD": PASSWORD,
        **others,
    }


def test_devpi_never_replaces(built: Path, devpi: str) -> None:
    """Its simple index is at +simple: at simple there is nothing, and nothing is believed of it."""
    elsewhere = at_devpi(devpi)
    del elsewhere["UV_PUBLISH_CHECK_URL"]
    refused = run(built, "publish", environment=elsewhere)
    assert refused.returncode == 1
    assert f"{devpi}simple/: is no simple index" in refused.stderr

    first = run(built, "publish", environment=at_devpi(devpi))
    assert first.returncode == 0, first.stderr
    there = index_of(at_devpi(devpi), None).published("blaxel-jobs")
    assert len(there) == 2
    again = run(built, "publish", environment=at_devpi(devpi))
    assert again.stderr.count("is there already") == 2, again.stderr

    with (built / "README.md").open("a") as file:
        file.write("\nOne more line.\n")
    commit(built)
    assert run(built, "build", environment={}).returncode == 0
    tag(built)
    for environment in (at_devpi(devpi), elsewhere):
        assert run(built, "publish", environment=environment).returncode == 1
    assert index_of(at_devpi(devpi), None).published("blaxel-jobs") == there


@pytest.mark.parametrize("kind", ["pypiserver", "devpi"])
def test_private_authority(
    built: Path, tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    """An index whose certificate a company signed is published to by way of SSL_CERT_FILE."""
    authority = trustme.CA()
    authorities = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(authorities))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    plain = (
        request.getfixturevalue("devpi") if kind == "devpi"
        else request.getfixturevalue("index").url + "/"
    )  # fmt: skip
    with serving_tls(plain, tls) as url:
        simple = "+simple/" if kind == "devpi" else "simple/"
        environment = at_devpi(url, UV_PUBLISH_CHECK_URL=f"{url}{simple}")
        refused = run(built, "publish", environment=environment)
        assert refused.returncode == 1
        assert "its certificate is refused" in refused.stderr
        assert "SSL_CERT_FILE" in refused.stderr
        trusted = {**environment, "SSL_CERT_FILE": str(authorities)}
        done = run(built, "publish", environment=trusted)
        assert done.returncode == 0, done.stderr
        again = run(built, "publish", environment=trusted)
        assert again.stderr.count("is there already") == 2, again.stderr


@pytest.mark.parametrize(
    "page",
    [
        "<title>Sign in</title><a href='/forgotten'>Forgotten?</a>",
        "<title>Sign in</title>",
        "<a href='/simple/'>the simple index</a><a href='/packages/'>all files</a>",
        "<a href='/p/other-1.0.tar.gz'>other-1.0.tar.gz</a>",
        "{}",
        '{"projects": []}',
        '{"files": [], "meta": {}}',
        "[",
    ],
)
@pytest.mark.parametrize("status", [200, 404, 302])
def test_page_that_is_no_index(page: str, status: int) -> None:
    """Nothing is taken for free because a page that is no simple index does not have it."""
    kind = "application/json" if page[0] in "{[" else "text/html"
    headers = {"content-type": kind, "location": "http://localhost:9/sign-in"}
    with serving(*[fault_server.answer(status, page.encode(), **headers)] * 9) as server:
        target = index_of({"UV_PUBLISH_URL": server.url, **CREDENTIALS}, None)
        with pytest.raises(PipelineError, match="is no simple index"):
            target.published("blaxel-jobs")


@pytest.mark.parametrize(
    "page",
    [
        "<title>Simple Index</title>",
        "<meta name='pypi:repository-version' content='1.0'><title>Simple Index</title>",
        "<a href='/simple/other/'>Other</a><a href='a.b/'>a-b</a>",
        '{"meta": {"api-version": "1.0"}, "projects": []}',
    ],
)
def test_index_without_the_project(page: str) -> None:
    """An index that lists other projects, or none, has nothing of this one."""
    kind = "application/vnd.pypi.simple.v1+json" if page[0] == "{" else "text/html"
    root = fault_server.answer(200, page.encode(), **{"content-type": kind})
    with serving(fault_server.answer(404), fault_server.answer(404), root) as server:
        target = index_of({"UV_PUBLISH_URL": server.url, **CREDENTIALS}, None)
        assert target.published("blaxel-jobs") == {}


def test_index_without_a_root() -> None:
    """An index that lists no projects is known by a dependency that it has."""
    page = b"<a href='httpx-0.28.1-py3-none-any.whl'>httpx-0.28.1-py3-none-any.whl</a>"
    dependency = fault_server.answer(200, page, **{"content-type": "text/html"})
    with serving(fault_server.answer(404), dependency) as server:
        target = index_of({"UV_PUBLISH_URL": server.url, **CREDENTIALS}, None)
        assert target.published("blaxel-jobs") == {}


def test_index_that_is_not_there(built: Path, index: IndexServer) -> None:
    """An index that does not answer is a problem with its address, not a traceback."""
    gone = {**settings(index), "UV_PUBLISH_URL": "http://127.0.0.1:9/"}
    done = run(built, "publish", environment=gone)
    assert done.returncode == 1
    assert "http://127.0.0.1:9/simple/" in done.stderr
    assert "Traceback" not in done.stderr


CREDENTIALS = {"UV_PUBLISH_USERNAME": "u", "UV_PUBLISH_PASSWORD": "the-password"}


def public_host() -> str:
    from twine.utils import DEFAULT_REPOSITORY

    return DEFAULT_REPOSITORY.split("/")[2]


@pytest.mark.parametrize(
    "spelling",
    [
        "https://{host}/legacy/",
        "https://{domain}/legacy/",
        "https://test.{domain}/legacy/",
        "https://{HOST}/legacy/",
        "https://{host}./legacy/",
        "https://{host}:443/legacy/",
        "http://{host}/",
        "https://user@{host}/legacy/",
    ],
)
def test_public_index(spelling: str) -> None:
    """However it is spelt, the public index is not published to unless it is asked for by name."""
    host = public_host()
    url = spelling.format(host=host, HOST=host.upper(), domain=host.partition(".")[2])
    with pytest.raises(PipelineError, match="is the public index"):
        index_of({"UV_PUBLISH_URL": url, **CREDENTIALS}, None)


def test_public_index_by_name() -> None:
    """Asked for by its name, it is."""
    assert public_host() in index_of(CREDENTIALS, "pypi").upload_url


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "UV_PUBLISH_URL is not set"),
        ({"UV_PUBLISH_URL": "  "}, "UV_PUBLISH_URL is not set"),
        ({"UV_PUBLISH_URL": "http://packages.example.com/"}, "plain http"),
        ({"UV_PUBLISH_URL": "packages.example.com"}, "https://"),
        ({"UV_PUBLISH_URL": "https://a:the-password@packages.example.com/"}, "user or password"),
        ({"UV_PUBLISH_URL": "https://[::1/"}, "not a valid URL"),
        ({"UV_PUBLISH_URL": "https://p.example/", "UV_PUBLISH_PASSWORD": ""}, "no credentials"),
        ({"UV_PUBLISH_URL": "https://p.example/", "UV_PUBLISH_TOKEN": "the-password"}, "both"),
    ],
)
def test_settings(options: dict[str, str], message: str) -> None:
    """Settings that are not safe, or not there, are reported without their secrets."""
    with pytest.raises(PipelineError, match=message) as caught:
        index_of({**CREDENTIALS, **options}, None)
    assert "the-password" not in str(caught.value)


def test_digest_where_the_index_has_none(built: Path, tmp_path: Path) -> None:
    """An index whose pages have no digests is read as far as its files."""
    with serving_index(tmp_path / "other", protected="update,list,download") as index:
        assert publish(built, index).returncode == 0
        target = index_of(settings(index), None)
        files = target.published("blaxel-jobs")
    for name, digest in files.items():
        assert digest == hashlib.sha256((index.folder / name).read_bytes()).hexdigest()
