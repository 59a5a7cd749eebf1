"""Files over the wire."""

from typing import Annotated, Self

from pydantic import Field

from copydesk.domain.file import FileKind, UploadedFile
from copydesk.wire.tasks import MAX_OFFSET
from copydesk.wire.text import AnswerModel, Instant, QueryInteger, RequestModel


class FileListQuery(RequestModel):
    """Which files to list."""

    limit: Annotated[QueryInteger, Field(ge=1, le=100)] = Field(20, description="How many at most.")
    offset: Annotated[QueryInteger, Field(ge=0, le=MAX_OFFSET)] = Field(0, description="How many to skip.")


class FileOut(AnswerModel):
    """An uploaded file."""

    file_id: str
    filename: str
    kind: FileKind
    content_type: str
    size: int = Field(description="Bytes.")
    sha256: str
    words: int
    pages: int | None = Field(description="Of a PDF.")
    sheets: int | None = Field(description="Of an XLSX.")
    rows: int | None = Field(description="Of a CSV or XLSX: data rows, headers left out.")
    preview: str = Field(description="The beginning of its text.")
    created_at: Instant

    @classmethod
    def of(cls, file: UploadedFile) -> Self:
        """Show a file."""
        return cls.model_validate(file, from_attributes=True)


class FileList(AnswerModel):
    """A page of files, newest first."""

    files: list[FileOut]
    total: int
    limit: int
    offset: int
