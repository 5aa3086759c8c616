from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.job_execution_status import JobExecutionStatus
from ..types import UNSET, Unset
from ..types import shown as _shown

if TYPE_CHECKING:
    from ..models.job_execution_metadata import JobExecutionMetadata
    from ..models.job_execution_spec import JobExecutionSpec
    from ..models.job_execution_stats import JobExecutionStats
    from ..models.job_execution_task import JobExecutionTask


T = TypeVar("T", bound="JobExecution")


@_attrs_define
class JobExecution:
    """Job execution

    Attributes:
        metadata (JobExecutionMetadata | None):
        spec (JobExecutionSpec | None):
        stats (JobExecutionStats | None | Unset):
        status (JobExecutionStatus | None | str | Unset):
        tasks (list[JobExecutionTask] | None | Unset): List of execution tasks
    """

    metadata: JobExecutionMetadata | None
    spec: JobExecutionSpec | None
    stats: JobExecutionStats | None | Unset = UNSET
    status: JobExecutionStatus | None | str | Unset = UNSET
    tasks: list[JobExecutionTask] | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = _shown

    def to_dict(self) -> dict[str, Any]:
        from ..models.job_execution_metadata import JobExecutionMetadata
        from ..models.job_execution_spec import JobExecutionSpec
        from ..models.job_execution_stats import JobExecutionStats

        metadata: dict[str, Any] | None
        if isinstance(self.metadata, JobExecutionMetadata):
            metadata = self.metadata.to_dict()
        else:
            metadata = self.metadata

        spec: dict[str, Any] | None
        if isinstance(self.spec, JobExecutionSpec):
            spec = self.spec.to_dict()
        else:
            spec = self.spec

        stats: dict[str, Any] | None | Unset
        if isinstance(self.stats, Unset):
            stats = UNSET
        elif isinstance(self.stats, JobExecutionStats):
            stats = self.stats.to_dict()
        else:
            stats = self.stats

        status: None | str | Unset
        if isinstance(self.status, Unset):
            status = UNSET
        elif isinstance(self.status, JobExecutionStatus):
            status = self.status.value
        else:
            status = self.status

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

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "metadata": metadata,
                "spec": spec,
            }
        )
        if stats is not UNSET:
            field_dict["stats"] = stats
        if status is not UNSET:
            field_dict["status"] = status
        if tasks is not UNSET:
            field_dict["tasks"] = tasks

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.job_execution_metadata import JobExecutionMetadata
        from ..models.job_execution_spec import JobExecutionSpec
        from ..models.job_execution_stats import JobExecutionStats
        from ..models.job_execution_task import JobExecutionTask

        d = dict(src_dict)

        def _parse_metadata(data: object) -> JobExecutionMetadata | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                metadata_type_0 = JobExecutionMetadata.from_dict(data)

                return metadata_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(JobExecutionMetadata | None, data)

        metadata = _parse_metadata(d.pop("metadata"))

        def _parse_spec(data: object) -> JobExecutionSpec | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                spec_type_0 = JobExecutionSpec.from_dict(data)

                return spec_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(JobExecutionSpec | None, data)

        spec = _parse_spec(d.pop("spec"))

        def _parse_stats(data: object) -> JobExecutionStats | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                stats_type_0 = JobExecutionStats.from_dict(data)

                return stats_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(JobExecutionStats | None | Unset, data)

        stats = _parse_stats(d.pop("stats", UNSET))

        def _parse_status(data: object) -> JobExecutionStatus | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                status_type_0 = JobExecutionStatus(data)

                return status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(JobExecutionStatus | None | str | Unset, data)

        status = _parse_status(d.pop("status", UNSET))

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

        job_execution = cls(
            metadata=metadata,
            spec=spec,
            stats=stats,
            status=status,
            tasks=tasks,
        )

        job_execution.additional_properties = d
        return job_execution

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
