"""Files: sent once before the act they go along with, which then names them by their hash."""

from typing import BinaryIO, cast

from ninja import File, Router, UploadedFile
from ninja.responses import Status

from mumian.api.acting import AskedBy, known
from mumian.api.shapes import FileGiven
from mumian.engine.files import keep

router = Router(tags=["matters"])


@router.post("/files", response={201: FileGiven}, operation_id="keep_file", summary="Send a file")
def keep_file(request: AskedBy, file: File[UploadedFile]) -> Status[FileGiven]:
    """Takes in a photograph or a PDF of at most 20 MB and gives the hash by which answers name it.

    Photographs are written anew without what they tell of place and device. The same file twice is one file.
    """
    known(request)
    kept = keep(cast(BinaryIO, file), file.name or "")
    return Status(201, FileGiven(sha256=kept.sha256, type=kept.type, size=kept.size))
