"""The generated client, held to the policy and to what its operations promise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self, TypeVar, cast

from blaxel_jobs._answer.decode import checked, execution_of, is_of_execution
from blaxel_jobs._effects import Answer
from blaxel_jobs._errors import ConfigurationError
from blaxel_jobs._http import httpx
from blaxel_jobs._http.mixture import is_foreign, name_of, remedy_for
from blaxel_jobs._operation import Operation
from blaxel_jobs._retry.request import OperationRequest
from blaxel_jobs._retry.verdict import READING
from blaxel_jobs_api.client import Client

__all__ = ["Api"]

_Built = TypeVar("_Built")


class Api(Client):
    """The generated client with none but the httpx client that it was given.

    One that it made by itself (of the other kind, or after `with_headers`) would be under no
    policy: without deadline, retry and credentials, and `..` in a path would go out as it is.
    """

    def set_httpx_client(self, client: httpx.Client) -> Self:
        """Take a client of the library that generated code uses, else ConfigurationError."""
        return super().set_httpx_client(_checked(client))

    def set_async_httpx_client(self, async_client: httpx.AsyncClient) -> Self:
        """Take a client of the library that generated code uses, else ConfigurationError."""
        return super().set_async_httpx_client(_checked(async_client))

    def get_httpx_client(self) -> httpx.Client:
        """Return the client of `JobsClient`; raises ConfigurationError where there is none."""
        if self._client is None:
            raise ConfigurationError("nothing was sent: sync operations need `JobsClient(...).api`")
        return self._client

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Return the client of `AsyncJobsClient`; raises ConfigurationError where there is none."""
        if self._async_client is None:
            raise ConfigurationError(
                "nothing was sent: async operations need `AsyncJobsClient(...).api`"
            )
        return self._async_client

    def decoded(self, build: Callable[..., _Built], response: httpx.Response) -> _Built:
        """Return what an operation makes of a 2xx; ResponseDecodeError where it is not as promised.

        Every generated operation hands its response over here.
        """
        return checked(build, self, response)

    def result(
        self, operation: Operation[_Built], answer: Answer, request: OperationRequest
    ) -> _Built:
        """Return what the 2xx of an operation holds, looked at; raises as `decoded`."""
        if is_of_execution(operation._build_response):  # the same in a third of a call
            return cast(_Built, execution_of(answer, accepted=request.method not in READING))
        response = answer.response(request.stamped(None, {}))
        return cast(_Built, self.decoded(operation._build_response, response).parsed)


def _checked(client: _Built) -> _Built:
    if is_foreign(client):
        raise ConfigurationError(f"the client is {name_of(client)}{remedy_for(client)}")
    return client
