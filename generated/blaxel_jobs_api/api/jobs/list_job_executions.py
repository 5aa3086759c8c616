from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.job_execution import JobExecution
from ...models.job_execution_list import JobExecutionList
from ...models.list_job_executions_sort import ListJobExecutionsSort
from ...types import UNSET, Response, Unset


def _get_kwargs(
    job_id: str,
    *,
    limit: int | Unset = 20,
    offset: int | Unset = 0,
    cursor: str | Unset = UNSET,
    sort: ListJobExecutionsSort | Unset = UNSET,
    q: str | Unset = UNSET,
    x_blaxel_workspace: str | Unset = UNSET,
    blaxel_version: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(x_blaxel_workspace, Unset):
        headers["X-Blaxel-Workspace"] = x_blaxel_workspace

    if not isinstance(blaxel_version, Unset):
        headers["Blaxel-Version"] = blaxel_version

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["offset"] = offset

    params["cursor"] = cursor

    json_sort: str | Unset = UNSET
    if not isinstance(sort, Unset):
        json_sort = sort.value

    params["sort"] = json_sort

    params["q"] = q

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/jobs/{job_id}/executions".format(
            job_id=quote(str(job_id), safe=""),
        ),
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> JobExecutionList | list[JobExecution] | None:
    if response.status_code == 200:

        def _parse_response_200(data: object) -> JobExecutionList | list[JobExecution]:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_200_type_0 = JobExecutionList.from_dict(data)

                return response_200_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, list):
                raise TypeError()
            response_200_type_1 = []
            _response_200_type_1 = data
            for response_200_type_1_item_data in _response_200_type_1:
                response_200_type_1_item = JobExecution.from_dict(response_200_type_1_item_data)

                response_200_type_1.append(response_200_type_1_item)

            return response_200_type_1

        response_200 = _parse_response_200(response.json())

        return response_200

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[JobExecutionList | list[JobExecution]]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    job_id: str,
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = 20,
    offset: int | Unset = 0,
    cursor: str | Unset = UNSET,
    sort: ListJobExecutionsSort | Unset = UNSET,
    q: str | Unset = UNSET,
    x_blaxel_workspace: str | Unset = UNSET,
    blaxel_version: str | Unset = UNSET,
) -> Response[JobExecutionList | list[JobExecution]]:
    """List job executions

     Lists the executions of a job. From API version 2026-04-28 the answer is an object with a page of
    them and a cursor to the next; before, it is a bare array, and `offset` asks for what follows.

    Args:
        job_id (str):
        limit (int | Unset):  Default: 20.
        offset (int | Unset):  Default: 0.
        cursor (str | Unset):
        sort (ListJobExecutionsSort | Unset):
        q (str | Unset):
        x_blaxel_workspace (str | Unset):
        blaxel_version (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[JobExecutionList | list[JobExecution]]
    """

    kwargs = _get_kwargs(
        job_id=job_id,
        limit=limit,
        offset=offset,
        cursor=cursor,
        sort=sort,
        q=q,
        x_blaxel_workspace=x_blaxel_workspace,
        blaxel_version=blaxel_version,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return client.decoded(_build_response, response)


def sync(
    job_id: str,
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = 20,
    offset: int | Unset = 0,
    cursor: str | Unset = UNSET,
    sort: ListJobExecutionsSort | Unset = UNSET,
    q: str | Unset = UNSET,
    x_blaxel_workspace: str | Unset = UNSET,
    blaxel_version: str | Unset = UNSET,
) -> JobExecutionList | list[JobExecution] | None:
    """List job executions

     Lists the executions of a job. From API version 2026-04-28 the answer is an object with a page of
    them and a cursor to the next; before, it is a bare array, and `offset` asks for what follows.

    Args:
        job_id (str):
        limit (int | Unset):  Default: 20.
        offset (int | Unset):  Default: 0.
        cursor (str | Unset):
        sort (ListJobExecutionsSort | Unset):
        q (str | Unset):
        x_blaxel_workspace (str | Unset):
        blaxel_version (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        JobExecutionList | list[JobExecution]
    """

    return sync_detailed(
        job_id=job_id,
        client=client,
        limit=limit,
        offset=offset,
        cursor=cursor,
        sort=sort,
        q=q,
        x_blaxel_workspace=x_blaxel_workspace,
        blaxel_version=blaxel_version,
    ).parsed


async def asyncio_detailed(
    job_id: str,
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = 20,
    offset: int | Unset = 0,
    cursor: str | Unset = UNSET,
    sort: ListJobExecutionsSort | Unset = UNSET,
    q: str | Unset = UNSET,
    x_blaxel_workspace: str | Unset = UNSET,
    blaxel_version: str | Unset = UNSET,
) -> Response[JobExecutionList | list[JobExecution]]:
    """List job executions

     Lists the executions of a job. From API version 2026-04-28 the answer is an object with a page of
    them and a cursor to the next; before, it is a bare array, and `offset` asks for what follows.

    Args:
        job_id (str):
        limit (int | Unset):  Default: 20.
        offset (int | Unset):  Default: 0.
        cursor (str | Unset):
        sort (ListJobExecutionsSort | Unset):
        q (str | Unset):
        x_blaxel_workspace (str | Unset):
        blaxel_version (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[JobExecutionList | list[JobExecution]]
    """

    kwargs = _get_kwargs(
        job_id=job_id,
        limit=limit,
        offset=offset,
        cursor=cursor,
        sort=sort,
        q=q,
        x_blaxel_workspace=x_blaxel_workspace,
        blaxel_version=blaxel_version,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return client.decoded(_build_response, response)


async def asyncio(
    job_id: str,
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = 20,
    offset: int | Unset = 0,
    cursor: str | Unset = UNSET,
    sort: ListJobExecutionsSort | Unset = UNSET,
    q: str | Unset = UNSET,
    x_blaxel_workspace: str | Unset = UNSET,
    blaxel_version: str | Unset = UNSET,
) -> JobExecutionList | list[JobExecution] | None:
    """List job executions

     Lists the executions of a job. From API version 2026-04-28 the answer is an object with a page of
    them and a cursor to the next; before, it is a bare array, and `offset` asks for what follows.

    Args:
        job_id (str):
        limit (int | Unset):  Default: 20.
        offset (int | Unset):  Default: 0.
        cursor (str | Unset):
        sort (ListJobExecutionsSort | Unset):
        q (str | Unset):
        x_blaxel_workspace (str | Unset):
        blaxel_version (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        JobExecutionList | list[JobExecution]
    """

    return (
        await asyncio_detailed(
            job_id=job_id,
            client=client,
            limit=limit,
            offset=offset,
            cursor=cursor,
            sort=sort,
            q=q,
            x_blaxel_workspace=x_blaxel_workspace,
            blaxel_version=blaxel_version,
        )
    ).parsed
