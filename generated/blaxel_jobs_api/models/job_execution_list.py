from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset
from ..types import shown as _shown

if TYPE_CHECKING:
    from ..models.job_execution import JobExecution
    from ..models.pagination_meta import PaginationMeta


T = TypeVar("T", bound="JobExecutionList")


@_attrs_define
class JobExecutionList:
    """Page of a job's executions

    Attributes:
        data (list[JobExecution] | None | Unset): Executions on this page
        meta (None | PaginationMeta | Unset):
    """

    data: list[JobExecution] | None | Unset = UNSET
    meta: None | PaginationMeta | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    __repr__ = _shown

    def to_dict(self) -> dict[str, Any]:
        from ..models.pagination_meta import PaginationMeta

        data: list[dict[str, Any]] | None | Unset
        if isinstance(self.data, Unset):
            data = UNSET
        elif isinstance(self.data, list):
            data = []
            for data_type_0_item_data in self.data:
                data_type_0_item = data_type_0_item_data.to_dict()
                data.append(data_type_0_item)

        else:
            data = self.data

        meta: dict[str, Any] | None | Unset
        if isinstance(self.meta, Unset):
            meta = UNSET
        elif isinstance(self.meta, PaginationMeta):
            meta = self.meta.to_dict()
        else:
            meta = self.meta

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if data is not UNSET:
            field_dict["data"] = data
        if meta is not UNSET:
            field_dict["meta"] = meta

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.job_execution import JobExecution
        from ..models.pagination_meta import PaginationMeta

        d = dict(src_dict)

        def _parse_data(data: object) -> list[JobExecution] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                data_type_0 = []
                _data_type_0 = data
                for data_type_0_item_data in _data_type_0:
                    data_type_0_item = JobExecution.from_dict(data_type_0_item_data)

                    data_type_0.append(data_type_0_item)

                return data_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[JobExecution] | None | Unset, data)

        data = _parse_data(d.pop("data", UNSET))

        def _parse_meta(data: object) -> None | PaginationMeta | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                meta_type_0 = PaginationMeta.from_dict(data)

                return meta_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PaginationMeta | Unset, data)

        meta = _parse_meta(d.pop("meta", UNSET))

        job_execution_list = cls(
            data=data,
            meta=meta,
        )

        job_execution_list.additional_properties = d
        return job_execution_list

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
