"""Time and identity: the only place that asks the clock."""

from datetime import UTC, datetime

from uuid_utils import uuid7


def now() -> datetime:
    """The current instant in UTC, cut to whole milliseconds (the contract's precision)."""
    instant = datetime.now(UTC)
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def new_id() -> str:
    """A UUIDv7 string (RFC 9562): its order is that of creation."""
    return str(uuid7())


def rfc3339(instant: datetime) -> str:
    """Write an aware instant as RFC 3339 in UTC with milliseconds and `Z`."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
