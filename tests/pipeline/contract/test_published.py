"""Names that were published stay, in whichever form a page is captured, whatever is beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.contract import names as names_file
from scripts.contract import pipeline, validation
from scripts.contract.merging.names import NO_NAMES, Names
from scripts.facts import plain
from scripts.failure import PipelineError
from tests.pipeline.rendering.documents import markdown_page, text_page

ORDER = {"type": "string", "enum": ["asc", "desc"]}
NAMED = {"type": "object", "additionalProperties": {"type": "string"}}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _operation(name: str, title: str, tag: str, schema: Any, **more: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    answer = {"200": {"description": "Fine", "content": content}}
    security: list[Any] = [{"Key": []}]
    return {"operationId": name, "summary": title, "tags": [tag], "security": security,
            "responses": answer, **more}  # fmt: skip


def _item(name: str) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}}]


LOAD = _object(weight={"type": "integer"}, note={"type": "string"}, by={"type": "string"})
BODY = {"content": {"application/json": {"schema": LOAD}}}
API: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Harbour", "version": "1"},
    "servers": [{"url": "https://api.harbour.test/v1"}],
    "paths": {
        "/crates": {
            # Page text names this by its title, the document by its id and another tag.
            "get": _operation(
                "CrateList", "List all crates", "Storage",
                _object(data={"type": "array", "items": _ref("Crate")}, meta=_ref("Page")),
                parameters=[{"name": "sort", "in": "query", "schema": ORDER}],
            ),
            "post": _operation("AddCrate", "Add a crate", "Storage", _ref("Crate"),
                               requestBody=BODY),
        },
        "/crates/{id}": {
            "get": _operation("GetCrate", "Get a crate", "Storage", _ref("Crate"),
                              parameters=_item("id")),
            "put": _operation("ChangeCrate", "Change a crate", "Storage", _ref("Crate"),
                              parameters=_item("id"), requestBody=BODY),
        },
        "/ships/{ship}": {
            "get": _operation("GetShip", "Get a ship", "Fleet", _ref("Vessel"),
                              parameters=_item("ship")),
        },
    },
    "components": {
        "securitySchemes": {"Key": {"type": "http", "scheme": "bearer"}},
        "schemas": {
            "Crate": _object(
                about=_ref("About"),
                state={"type": "string", "enum": ["full", "empty"]},
                hold=_object(deck={"type": "integer"}, lid=_object(shut={"type": "boolean"})),
                owners={"type": "array", "items": _object(name={"type": "string"})},
            ),
            "About": _object(id={"type": "string"}, labels=NAMED),
            "Vessel": _object(
                about=_ref("About"), flag={"type": ["object", "null"], "properties": {
                    "land": {"type": "string"}, "hoisted": {"type": "boolean"}}},
            ),
            "Page": _object(next={"type": "string"}, total={"type": "integer"}),
        },
    },
}  # fmt: skip


def _operations(api: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {
        op["operationId"]: (path, method)
        for path, item in api["paths"].items()
        for method, op in item.items()
    }


OPERATIONS = _operations(API)


def built(
    folder: Path, pages: dict[str, str], names: Names = NO_NAMES, api: dict[str, Any] = API
) -> pipeline.Built:
    """Return what pages give: the operation's id in the document leads to the page's form."""
    folder.mkdir(parents=True)
    for name, form in pages.items():
        page = (markdown_page if form == "md" else text_page)(api, *_operations(api)[name])
        (folder / f"{name}.{form}").write_text(page, encoding="utf-8")
    return pipeline.build(folder, [], root=folder, published=names, checks=(validation.problems,))


def schemas(found: pipeline.Built) -> dict[str, Any]:
    members: dict[str, Any] = plain(found.contract)["components"]["schemas"]
    return members


def operations(found: pipeline.Built) -> dict[tuple[str, str], tuple[str, str]]:
    """Return the id and the package of each operation, by path and method."""
    paths = plain(found.contract)["paths"]
    return {
        (path, method): (one["operationId"], one["tags"][0])
        for path, item in paths.items()
        for method, one in item.items()
    }


ALL = tuple(OPERATIONS)
SETS = {
    "text": dict.fromkeys(ALL, "txt"),
    "documents": dict.fromkeys(ALL, "md"),
    "one": {"GetCrate": "txt"},
    "mixed": {name: ("txt", "md")[n % 2] for n, name in enumerate(ALL)},
}


def changes() -> list[tuple[str, str, dict[str, str]]]:
    found = []
    for known, pages in SETS.items():
        for name in ALL:
            form = pages.get(name)
            for other in {"txt", "md"} - {form}:
                found.append((known, f"{name} as {other}", {**pages, name: other}))
            if form is not None and len(pages) > 1:
                left = {one: pages[one] for one in pages if one != name}
                found.append((known, f"without {name}", left))
    return found


@pytest.mark.parametrize(
    ("known", "pages"), [one[::2] for one in changes()], ids=[f"{a}, {b}" for a, b, _ in changes()]
)
def test_a_page_comes_goes_or_changes_its_form(
    tmp_path: Path, known: str, pages: dict[str, str]
) -> None:
    """Nothing is renamed that the pages still show, and another run changes nothing."""
    before = built(tmp_path / "before", SETS[known])
    after = built(tmp_path / "after", pages, before.published)
    again = built(tmp_path / "again", pages, after.published)
    assert plain(again.contract) == plain(after.contract)
    assert names_file.text(again.published) == names_file.text(after.published)
    assert [(one.what, one.line) for one in again.notices] == [
        (one.what, one.line) for one in after.notices
    ]
    was, now = operations(before), operations(after)
    assert {key: was[key] for key in was if key in now} == {
        key: now[key] for key in now if key in was
    }
    stay = {
        name
        for name, places in before.published.schemas.items()
        if any(place.value.split(".")[0] in {one for one, _ in now.values()} for place in places)
    }
    assert stay <= schemas(after).keys()
    assert not stay & set(after.gone)


def test_documents_in_place_of_text(tmp_path: Path) -> None:
    """Names of page text stay when all pages become documents; the vendor's own are not taken."""
    before = built(tmp_path / "before", SETS["text"])
    after = built(tmp_path / "after", SETS["documents"], before.published)
    assert operations(after)["/crates", "get"] == ("listAllCrates", "crates")
    assert schemas(before).keys() <= schemas(after).keys()
    assert after.gone == ()
    # What the vendor has once stands under one of the names, and the others lead to it.
    about = {name for name, one in schemas(after).items() if one == _ref("ShipAbout")}
    assert "CrateAbout" in about
    assert "properties" in schemas(after)["ShipAbout"]
    assert any("names of schemas stay as published" in one.what for one in after.notices)
    assert any("names of operations stay as published" in one.what for one in after.notices)


