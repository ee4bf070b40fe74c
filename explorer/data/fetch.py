"""One file from the network onto the disk: HTTPS only, bounded, and never half there.

Nothing here knows what is in the file: `install` takes the check from its caller and renames only
what has passed it. `open_url` is the one place that touches the network.
"""

import http.client
import os
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

Progress = Callable[[str, int, int | None], None]

TIMEOUT = 20.0  # seconds of silence after which a server is given up
CHUNK = 1 << 16
ABANDONED = 24 * 3600  # seconds after which a temporary file belongs to no running process


class BrokenError(Exception):
    """A file or a server is no good; the message says how, as the end of a sentence about it."""


def download(url: str, limit: int, progress: Progress | None = None) -> Iterator[bytes]:
    """Yield the bytes at an HTTPS address, reporting as ``progress(file_name, done, total)``.

    limit: bytes after which the answer is refused. Without `progress`, one line on stderr tells how
    far it is, where stderr is a terminal. Raises BrokenError where the server cannot be reached,
    answers with an error or with too much, redirects away from HTTPS, or falls silent.
    """
    name, done, report = url.rsplit("/", 1)[-1], 0, progress or _tell_terminal
    try:
        with open_url(url) as response:
            length = response.headers.get("Content-Length") or ""
            total = int(length) if length.isdecimal() else None
            report(name, 0, total)
            while chunk := response.read(CHUNK):
                done += len(chunk)
                if done > limit:
                    raise BrokenError("is larger than the file can be")
                yield chunk
                report(name, done, total)
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise BrokenError(f"cannot be fetched ({reason})") from error


def install(path: Path, chunks: Iterable[bytes], check: Callable[[Path], object]) -> None:
    """Write to a temporary file in the same folder, `check` it, then rename it to `path`.

    A reader sees the old file or the whole new one. The temporary name is this call's own, so that
    two processes may install the same file: the later one wins, and both were checked.
    """
    for left in path.parent.glob(f".{path.name}.*.part"):
        with suppress(FileNotFoundError):  # another process may have tidied it up just now
            if time.time() - left.stat().st_mtime > ABANDONED:
                left.unlink()
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            for chunk in chunks:
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        check(part)
        part.chmod(0o644)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def open_url(url: str) -> Any:
    """The open response of an HTTPS address; its redirects may lead to HTTPS only."""
    if not url.startswith("https://"):
        raise urllib.error.URLError("the address is not HTTPS")
    request = urllib.request.Request(url, headers={"User-Agent": "cnn-explorer"})
    return urllib.request.build_opener(HttpsRedirects).open(request, timeout=TIMEOUT)


class HttpsRedirects(urllib.request.HTTPRedirectHandler):
    """Follow a redirect only where it stays encrypted."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """The next request; raises URLError where `newurl` is not HTTPS."""
        if not newurl.lower().startswith("https://"):
            raise urllib.error.URLError("it redirects to an address that is not HTTPS")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _tell_terminal(name: str, done: int, total: int | None) -> None:
    """Rewrite one line on stderr; say nothing where that is no terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        return
    of = f" of {total / 1e6:.1f}" if total else ""
    end = "\n" if done == total else ""
    print(f"\r{name}: {done / 1e6:.1f}{of} MB", end=end, file=sys.stderr, flush=True)
