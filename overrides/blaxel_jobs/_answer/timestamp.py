"""An execution's timestamps as datetimes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blaxel_jobs_api.types import Unset

__all__ = ["timestamp"]


def timestamp(text: str | Unset | None) -> datetime | None:
    """Return a timestamp of a model as an aware datetime, None where it is absent or empty.

    `timestamp(execution.metadata.created_at)`. Digits beyond microseconds are cut off; without an
    offset it is UTC. Raises ValueError for text that is no RFC 3339 timestamp.
    """
    if not isinstance(text, str) or not text.strip():
        return None
    # Slow to import, and not needed to cancel.
    # Its stubs are not where a vendored copy is.
    from dateutil.parser import isoparse  # type: ignore[import-untyped, unused-ignore]

    try:
        moment: datetime = isoparse(text.strip())
    except (ValueError, OverflowError):  # 24:00 on the last day that there is
        raise ValueError(f"not an RFC 3339 timestamp: {text[:40]!r}") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