def test_documents_beside_text(tmp_path: Path) -> None:
    """All of a document that becomes a class is a component, as of page text."""
    found = schemas(built(tmp_path / "docs", SETS["documents"]))
    inline = {"AboutLabels", "CrateState", "CrateHold", "CrateHoldLid", "CrateOwner", "VesselFlag"}
    assert {*inline, "CrateListSort", "CrateList"} <= found.keys()
    assert found["VesselFlag"]["type"] == "object"
    flag = found["Vessel"]["properties"]["flag"]
    assert flag == {"anyOf": [_ref("VesselFlag"), {"type": "null"}]}


def test_two_of_one_title(tmp_path: Path) -> None:
    """The first run says of an operation what each later one does, so `--check` agrees."""
    api = {**API, "paths": {**API["paths"]}}
    ship = API["paths"]["/ships/{ship}"]["get"]
    api["paths"]["/ships/{ship}/crates"] = {"get": {**ship, "summary": "Get a crate"}}
    folder = tmp_path / "docs"
    folder.mkdir()
    for number, (path, method) in enumerate(
        [*OPERATIONS.values(), ("/ships/{ship}/crates", "get")]
    ):
        (folder / f"{number}.txt").write_text(text_page(api, path, method), encoding="utf-8")
    first = pipeline.build(folder, [], root=folder)
    again = pipeline.build(folder, [], root=folder, published=first.published)
    assert first.contract == again.contract
    assert first.notices == again.notices


def test_gone(tmp_path: Path) -> None:
    """What no page shows any more is named once, and its names are free again."""
    pages = {"GetShip": "txt", "GetCrate": "txt"}
    before = built(tmp_path / "before", pages)
    after = built(tmp_path / "after", {"GetCrate": "txt"}, before.published)
    assert {"getAShip", "Ship", "ShipFlag"} <= set(after.gone)
    assert not {"Ship", "ShipFlag"} & after.published.schemas.keys()
    assert built(tmp_path / "again", {"GetCrate": "txt"}, after.published).gone == ()


def test_a_class_that_stood_for_another(tmp_path: Path) -> None:
    """Where two were one, the name that operations showed stays when its own page goes."""
    before = built(tmp_path / "before", SETS["text"])
    assert schemas(before)["ChangeACrateRequest"] == _ref("AddACrateRequest")
    left = {name: form for name, form in SETS["text"].items() if name != "AddCrate"}
    after = built(tmp_path / "after", left, before.published)
    assert {"AddACrateRequest", "ChangeACrateRequest"} <= schemas(after).keys()
    assert built(tmp_path / "again", left, after.published).contract == after.contract


