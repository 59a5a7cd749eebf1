"""The desk's own files, under addresses that change with their content, so that browsers may keep them."""

import hashlib
import mimetypes
from functools import cache
from importlib.resources import files

from fastapi import APIRouter
from starlette.responses import Response

from copydesk.errors import NotFound

router = APIRouter()

_KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".txt": "text/plain"}


@cache
def _file(name: str) -> tuple[bytes, str]:
    """Content and digest of a static file.

    Raises:
        NotFound: There is none of that name.
    """
    folder = files("copydesk.web") / "static"
    if name not in {entry.name for entry in folder.iterdir() if entry.is_file()}:
        message = "There is no such file."
        raise NotFound(message)
    content = (folder / name).read_bytes()
    return content, hashlib.sha256(content).hexdigest()[:12]


def address_of(name: str) -> str:
    """The address of a static file below the desk's."""
    return f"/static/{_file(name)[1]}/{name}"


@router.get("/static/{digest}/{name}")
async def get_static(digest: str, name: str) -> Response:
    """One file; under an old address it is still given, but not kept."""
    content, now = _file(name)
    kept = "public, max-age=31536000, immutable" if digest == now else "no-store"
    kind = _KINDS.get(f".{name.rpartition('.')[2]}") or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(content, media_type=kind, headers={"Cache-Control": kept})
