"""Bytes of files in a bucket of Amazon S3, or of any server that speaks its protocol."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING

from copydesk.domain.file import BlobKey
from copydesk.errors import ConfigurationError, DatabaseError
from copydesk.settings import Settings
from copydesk.telemetry import get_logger

if TYPE_CHECKING:
    from obstore.store import S3Config, S3Store

log = get_logger(__name__)

_OPERATOR = 60  # seconds: nothing but a person mends it
_BATCH = 1_000  # keys one look takes: the most that the protocol lists at once
_CONNECT = timedelta(seconds=3)
_SILENCE = timedelta(seconds=15)  # without a further byte
_WHOLE = timedelta(seconds=60)  # of one request: 25 MB at half a megabyte a second
_RETRIES = 2
_RETRY_FOR = timedelta(seconds=10)  # after the first request


class S3Blobs:
    """Implements `ports.BlobStore` over `BUCKET/PREFIX/ACCOUNT/FILE`.

    One request writes a file, so that it is there whole or not at all.

    Args:
        address: `s3://bucket/prefix`.
        settings: Endpoint, region and keys; what they leave open comes from the environment, or from what
            the machine or pod is given.

    Raises:
        ConfigurationError: The library is not installed, or refuses the settings.
    """

    name = "s3"

    def __init__(self, address: str, settings: Settings) -> None:
        if find_spec("obstore") is None:
            msg = "BLOBS names s3://, whose library is not installed: run pip install 'copydesk[s3]'."
            raise ConfigurationError(msg)
        bucket, _, prefix = address.removeprefix("s3://").partition("/")
        self._address = address
        self._store = _open(bucket, prefix.strip("/"), settings)

    async def put(self, key: BlobKey, data: bytes) -> None:
        """Keep bytes, by one request."""
        with self._translated():
            await self._store.put_async(str(key), data, use_multipart=False)

    async def get(self, key: BlobKey) -> bytes | None:
        """The bytes, or None."""
        with self._translated():
            try:
                found = await self._store.get_async(str(key))
                return bytes(await found.bytes_async())
            except FileNotFoundError as error:
                _raise_without_bucket(error)
                return None

    async def size(self, key: BlobKey) -> int | None:
        """How many bytes, or None."""
        with self._translated():
            try:
                return (await self._store.head_async(str(key)))["size"]
            except FileNotFoundError as error:
                _raise_without_bucket(error)
                return None

    async def delete(self, key: BlobKey) -> None:
        """Delete the bytes."""
        with self._translated():
            try:
                await self._store.delete_async(str(key))
            except FileNotFoundError as error:
                _raise_without_bucket(error)

    async def list_keys(self) -> AsyncIterator[Sequence[BlobKey]]:
        """Every key, in the bucket's order."""
        listing = self._store.list(chunk_size=_BATCH)
        while True:
            with self._translated():
                batch = await anext(listing, None)
            if batch is None:
                return
            yield [key for key in (BlobKey.parse(entry["path"]) for entry in batch) if key is not None]

    async def tidy(self, *, before: datetime) -> int:
        """A request that was interrupted leaves nothing."""
        del before
        return 0

    @contextmanager
    def _translated(self) -> Iterator[None]:
        from obstore import exceptions as refusals  # noqa: PLC0415 - optional

        try:
            yield
        except (refusals.BaseError, OSError) as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> DatabaseError:
        said = str(error)
        log.warning("file store failed", store=self._address, error=said.partition("\n")[0])
        if "403 Forbidden" in said or "401 Unauthorized" in said:
            message = f"The file store {self._address} refuses its key; an operator has to look after it."
            return DatabaseError(message, retry_after=_OPERATOR)
        if "NoSuchBucket" in said:
            message = f"The file store has no bucket as in {self._address}; an operator has to look after it."
            return DatabaseError(message, retry_after=_OPERATOR)
        return DatabaseError("The file store cannot be reached or take the data right now; try again in a few seconds.")


def _raise_without_bucket(error: FileNotFoundError) -> None:
    """A file that is not there is no failure; a bucket that is not there is one."""
    if "NoSuchBucket" in str(error):
        raise error


def _open(bucket: str, prefix: str, settings: Settings) -> "S3Store":
    from obstore.store import S3Store  # noqa: PLC0415 - optional

    config: S3Config = {}
    if settings.s3_endpoint:
        config["endpoint"] = settings.s3_endpoint
    if settings.s3_region:
        config["region"] = settings.s3_region
    if settings.s3_access_key_id and settings.s3_secret_access_key:
        config["access_key_id"] = settings.s3_access_key_id.get_secret_value()
        config["secret_access_key"] = settings.s3_secret_access_key.get_secret_value()
    if settings.s3_session_token:
        config["session_token"] = settings.s3_session_token.get_secret_value()
    try:
        return S3Store(
            bucket,
            prefix=prefix or None,
            config=config,
            client_options={
                "allow_http": True,  # the endpoint is the operator's own choice
                "connect_timeout": _CONNECT,
                "read_timeout": _SILENCE,
                "timeout": _WHOLE,
            },
            retry_config={"max_retries": _RETRIES, "retry_timeout": _RETRY_FOR},
        )
    except ValueError as error:
        message = f"COPYDESK_BLOBS: the settings of object storage do not do: {error}."
        raise ConfigurationError(message) from error
