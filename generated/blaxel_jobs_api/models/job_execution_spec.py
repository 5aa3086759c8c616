from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset
from ..types import shown as _shown

if TYPE_CHECKING:
    from ..models.job_execution_env_override import JobExecutionEnvOverride
    from ..models.job_execution_task import JobExecutionTask


T = TypeVar("T", bound="JobExecutionSpec")


@_attrs_define
class JobExecutionSpec:
    """Job execution specification

    Attributes:
        env_override (JobExecutionEnvOverride | None | str | Unset): Environment variables that were set for this
            execution, values masked; an object, or a string that holds it as JSON
        memory_override (int | None | Unset): Megabytes of memory, where this execution sets its own
        parallelism (int | None | Unset): How many tasks run at once
        tasks (list[JobExecutionTask] | None | Unset): Tasks that were asked for
        timeout (int | None | Unset): Seconds the job may take, as they were when the execution was created
    """

    env_override: JobExecutionEnvOverride | None | str | Unset = UNSET
    memory_override: int | None | Unset = UNSET
    parallelism: int | None | Unset = UNSET
    tasks: list[JobExecutionTask] | None | Unset = UNSET
    timeout: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = _shown

    def to_dict(self) -> dict[str, Any]:
        from ..models.job_execution_env_override import JobExecutionEnvOverride

        env_override: dict[str, Any] | None | str | Unset
        if isinstance(self.env_override, Unset):
            env_override = UNSET
        elif isinstance(self.env_override, JobExecutionEnvOverride):
            env_override = self.env_override.to_dict()
        else:
            env_override = self.env_override

        memory_override: int | None | Unset
        if isinstance(self.memory_override, Unset):
            memory_override = UNSET
        else:
            memory_override = self.memory_override

        parallelism: int | None | Unset
        if isinstance(self.parallelism, Unset):
            parallelism = UNSET
        else:
            parallelism = self.parallelism

        tasks: list[dict[str, Any]] | None | Unset
        if isinstance(self.tasks, Unset):
            tasks = UNSET
        elif isinstance(self.tasks, list):
            tasks = []
            for tasks_type_0_item_data in self.tasks:
                tasks_type_0_item = tasks_type_0_item_data.to_dict()
                tasks.append(tasks_type_0_item)

        else:
            tasks = self.tasks

        timeout: int | None | Unset
        if isinstance(self.timeout, Unset):
            timeout = UNSET
        else:
            timeout = self.timeout

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if env_override is not UNSET:
            field_dict["envOverride"] = env_override
        if memory_override is not UNSET:
            field_dict["memoryOverride"] = memory_override
        if parallelism is not UNSET:
            field_dict["parallelism"] = parallelism
        if tasks is not UNSET:
            field_dict["tasks"] = tasks
        if timeout is not UNSET:
            field_dict["timeout"] = timeout

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.job_execution_env_override import JobExecutionEnvOverride
        from ..models.job_execution_task import JobExecutionTask

        d = dict(src_dict)

        def _parse_env_override(data: object) -> JobExecutionEnvOverride | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                env_override_type_0 = JobExecutionEnvOverride.from_dict(data)

                return env_override_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(JobExecutionEnvOverride | None | str | Unset, data)

        env_override = _parse_env_override(d.pop("envOverride", UNSET))

        def _parse_memory_override(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        memory_override = _parse_memory_override(d.pop("memoryOverride", UNSET))

        def _parse_parallelism(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        parallelism = _parse_parallelism(d.pop("parallelism", UNSET))

        def _parse_tasks(data: object) -> list[JobExecutionTask] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                tasks_type_0 = []
                _tasks_type_0 = data
                for tasks_type_0_item_data in _tasks_type_0:
                    tasks_type_0_item = JobExecutionTask.from_dict(tasks_type_0_item_data)

                    tasks_type_0.append(tasks_type_0_item)

                return tasks_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[JobExecutionTask] | None | Unset, data)

        tasks = _parse_tasks(d.pop("tasks", UNSET))

        def _parse_timeout(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        timeout = _parse_timeout(d.pop("timeout", UNSET))

        job_execution_spec = cls(
            env_override=env_override,
            memory_override=memory_override,
            parallelism=parallelism,
            tasks=tasks,
            timeout=timeout,
        )

        job_execution_spec.additional_properties = d
        return job_execution_spec

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
