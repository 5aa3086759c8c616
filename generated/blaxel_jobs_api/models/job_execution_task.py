from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.job_execution_task_status import JobExecutionTaskStatus
from ..types import UNSET, Unset
from ..types import shown as _shown

if TYPE_CHECKING:
    from ..models.job_execution_task_condition import JobExecutionTaskCondition
    from ..models.job_execution_task_metadata import JobExecutionTaskMetadata
    from ..models.job_execution_task_spec import JobExecutionTaskSpec


T = TypeVar("T", bound="JobExecutionTask")


@_attrs_define
class JobExecutionTask:
    """Task of an execution

    Attributes:
        conditions (list[JobExecutionTaskCondition] | None | Unset): Conditions of the task
        metadata (JobExecutionTaskMetadata | None | Unset):
        spec (JobExecutionTaskSpec | None | Unset):
        status (JobExecutionTaskStatus | None | str | Unset):
    """

    conditions: list[JobExecutionTaskCondition] | None | Unset = UNSET
    metadata: JobExecutionTaskMetadata | None | Unset = UNSET
    spec: JobExecutionTaskSpec | None | Unset = UNSET
    status: JobExecutionTaskStatus | None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = _shown

    def to_dict(self) -> dict[str, Any]:
        from ..models.job_execution_task_metadata import JobExecutionTaskMetadata
        from ..models.job_execution_task_spec import JobExecutionTaskSpec

        conditions: list[dict[str, Any]] | None | Unset
        if isinstance(self.conditions, Unset):
            conditions = UNSET
        elif isinstance(self.conditions, list):
            conditions = []
            for conditions_type_0_item_data in self.conditions:
                conditions_type_0_item = conditions_type_0_item_data.to_dict()
                conditions.append(conditions_type_0_item)

        else:
            conditions = self.conditions

        metadata: dict[str, Any] | None | Unset
        if isinstance(self.metadata, Unset):
            metadata = UNSET
        elif isinstance(self.metadata, JobExecutionTaskMetadata):
            metadata = self.metadata.to_dict()
        else:
            metadata = self.metadata

        spec: dict[str, Any] | None | Unset
        if isinstance(self.spec, Unset):
            spec = UNSET
        elif isinstance(self.spec, JobExecutionTaskSpec):
            spec = self.spec.to_dict()
        else:
            spec = self.spec

        status: None | str | Unset
        if isinstance(self.status, Unset):
            status = UNSET
        elif isinstance(self.status, JobExecutionTaskStatus):
            status = self.status.value
        else:
            status = self.status

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if conditions is not UNSET:
            field_dict["conditions"] = conditions
        if metadata is not UNSET:
            field_dict["metadata"] = metadata
        if spec is not UNSET:
            field_dict["spec"] = spec
        if status is not UNSET:
            field_dict["status"] = status

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.job_execution_task_condition import JobExecutionTaskCondition
        from ..models.job_execution_task_metadata import JobExecutionTaskMetadata
        from ..models.job_execution_task_spec import JobExecutionTaskSpec

        d = dict(src_dict)

        def _parse_conditions(data: object) -> list[JobExecutionTaskCondition] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                conditions_type_0 = []
                _conditions_type_0 = data
                for conditions_type_0_item_data in _conditions_type_0:
                    conditions_type_0_item = JobExecutionTaskCondition.from_dict(
                        conditions_type_0_item_data
                    )

                    conditions_type_0.append(conditions_type_0_item)

                return conditions_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[JobExecutionTaskCondition] | None | Unset, data)

        conditions = _parse_conditions(d.pop("conditions", UNSET))

        def _parse_metadata(data: object) -> JobExecutionTaskMetadata | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                metadata_type_0 = JobExecutionTaskMetadata.from_dict(data)

                return metadata_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(JobExecutionTaskMetadata | None | Unset, data)

        metadata = _parse_metadata(d.pop("metadata", UNSET))

        def _parse_spec(data: object) -> JobExecutionTaskSpec | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                spec_type_0 = JobExecutionTaskSpec.from_dict(data)

                return spec_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(JobExecutionTaskSpec | None | Unset, data)

        spec = _parse_spec(d.pop("spec", UNSET))

        def _parse_status(data: object) -> JobExecutionTaskStatus | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                status_type_0 = JobExecutionTaskStatus(data)

                return status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(JobExecutionTaskStatus | None | str | Unset, data)

        status = _parse_status(d.pop("status", UNSET))

        job_execution_task = cls(
            conditions=conditions,
            metadata=metadata,
            spec=spec,
            status=status,
        )

        job_execution_task.additional_properties = d
        return job_execution_task

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
