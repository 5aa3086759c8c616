"""Generated models as callers meet them: printed, copied, pickled, with the nulls they admit."""

from __future__ import annotations

import copy
import inspect
import pickle
import typing
from collections.abc import Hashable
from typing import Any, cast

import attrs
import pytest

from blaxel_jobs._answer.decoder import decoder, hints_of
from blaxel_jobs_api import models
from blaxel_jobs_api.models import JobExecution
from blaxel_jobs_api.types import UNSET
from tests.client.fault_server import EXECUTION

MODELS = [one for one in vars(models).values() if inspect.isclass(one) and attrs.has(one)]


def test_repr() -> None:
    """What is unset is not shown; what is null is."""
    execution = JobExecution.from_dict({"metadata": None, "spec": {"parallelism": 5}})
    assert repr(execution) == "JobExecution(metadata=None, spec=JobExecutionSpec(parallelism=5))"
    assert f"{execution.status}" == "UNSET"


def test_repr_of_what_is_additional() -> None:
    """Members that no page describes are shown."""
    execution = JobExecution.from_dict({"metadata": None, "spec": None, "new": 1})
    assert repr(execution).endswith("additional_properties={'new': 1})")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_repr_of_each_model(model: type[Any]) -> None:
    """No model shows an address, or that something is unset."""
    required = [
        one.name for one in attrs.fields(model) if one.init and one.default is attrs.NOTHING
    ]
    shown = repr(model(**dict.fromkeys(required)))
    assert shown == f"{model.__name__}({', '.join(f'{name}=None' for name in required)})"


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))]
)
def test_copy(copied: Any) -> None:
    """A copy, and what comes back from a pickle, is the same in every respect."""
    execution = JobExecution.from_dict(EXECUTION)
    again = copied(execution)
    assert again == execution
    assert again.stats is UNSET
    assert again.to_dict() == execution.to_dict()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_types_admit_null(model: type[Any]) -> None:
    """A null comes through in the place of every member, and each member's type admits it."""
    hints = hints_of(model)
    names = [one.name for one in attrs.fields(model) if one.init]
    for name in names:
        assert {type(None), Any} & {hints[name], *typing.get_args(hints[name])}, name
    keys = model(*names).to_dict()
    for read in (model.from_dict, decoder(cast(Hashable, model))):
        made = read(dict.fromkeys(keys))
        assert [getattr(made, name) for name in names] == [None] * len(names)
