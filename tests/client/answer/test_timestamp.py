"""Timestamps as datetimes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from blaxel_jobs import timestamp
from blaxel_jobs_api.types import UNSET, Unset

PLUS_2 = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-05-27T10:00:00Z", datetime(2026, 5, 27, 10, tzinfo=UTC)),
        ("2026-05-27T10:00:00", datetime(2026, 5, 27, 10, tzinfo=UTC)),
        ("2026-05-27T10:00:00.5Z", datetime(2026, 5, 27, 10, 0, 0, 500000, tzinfo=UTC)),
        ("2026-05-27T10:00:00.123456789Z", datetime(2026, 5, 27, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2026-05-27T10:00:00+02:00", datetime(2026, 5, 27, 10, tzinfo=PLUS_2)),
    ],
)
def test_moment(text: str, moment: datetime) -> None:
    """Any number of fraction digits and any offset make an aware datetime."""
    found = timestamp(text)
    assert found is not None
    assert found == moment
    assert found.utcoffset() == moment.utcoffset()


@pytest.mark.parametrize("absent", [None, UNSET, "", " "])
def test_absent(absent: str | Unset | None) -> None:
    """What is absent or empty is None."""
    assert timestamp(absent) is None


def test_nonsense() -> None:
    """Text that is no timestamp is an error, not None."""
    with pytest.raises(ValueError, match="not an RFC 3339 timestamp: 'yesterday'"):
        timestamp("yesterday")
