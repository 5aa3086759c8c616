"""What generators stumble over: generated once, then read, written and put on the wire."""

from __future__ import annotations

import enum
import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from scripts import documents
from tests.conftest import MadeOnce
from tests.pipeline.contracts import generate

CONTRACT = Path(__file__).with_name("odd.yaml")
PACKAGE = "odd_client"


@pytest.fixture(scope="session")
def folder(made_once: MadeOnce) -> Path:
    """Return the folder above the generated package."""

    def make(above: Path) -> None:
        document = documents.read(CONTRACT).value
        generate(document, above / PACKAGE)

    return made_once("odd", make)


@pytest.fixture
def imported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the function that imports a module of the package."""
    monkeypatch.syspath_prepend(str(folder))

    def module(name: str) -> ModuleType:
        return importlib.import_module(f"{PACKAGE}.{name}")

    return module


ZOO: dict[str, Any] = {
    "constant": "park",
    "constants": [1, 2],
    "choice": "p",
    "some": [{"kind": "dog", "barks": "b"}],
    "pets": [{"kind": "cat", "meows": "m"}, {"kind": "dog", "barks": "b"}, {"kind": "owl"}],
    "wild": {"beast": "lion", "roars": "r"},
    "heir": {"sort": "ox", "horn": "h"},
    "inline": {"t": "b", "y": 1},
    "anything": [{"a": 1}],
    "nothing": 5,
    "things": [1, "a", {}],
    "note": {"text": "t"},
    "same": {"text": "t"},
    "any": {"a": "b"},
    "patterned": {"xa": "b"},
    "mixed": True,
    "empty": "a",
    "zoo": "z",
    "d": "d",
    "cls": "c",
    "lists": [{"roars": "r"}],
    "grid": [[{"roars": "r"}]],
    "maps": {"a": ["b"]},
    "alone": {"inner": {"a": "b"}, "kind": "k"},
    "narrowed": {"kind": "other"},
    "either": {"left": {"a": 1}},
    "untyped_list": [1, "a"],
    "UNSET": "u",
    "unset": "v",
}


def test_round_trip(imported: Any) -> None:
    """Whatever is read is written as it came."""
    assert imported("models").Zoo.from_dict(ZOO).to_dict() == ZOO


def test_names_of_its_own(imported: Any) -> None:
    """A property that is called as a variable of generated code has another Python name."""
    found = imported("models").Zoo.from_dict(ZOO)
    assert (found.d_, found.cls_, found.zoo_) == ("d", "c", "z")


@pytest.mark.parametrize("models", ["models", "pydantic_models"])
def test_variants(imported: Any, models: str) -> None:
    """An object of a union gets the class that its discriminator or its constant says."""
    zoo = imported(models).Zoo
    found = zoo.from_dict(ZOO) if models == "models" else zoo.model_validate(ZOO)
    names = [type(one).__name__ for one in (*found.pets, found.wild, found.heir)]
    assert names == ["Cat", "Dog", "UnknownVariant", "Lion", "Ox"]
    assert found.inline.y == 1


@pytest.mark.parametrize("models", ["models", "pydantic_models"])
def test_constants_are_open(imported: Any, models: str) -> None:
    """Another value than the constant is read, as another one of an enum is."""
    zoo = imported(models).Zoo
    value = {"constant": "park", "constants": [1, 2], "choice": "z", "some": "none"}
    found = zoo.from_dict(value) if models == "models" else zoo.model_validate(value)
    assert (found.constant, found.constants) == ("park", [1, 2])
    assert (found.choice, found.some) == ("z", "none")


@pytest.mark.parametrize("models", ["models", "pydantic_models"])
def test_list_beside_a_constant(imported: Any, models: str) -> None:
    """A list stays one of objects, though its place may hold a constant; of constants, an enum."""
    zoo = imported(models).Zoo
    value = {"choice": "q", "some": [{"kind": "dog", "barks": "b"}]}
    found = zoo.from_dict(value) if models == "models" else zoo.model_validate(value)
    assert [type(one).__name__ for one in found.some] == ["Dog"]
    assert isinstance(found.choice, enum.Enum)


def test_styles(imported: Any) -> None:
    """Lists and objects go out as the contract says: in commas, pipes, brackets."""
    operation = imported("api.search.find_items")
    models = imported("models")
    names = {name.lower(): value for name, value in vars(models).items()}
    asked = operation._get_kwargs(
        [1, 2],
        "x",
        spread=["a", "b"],
        commas=[True, False],
        pipes=[names["finditemspipesitem"].A, names["finditemspipesitem"].B],
        spaces=["a", "b"],
        deep=models.FindItemsDeep(status="s", n=1),
        flat=models.FindItemsFlat(size=3),
        pairs=models.Pairs(a="b", b=2),
        params_="p",
        headers_="h",
    )
    request = httpx.Client(base_url="https://api.odd.test").build_request(**asked)
    assert request.url.raw_path.decode().replace("%2C", ",") == (
        "/items/1,2/x?spread=a&spread=b&commas=true,false&pipes=a%7Cb&spaces=a+b"
        "&deep%5Bstatus%5D=s&deep%5Bn%5D=1&size=3&pairs=a,b,b,2&params=p"
    )
    assert request.headers["headers"] == "h"


def test_nothing_is_sent_for_what_is_left_out(imported: Any) -> None:
    """Parameters that are not given, and empty lists, are not in the query."""
    asked = imported("api.search.find_items")._get_kwargs([1], "x", commas=[])
    assert asked["params"] == {}


def test_no_content_only(tmp_path: Path) -> None:
    """A contract without a single schema gives a package, too."""
    document = {
        "openapi": "3.1.1",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"delete": {"responses": {"204": {"description": "gone"}}}}},
    }
    generate(document, tmp_path / "least")
    assert (tmp_path / "least/pydantic_models.py").is_file()


@pytest.mark.deep
def test_types(folder: Path) -> None:
    """The package is clean under `mypy --strict`."""
    command = [
        str(Path(sys.executable).with_name("mypy")),
        "--strict",
        "--cache-dir=.cache",
        PACKAGE,
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("Success"), done.stdout
