"""The vendor's pages change, and the client keeps working: from the site to the client.

A site on loopback serves the pages of an API; in a copy of the checkout `make fetch`,
`make generate`, `make snapshots` and tests of the client follow, as a maintainer would run them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import indent
from typing import Any, Literal

import pytest

from tests.change.api import CANCEL, CREATE, GET, LIST, TASKS, document
from tests.pipeline.fetching.site import Reply, Site, html, markdown, running_site
from tests.pipeline.rendering.documents import html_page, markdown_page, text_page
from tests.pipeline.rendering.renderer import Json, Style
from tests.pipeline.rendering.variants import converted, early_2025, glued

Edit = Callable[[Json], object]
Form = Literal["md", "text", "enums shown", "2024", "early 2025", "converted"]
Checkout = Path

CLIENT_TESTS = (
    "-m",
    "not deep",
    "tests/client/test_calls.py::test_cancel",
    "tests/client/test_calls.py::test_headers",
    "tests/client/test_calls.py::test_get",
)
"""With the snapshots' tests, what tells whether the client still works: all take a minute."""


@dataclass(frozen=True)
class Change:
    """What the site shows after a change, what the change asks of callers, and what is then true.

    `beside` are the pages of other operations, by their forms. `then` is a test of the new client:
    `cancelled(**members)` is a cancel that is answered with such an execution.
    """

    form: Form = "md"
    edit: Edit = lambda document: None
    beside: dict[tuple[str, str], Form] = field(default_factory=dict)
    bumps: tuple[str, ...] = ("none", "patch")
    then: str = ""


def schema(document: Json, name: str) -> Json:
    return document["components"]["schemas"][name]


def properties(document: Json, name: str = "JobExecution") -> Json:
    return schema(document, name)["properties"]


def tasks(document: Json) -> Json:
    return properties(document)["tasks"]


def cancel(document: Json) -> Json:
    path, method = CANCEL
    return document["paths"][path][method]


def put(target: Callable[[Json], Json], **members: Any) -> Edit:
    """Return the edit that sets members of a part of the API."""
    return lambda document: target(document).update(members)


def rename(target: Callable[[Json], Json], old: str, new: str) -> Edit:
    """Return the edit that gives a member another name, in its place."""

    def edit(document: Json) -> None:
        members = target(document)
        renamed = {new if key == old else key: value for key, value in members.items()}
        members.clear()
        members.update(renamed)

    return edit


def one_more_status(document: Json) -> None:
    properties(document)["status"]["enum"].insert(1, "paused")


def one_more_task_status(document: Json) -> None:
    properties(document, "JobExecutionTask")["status"]["enum"].append("skipped")


def one_more_depth(document: Json) -> None:
    task = {"$ref": "#/components/schemas/JobExecutionTask"}
    properties(document, "JobExecutionTask")["children"] = {"type": "array", "items": task}


def one_more_parameter(document: Json) -> None:
    more = {"name": "reason", "in": "query", "description": "Why", "schema": {"type": "string"}}
    cancel(document)["parameters"] = [*cancel(document)["parameters"], more]


def one_more_error(document: Json) -> None:
    cancel(document)["responses"]["409"] = {"description": "It has ended already"}


FIELD = {"type": "integer", "description": "How urgent it is"}
SEES_FIELD = "assert cancelled(priority=7).priority == 7"
SEES_PAUSED = """
from blaxel_jobs_api.models import JobExecutionStatus
assert cancelled(status="paused").status is JobExecutionStatus.PAUSED
"""
SEES_LIST = "from blaxel_jobs_api.api.jobs import list_job_executions"