def test_maps_that_may_be_anything(tmp_path: Path) -> None:
    """Two maps are one class where they are values of the same property, and not elsewhere."""
    api = {**API, "paths": {"/ships/{ship}": API["paths"]["/ships/{ship}"]}}
    anything = {"type": "object"}
    members = {"labels": anything, "crew": {"type": "array", "items": anything}}
    vessel = _object(**members, hull=_object(labels=anything, deck={"type": "string"}))
    api["components"] = {**API["components"], "schemas": {"Vessel": vessel}}
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.md").write_text(markdown_page(api, "/ships/{ship}", "get"), encoding="utf-8")
    found = schemas(pipeline.build(folder, [], root=folder))
    assert found["VesselHullLabels"] == _ref("VesselLabels")
    assert found["VesselCrew"] == anything


def test_an_alternative_beside_a_component(tmp_path: Path) -> None:
    """What stands inline beside a reference in a union is called by its title."""
    api = {**API, "paths": {"/ships/{ship}": API["paths"]["/ships/{ship}"]}}
    other = {**_object(pennant={"type": "string"}), "title": "Sunk"}
    vessel = _object(last={"oneOf": [_ref("About"), other]})
    api["components"] = {**API["components"], "schemas": {
        "Vessel": vessel, "About": API["components"]["schemas"]["About"]}}  # fmt: skip
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.md").write_text(markdown_page(api, "/ships/{ship}", "get"), encoding="utf-8")
    found = schemas(pipeline.build(folder, [], root=folder))
    union = found["Vessel"]["properties"]["last"]["oneOf"]
    assert union == [_ref("About"), _ref("VesselLastSunk")]


def named(tmp_path: Path, text: str) -> Names:
    path = tmp_path / "names.yaml"
    path.write_text(text, encoding="utf-8")
    return names_file.read(path, "spec/names.yaml")


def test_file(tmp_path: Path) -> None:
    """What is written is what is read; where there is no file, nothing has been published."""
    before = built(tmp_path / "docs", SETS["mixed"]).published
    text = names_file.text(before)
    assert names_file.text(named(tmp_path, text)) == text
    assert names_file.read(tmp_path / "none.yaml") == NO_NAMES


def test_a_name_that_a_person_changes(tmp_path: Path) -> None:
    """A line of the file that is changed by hand renames, also where another has the name."""
    text = names_file.text(built(tmp_path / "docs", SETS["text"]).published)
    names = named(tmp_path, text.replace("  CrateHold:\n", "  ShipFlag:\n").replace(
        "  ShipFlag:\n    - Ship.flag\n", ""))  # fmt: skip
    found = schemas(built(tmp_path / "again", SETS["text"], names))
    assert str(_ref("ShipFlag")) in str(found["Crate"]["properties"]["hold"])
    assert str(_ref("ShipFlag2")) in str(found["Ship"]["properties"]["flag"])


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("operations: {}\nschemas: []\n", 2, "`schemas` must be an object"),
        ("operations: {}\nschemas:\n  A: 5\n", 3, "expected one or more places"),
        ("schemas:\n  A: ['b..c']\n", 2, "expected one or more places"),
        ("schemas:\n  A: [b]\n", 2, "expected one or more places"),
        ("operations:\n  a: {operation: /b, tag: c}\n", 2, "expected a method and a path"),
        ("operations:\n  a: {operation: GET /b}\n", 2, "`tag` is missing"),
        ("operations:\n  a: {operation: COPY /b, tag: c}\n", 2, "expected a method and a path"),
        ("operations:\n  a: {operation: 'GET /{}', tag: c}\n", 2, "expected a method and a path"),
        (
            "operations:\n  a: {operation: 'GET /{b}', tag: c}\n"
            "  d: {operation: 'GET /{e}', tag: c}\n",
            3,
            "is 'a' already, at spec/names.yaml:2",
        ),
        ("schemas:\n  'a b': [b.c]\n", 2, "no component can be called"),
        ("schemas:\n  ../a: [b.c]\n", 2, "no component can be called"),
        ("schemas:\n  __: [b.c]\n", 2, "no component can be called"),
        ("schemas:\n  Crate: [b.c]\n  crate: [b.d]\n", 3, "as 'Crate' does"),
        (f"schemas:\n  A: ['b.c|{'9' * 5000}']\n", 2, "expected one or more places"),
        ("schemas:\n  A: ['b.c|0']\n", 2, "expected one or more places"),
        ("schemes: {}\n", 1, "unknown key 'schemes'"),
        ("equal: {A: 5}\n", 1, "`A` must be a text"),
        ("<<<<<<< HEAD\nschemas: {}\n=======\n", 1, "not a mapping"),
        ("schemas:\n  A: [b.c]\n  A: [b.d]\n", 3, ""),
    ],
)
def test_broken_file(tmp_path: Path, text: str, line: int, what: str) -> None:
    """What is no file of names, such as a merge in progress, is an error at its line."""
    with pytest.raises(PipelineError) as caught:
        named(tmp_path, text)
    problem = caught.value.problems[0]
    assert (problem.file, problem.line) == ("spec/names.yaml", line)
    assert what in problem.what


