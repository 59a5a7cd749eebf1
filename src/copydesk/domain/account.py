"""Who calls: accounts and their API keys."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Account:
    """A tenant: sees only its own tasks, articles and files."""

    account_id: str  # UUIDv7
    name: str  # unique, chosen by the operator
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """One credential of an account; the secret itself is kept only as a hash."""

    key_id: str  # UUIDv7
    account_id: str
    account_name: str
    prefix: str  # the first characters, to recognize a key in a list
    read_only: bool
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    name: str | None = None  # what it is for, in its owner's words

    def usable_at(self, instant: datetime) -> bool:
        """Whether the key opens the door at `instant`."""
        return self.revoked_at is None and (self.expires_at is None or instant < self.expires_at)
