"""Files over the wire."""

from typing import Self

from pydantic import Field

from copydesk.domain.file import FileKind, UploadedFile
from copydesk.wire.text import AnswerModel, Hundred, Instant, Offset, RequestModel


class FileListQuery(RequestModel):
    """Which files to list."""

    limit: Hundred = Field(20, description="How many at most.")
    offset: Offset = Field(0, description="How many to skip.")


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
