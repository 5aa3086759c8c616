"""Lines of the hand-written layer that need a name which a run takes away."""

from __future__ import annotations

from pathlib import Path

from scripts.generation import usage


def _contract(*properties: str) -> dict[str, object]:
    schema = {"type": "object", "properties": {name: {} for name in properties}}
    return {"paths": {}, "components": {"schemas": {"Job": schema}}}


def test_removed_names() -> None:
    """A name that only the old contract has is lost; a new one is not."""
    assert usage.removed_names(_contract("id", "status"), _contract("id", "state")) == [
        "Job.status"
    ]


def test_names_of_another_kind() -> None:
    """An operation that answers with something else, or a property that is, is what it was."""

    def contract(answer: object, status: object) -> dict[str, object]:
        response = {"200": {"content": {"application/json": {"schema": answer}}}}
        operation = {"operationId": "cancel", "responses": response}
        properties = {"status": status, "tasks": {"type": "array", "items": {"type": "string"}}}
        return {
            "paths": {"/": {"delete": operation}},
            "components": {"schemas": {"Job": {"properties": properties}}},
        }

    job, text = {"$ref": "#/components/schemas/Job"}, {"type": "string"}
    old = contract(job, text)
    assert usage.removed_names(old, contract(job, {**text, "description": "Another"})) == []
    envelope = contract({"type": "object", "properties": {"data": job}}, {"type": "object"})
    assert usage.removed_names(old, envelope) == ["cancel as Job", "Job.status as string"]


def test_lines(tmp_path: Path) -> None:
    """Each attribute and import that is gone is reported with file and line."""
    layer, package = tmp_path / "overrides/layer", tmp_path / "new/package"
    for folder in (layer, package):
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("")
    (package / "models.py").write_text("class Job:\n    state: str = ''\n")
    (layer / "use.py").write_text(
        "from package.models import Job, Task\n\n\ndef f(job: Job) -> str:\n    return job.status\n"
    )
    found = usage.uses_of(tmp_path, tmp_path / "new", ["Job.status", "Task"])
    assert [(one.file, one.line) for one in found] == [
        ("overrides/layer/use.py", 1),
        ("overrides/layer/use.py", 5),
    ]
    assert "Task" in found[0].what
    assert "status" in found[1].what
    assert found[0].hint is not None
    assert "Job.status" in found[0].hint


def test_calls(tmp_path: Path) -> None:
    """A line that hands on an operation whose answer is another is named, imports are not."""
    layer = tmp_path / "overrides/layer"
    layer.mkdir(parents=True)
    (layer / "use.py").write_text("from api import cancel_job\n\nperform(cancel_job, 'cancel')\n")

    def contract(**answers: object) -> dict[str, object]:
        return {"paths": {"/": {"delete": {"operationId": "cancelJob", "responses": answers}}}}

    job = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Job"}}}}
    changed = usage.changed_operations(contract(**{"200": job}), contract(**{"204": {}}))
    (found,) = usage.calls_of(tmp_path, changed)
    assert (found.file, found.line) == ("overrides/layer/use.py", 3)
    assert found.what == "cancel_job answers with nothing now"
    shared = contract(**{"200": {"$ref": "#/components/responses/Job"}})
    same = [contract(**{"200": job}), contract(default=job)]
    same.append({**shared, "components": {"responses": {"Job": job}}})
    text = {"content": {"text/plain": {"schema": {"type": "string"}}, **job["content"]}}
    same.append(contract(**{"200": text}))
    assert [usage.changed_operations(same[0], one) for one in same] == [{}] * 4


def test_what_a_call_needs() -> None:
    """A parameter or a body that must be there is news; what every request has anyway is not."""

    def contract(*parameters: object, **more: object) -> dict[str, object]:
        operation = {"operationId": "cancelJob", "parameters": [job, *parameters], **more}
        components = {"parameters": {"Workspace": workspace}}
        return {"paths": {"/{job}": {"delete": operation}}, "components": components}

    job = {"name": "job", "in": "path", "required": True}
    workspace = {"name": "X-Blaxel-Workspace", "in": "header", "required": True}
    reference = {"$ref": "#/components/parameters/Workspace"}
    force = {"name": "force", "in": "query", "required": True}
    old, new = contract(), contract(force, reference, requestBody={"required": True})
    assert usage.changed_operations(old, new) == {
        "cancelJob": "needs the query parameter 'force', a body"
    }
    assert usage.changed_operations(old, contract({**force, "required": False})) == {}
    assert usage.changed_operations(new, old) == {"cancelJob": "lacks the query parameter 'force'"}
    assert usage.changed_operations(old, contract(deprecated=True)) == {
        "cancelJob": "is deprecated"
    }


def test_a_parameter_of_another_type() -> None:
    """An id that is a number now is news to what hands over a text."""

    def contract(kind: str) -> dict[str, object]:
        job = {"name": "job", "in": "path", "required": True, "schema": {"type": kind}}
        return {"paths": {"/{job}": {"get": {"operationId": "getJob", "parameters": [job]}}}}

    changed = usage.changed_operations(contract("string"), contract("integer"))
    assert changed == {"getJob": "needs the path parameter 'job' as integer"}
    assert usage.changed_operations(contract("integer"), contract("integer")) == {}


def test_values(tmp_path: Path) -> None:
    """The address and the lists of statuses that are spelt out are named where they have changed.

    A word of its own may be anything: `failed` alone is no list of statuses.
    """
    layer = tmp_path / "overrides/layer"
    layer.mkdir(parents=True)
    (layer / "use.py").write_text(
        "BASE = 'https://api.x.test/v0'\nENDS = frozenset(\n    {'done', 'failed'}\n)\n"
        "OTHER = ['done', 'else']\nFAILED = 'failed'\n"
    )

    def contract(version: str, *statuses: str) -> dict[str, object]:
        schemas = {"Status": {"type": "string", "enum": [*statuses]}}
        servers = [{"url": f"https://api.x.test/{version}"}]
        return {"servers": servers, "components": {"schemas": schemas}}

    def found(version: str, *statuses: str) -> list[tuple[int | None, str]]:
        new = contract(version, *statuses)
        notices = usage.values_of(tmp_path, contract("v0", "new", "done", "failed"), new)
        assert all(one.file == "overrides/layer/use.py" for one in notices)
        return [(one.line, one.what) for one in notices]

    assert found("v0", "done", "failed", "new") == []
    assert found("v1", "new", "done", "failed") == [(1, "the API is at https://api.x.test/v1 now")]
    what = "Status has 'lost' now and has 'failed' no more"
    assert found("v0", "new", "done", "lost") == [(3, what)]


def test_nothing_is_lost(tmp_path: Path) -> None:
    """Where no name goes, nothing is asked."""
    assert usage.uses_of(tmp_path, tmp_path, []) == []