CHANGES = {
    # The same API in another form asks for nothing.
    "as it is": Change("text"),
    "as .md": Change("md"),
    "enums in samples": Change("enums shown"),
    "text of 2024": Change("2024"),
    "text of early 2025": Change("early 2025"),
    "converted to Markdown": Change("converted"),
    "description, md": Change("md", put(tasks, description="The tasks")),
    "one more error": Change("md", one_more_error),
    "another operationId": Change("md", put(cancel, operationId="StopJobExecution")),
    "another tag": Change("md", put(cancel, tags=["executions"])),
    # Pages of other operations beside it.
    "get, text": Change("text", beside={GET: "text"}),
    "get, mixed": Change("text", beside={GET: "md"}),
    "list, md": Change("md", beside={LIST: "md"}, bumps=("minor",), then=SEES_LIST),
    "all, mixed": Change("md", beside={GET: "text", LIST: "md", CREATE: "text", TASKS: "md"},
                         bumps=("minor",), then=SEES_LIST),
    # Changes of what the operation does.
    "new field, text": Change("text", put(properties, priority=FIELD), bumps=("minor",),
                              then=SEES_FIELD),
    "new field, md": Change("md", put(properties, priority=FIELD), bumps=("minor",),
                            then=SEES_FIELD),
    "new nested field": Change(
        "md", lambda d: properties(d, "JobExecutionStats").update(skipped={"type": "integer"}),
        bumps=("minor",), then="assert cancelled(stats={'skipped': 4}).stats.skipped == 4"),
    "new status, text": Change("text", one_more_status, bumps=("minor",), then=SEES_PAUSED),
    "new status, md": Change("md", one_more_status, bumps=("minor",), then=SEES_PAUSED),
    "new status of a task": Change(
        "md", one_more_task_status, bumps=("minor",),
        then="assert cancelled(tasks=[{'status': 'skipped'}]).tasks[0].status == 'skipped'"),
    "tasks within tasks": Change(
        "md", one_more_depth, bumps=("minor",),
        then="task, = cancelled(tasks=[{'children': [{'status': 'failed'}]}]).tasks\n"
             "assert task.children[0].status == 'failed'"),
    "renamed nested field": Change(
        "md", rename(lambda d: properties(d, "JobExecutionStats"), "success", "succeeded"),
        bumps=("major",), then="assert cancelled(stats={'succeeded': 4}).stats.succeeded == 4"),
    "renamed field": Change(
        "text", rename(properties, "stats", "statistics"), bumps=("major",),
        then="assert cancelled(statistics={'total': 4}).statistics.total == 4"),
    "title, text": Change("text", put(cancel, summary="Stop job execution")),
    "parameter, md": Change("md", one_more_parameter, bumps=("minor",)),
}  # fmt: skip


# The site, and the copy of the checkout


TEST = """
import httpx
from blaxel_jobs import ApiKey, JobsClient

def cancelled(**members):
    def answer(request):
        assert request.method == "DELETE"
        assert request.url.path == "/v0/jobs/j/executions/e"
        return httpx.Response(200, json={"metadata": {}, "spec": {}, **members})
    with JobsClient(ApiKey("k"), transport=httpx.MockTransport(answer)) as jobs:
        return jobs.cancel("j", "e")

def test_after_every_change():
    assert cancelled(status="cancelling").status == "cancelling"
    assert cancelled(status="of tomorrow").status == "of tomorrow"
    assert cancelled(tasks=[{"status": "of tomorrow"}]).tasks[0].status == "of tomorrow"
    assert cancelled(spec={"envOverride": {"A": "1"}}).spec.env_override["A"] == "1"

def test_after_this_change():
"""


@pytest.fixture
def checkout(checkout: Checkout) -> Checkout:
    """The checkout, in which `.before.yaml` is the contract as it was."""
    shutil.copy2(checkout / "spec/openapi.yaml", checkout / ".before.yaml")
    return checkout


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as site:
        yield site


def run(checkout: Checkout, *command: str) -> str:
    """Run a command as a maintainer would, and return what it printed; it must succeed."""
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("MAKE", "PYTEST_")) and key != "MFLAGS"
    }
    done = subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def make(checkout: Checkout, target: str) -> str:
    # -o: the tools here are links to those of the real checkout, never to be set up anew.
    return run(checkout, "make", "-o", ".venv/.stamp", "-o", ".tools/.stamp", target)


def slug(operation: tuple[str, str]) -> str:
    path, method = operation
    return re.sub(r"\W+", "-", str(document()["paths"][path][method]["summary"]).lower())


_TEXTS: dict[Form, Callable[[str], str]] = {
    "2024": glued, "early 2025": early_2025, "converted": converted
}  # fmt: skip


