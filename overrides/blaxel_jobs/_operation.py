"""What is needed of a generated operation: a module of `blaxel_jobs_api.api`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from blaxel_jobs_api.types import Response

__all__ = ["Operation"]

_Result = TypeVar("_Result")


class Operation(Protocol[_Result]):
    """A module that knows the request of an operation, and how to read its answer."""

    @property
    def _get_kwargs(self) -> Callable[..., dict[str, Any]]: ...

    @property
    def _build_response(self) -> Callable[..., Response[_Result]]: ...
