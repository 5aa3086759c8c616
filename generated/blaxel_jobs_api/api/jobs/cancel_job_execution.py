from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.job_execution import JobExecution
from ...types import UNSET, Response, Unset


def _get_kwargs(
    job_id: str,
    execution_id: str,
    *,
    x_blaxel_workspace: str | Unset = UNSET,
    blaxel_version: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(x_blaxel_workspace, Unset):
        headers["X-Blaxel-Workspace"] = x_blaxel_workspace

    if not isinstance(blaxel_version, Unset):
        headers["Blaxel-Version"] = blaxel_version

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/jobs/{job_id}/executions/{execution_id}".format(
            job_id=quote(str(job_id), safe=""),
            execution_id=quote(str(execution_id), safe=""),
        ),
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> JobExecution | None:
    if response.status_code == 200:
        response_200 = JobExecution.from_dict(response.json())

        return response_200

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[JobExecution]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    job_id: str,
    execution_id: str,
    *,
    client: AuthenticatedClient | Client,
    x_blaxel_workspace: str | Unset = UNSET,
    blaxel_version: str | Unset = UNSET,
) -> Response[JobExecution]:
    """Cancel job execution

     Stops a running execution. Tasks in progress run to their end, no further task is started; the
    status becomes `cancelling` first and `cancelled` in the end.

    Args:
        job_id (str):
        execution_id (str):
        x_blaxel_workspace (str | Unset):
        blaxel_version (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[JobExecution]
    """

    kwargs = _get_kwargs(
        job_id=job_id,
        execution_id=execution_id,
        x_blaxel_workspace=x_blaxel_workspace,
        blaxel_version=blaxel_version,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return client.decoded(_build_response, response)


def sync(
    job_id: str,
    execution_id: str,
    *,
    client: AuthenticatedClient | Client,
    x_blaxel_workspace: str | Unset = UNSET,
    blaxel_version: str | Unset = UNSET,
) -> JobExecution | None:
    """Cancel job execution

     Stops a running execution. Tasks in progress run to their end, no further task is started; the
    status becomes `cancelling` first and `cancelled` in the end.

    Args:
        job_id (str):
        execution_id (str):
        x_blaxel_workspace (str | Unset):
        blaxel_version (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        JobExecution
    """

    return sync_detailed(
        job_id=job_id,
        execution_id=execution_id,
        client=client,
        x_blaxel_workspace=x_blaxel_workspace,
        blaxel_version=blaxel_version,
    ).parsed


async def asyncio_detailed(
    job_id: str,
    execution_id: str,
    *,
    client: AuthenticatedClient | Client,
    x_blaxel_workspace: str | Unset = UNSET,
    blaxel_version: str | Unset = UNSET,
) -> Response[JobExecution]:
    """Cancel job execution

     Stops a running execution. Tasks in progress run to their end, no further task is started; the
    status becomes `cancelling` first and `cancelled` in the end.

    Args:
        job_id (str):
        execution_id (str):
        x_blaxel_workspace (str | Unset):
        blaxel_version (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[JobExecution]
    """

    kwargs = _get_kwargs(
        job_id=job_id,
        execution_id=execution_id,
        x_blaxel_workspace=x_blaxel_workspace,
        blaxel_version=blaxel_version,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return client.decoded(_build_response, response)


async def asyncio(
    job_id: str,
    execution_id: str,
    *,
    client: AuthenticatedClient | Client,
    x_blaxel_workspace: str | Unset = UNSET,
    blaxel_version: str | Unset = UNSET,
) -> JobExecution | None:
    """Cancel job execution

     Stops a running execution. Tasks in progress run to their end, no further task is started; the
    status becomes `cancelling` first and `cancelled` in the end.

    Args:
        job_id (str):
        execution_id (str):
        x_blaxel_workspace (str | Unset):
        blaxel_version (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        JobExecution
    """

    return (
        await asyncio_detailed(
            job_id=job_id,
            execution_id=execution_id,
            client=client,
            x_blaxel_workspace=x_blaxel_workspace,
            blaxel_version=blaxel_version,
        )
    ).parsed