def test_odd_property_names(tmp_path: Path) -> None:
    """Points, brackets and bars in names of properties are no steps of a place."""
    api = {**API, "paths": {"/ships/{ship}": API["paths"]["/ships/{ship}"]}}
    odd = "a.b[]|{c}\\"
    api["components"] = {
        **API["components"],
        "schemas": {"Vessel": _object(**{odd: _object(x={"type": "string"})})},
    }
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.md").write_text(markdown_page(api, "/ships/{ship}", "get"), encoding="utf-8")
    before = pipeline.build(folder, [], root=folder)
    (name,) = schemas(before).keys() - {"Vessel"}
    names = named(tmp_path, names_file.text(before.published).replace(f"  {name}:", "  Odd:"))
    found = schemas(pipeline.build(folder, [], root=folder, published=names))
    assert found["Vessel"]["properties"][odd] == _ref("Odd")


def _api(paths: dict[str, Any], members: dict[str, Any]) -> dict[str, Any]:
    return {**API, "paths": paths, "components": {**API["components"], "schemas": members}}


def _answers(found: pipeline.Built) -> dict[str, str]:
    """Return the path of each operation with the class that it answers with."""
    paths = plain(found.contract)["paths"]
    return {
        path: json.dumps(item["get"]["responses"]["200"]["content"]["application/json"]["schema"])
        for path, item in paths.items()
    }


def test_circle_of_schemas_that_are_renamed(tmp_path: Path) -> None:
    """Two schemas that refer to each other keep their names, whatever the vendor calls both."""

    def api(first: str, second: str) -> dict[str, Any]:
        get = _operation("GetIt", "Get it", "Fleet", _ref(first))
        members = {
            first: _object(b=_ref(second), x={"type": "string"}),
            second: _object(a=_ref(first), y={"type": "integer"}),
        }
        return _api({"/it": {"get": get}}, members)

    before = built(tmp_path / "a", {"GetIt": "md"}, api=api("Alpha", "Beta"))
    now = built(tmp_path / "b", {"GetIt": "md"}, before.published, api("Alfa", "Beth"))
    assert (now.gone, set(schemas(now))) == ((), {"Alpha", "Beta"})


SEALS = {
    f"Get{word}Seal": (f"/{word.lower()}s/{{id}}/seal", f"Get a seal of a {word.lower()}")
    for word in ("Crate", "Ship", "Box")
}


def _of_seals() -> dict[str, Any]:
    seal = _object(number={"type": "string"}, broken={"type": "boolean"})
    paths = {
        path: {"get": _operation(name, title, "Seals", seal, parameters=_item("id"))}
        for name, (path, title) in SEALS.items()
    }
    return _api(paths, {})


@pytest.mark.parametrize("form", ["txt", "md"])
@pytest.mark.parametrize("first", SEALS)
def test_an_equal_class_that_is_new(tmp_path: Path, first: str, form: str) -> None:
    """Of equal classes the one that was published first stands, whatever the others are called."""
    one = built(tmp_path / "one", {first: form}, api=_of_seals())
    all_pages = dict.fromkeys(SEALS, form)
    more = built(tmp_path / "more", all_pages, one.published, _of_seals())
    assert _answers(one).items() <= _answers(more).items()
    again = built(tmp_path / "again", all_pages, more.published, _of_seals())
    assert _answers(again) == _answers(more)


@pytest.mark.parametrize("form", ["txt", "md"])
@pytest.mark.parametrize("left", SEALS)
def test_pages_that_come_back(tmp_path: Path, left: str, form: str) -> None:
    """Pages that were away find the names that they had, and nothing takes them meanwhile."""
    pages = dict.fromkeys(SEALS, form)
    before = built(tmp_path / "before", pages, api=_of_seals())
    away = built(tmp_path / "away", {left: form}, before.published, _of_seals())
    back = built(tmp_path / "back", pages, away.published, _of_seals())
    assert _answers(away).items() <= _answers(before).items()
    assert set(schemas(back)) == set(schemas(before))