def serve(site: Site, api: Json, operation: tuple[str, str], form: Form) -> None:
    """Serve an operation's page; its `.md` form, too, where that is the form that is asked for."""
    path = f"/{slug(operation)}"
    style = Style(enums_in_samples=form == "enums shown")
    text = text_page(api, *operation, style)
    text = _TEXTS[form](text) if form in _TEXTS else text
    site.serve(path, Reply(200, html_page(text), html()))
    if form == "md":
        site.serve(f"{path}.md", Reply(200, markdown_page(api, *operation).encode(), markdown()))
    else:
        site.replies.pop(f"{path}.md", None)


def list_sources(checkout: Checkout, site: Site, operations: list[tuple[str, str]]) -> None:
    """Let `make fetch` know these operations' pages on the site, as those of today."""
    entries = [
        f"  - url: {site.url}/{slug(one)}\n    file: {slug(one)}.txt\n    form: any\n"
        "    captured_on: null\n    etag: null\n    last_modified: null\n"
        for one in operations
    ]
    (checkout / "spec/sources.yaml").write_text("pages:\n" + "".join(entries))


def follow(checkout: Checkout, site: Site, change: Change, api: Json) -> str:
    """Let the site show a change, and do what a maintainer does; return the run's words."""
    forms: dict[tuple[str, str], Form] = {CANCEL: change.form, **change.beside}
    for operation, form in forms.items():
        serve(site, api, operation, form)
    make(checkout, "fetch")
    return produce(checkout, change)


def produce(checkout: Checkout, change: Change) -> str:
    """Do what a maintainer does with the pages that are there; return what the run printed."""
    output = make(checkout, "generate")
    make(checkout, "snapshots")
    own = "tests/client/test_changed.py"
    (checkout / own).write_text(TEST + indent(change.then or "pass", "    "))
    run(checkout, str(checkout / ".venv/bin/pytest"), "-q", *CLIENT_TESTS, own)
    return output


def rating(checkout: Checkout, before: str = ".before.yaml") -> tuple[str, list[str]]:
    python = str(checkout / ".venv/bin/python")
    output = run(checkout, python, "-m", "scripts", "diff", before, "spec/openapi.yaml", "--json")
    value = json.loads(output)
    return value["bump"], value["reasons"]


@pytest.mark.parametrize("name", CHANGES)
def test_change(name: str, checkout: Checkout, site: Site) -> None:
    """A change of the site's pages gives a client that works, under the names it had."""
    change, api = CHANGES[name], document()
    change.edit(api)
    list_sources(checkout, site, [CANCEL, *change.beside])
    follow(checkout, site, change, api)
    bump, reasons = rating(checkout)
    assert bump in change.bumps, reasons


def test_change_on_top_of_a_change(checkout: Checkout, site: Site) -> None:
    """The site goes over to .md, then a status comes: a client each time."""
    api = document()
    list_sources(checkout, site, [CANCEL])
    follow(checkout, site, CHANGES["as .md"], api)
    assert (checkout / "spec/docs/cancel-job-execution.md").is_file()
    shutil.copy2(checkout / "spec/openapi.yaml", checkout / ".first.yaml")
    one_more_status(api)
    follow(checkout, site, CHANGES["new status, md"], api)
    assert rating(checkout, ".first.yaml")[0] == "minor"


def pages(checkout: Checkout) -> list[str]:
    return sorted(path.name for path in (checkout / "spec/docs").iterdir())


def test_there_and_back(checkout: Checkout, site: Site) -> None:
    """Text, .md from the site, saved HTML, text: each with a change of its own, none is lost."""
    api, seen = document(), ""
    list_sources(checkout, site, [CANCEL])
    docs = checkout / "spec/docs"
    for number, suffix in enumerate(("txt", "md", "html", "txt")):
        name = f"priority{number}"
        properties(api)[name] = FIELD
        seen += f"assert cancelled({name}=7).{name} == 7\n"
        change = Change(then=seen)
        if suffix == "md":
            follow(checkout, site, change, api)
        else:
            for path in docs.iterdir():
                path.unlink()
            text = text_page(api, *CANCEL)
            page = html_page(text) if suffix == "html" else text.encode()
            (docs / f"cancel-job-execution.{suffix}").write_bytes(page)
            produce(checkout, change)
        assert pages(checkout) == [f"cancel-job-execution.{suffix}"]
        assert rating(checkout)[0] == "minor"
        shutil.copy2(checkout / "spec/openapi.yaml", checkout / ".before.yaml")
