"""The tree of errors: what is a kind of what, and what survives a pickle."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

import blaxel_jobs
from blaxel_jobs import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    BlaxelError,
    CancelOutcomeUnknownError,
    CancelOutcomeUnknownTimeoutError,
    ConfigurationError,
    ConflictError,
    InvalidIdentifierError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ResponseDecodeError,
    ServerError,
    WaitFailedError,
)
from blaxel_jobs._errors import status_error
from blaxel_jobs_api.models import JobExecution

BODY = {"metadata": {}, "spec": {}, "status": "cancelling"}
EXECUTION = JobExecution.from_dict(BODY)
ERRORS: list[BlaxelError] = [
    ConfigurationError("m"),
    InvalidIdentifierError("m"),
    APIConnectionError("m", may_have_been_processed=True),
    APITimeoutError("m", may_have_been_processed=False, execution=EXECUTION),
    ResponseDecodeError("m", status_code=200, body="b", accepted=True, request_id="r"),
    CancelOutcomeUnknownError("m"),
    CancelOutcomeUnknownTimeoutError("m"),
    WaitFailedError("m", execution=EXECUTION),
    *(
        status_error(status)("m", status_code=status, body="b", code="c", retry_after=1.5)
        for status in (302, 400, 401, 403, 404, 409, 422, 429, 500, 503)
    ),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_pickle_and_copy(error: BlaxelError) -> None:
    """An error is itself after a pickle or a copy, with all it says."""
    again: Any
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(again) is type(error)
        assert vars(again) == vars(error)
        assert str(again) == "m"
        assert again.args == error.args


def test_pickle_and_copy_of_an_execution() -> None:
    """An execution in a pickle or a copy is written out as before, without what was absent."""
    for again in (pickle.loads(pickle.dumps(EXECUTION)), copy.deepcopy(EXECUTION)):
        assert again == EXECUTION
        assert again.to_dict() == BODY


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, APIStatusError),
        (400, BadRequestError),
        (401, AuthenticationError),
        (402, APIStatusError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (408, APIStatusError),
        (409, ConflictError),
        (422, APIStatusError),
        (429, RateLimitError),
        (499, APIStatusError),
        (500, ServerError),
        (520, ServerError),
        (599, ServerError),
        (600, APIStatusError),
    ],
)
def test_status(status: int, kind: type[APIStatusError]) -> None:
    """Each status has its class."""
    assert status_error(status) is kind


def test_tree() -> None:
    """All are BlaxelError; these are something else besides."""
    errors = [
        value
        for value in vars(blaxel_jobs).values()
        if isinstance(value, type) and issubclass(value, Exception)
    ]
    assert len(errors) == 17
    assert all(issubclass(error, BlaxelError) for error in errors)
    assert issubclass(InvalidIdentifierError, ValueError)
    assert issubclass(APITimeoutError, APIConnectionError)
    assert issubclass(CancelOutcomeUnknownTimeoutError, APITimeoutError)
    assert issubclass(CancelOutcomeUnknownTimeoutError, CancelOutcomeUnknownError)
