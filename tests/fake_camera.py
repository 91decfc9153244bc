"""A camera of the tests: a real HTTP server with a password, a stream that ffmpeg made, a still, and some bad manners."""

from __future__ import annotations

import base64
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NAME, PASSWORD = "watcher", "s3cr3t/of:the@camera"
QUOTED = "s3cr3t%2Fof%3Athe%40camera"
TYPES = {".m3u8": "application/vnd.apple.mpegurl", ".ts": "video/mp2t", ".jpg": "image/jpeg"}


def make_stream(folder: Path, seconds: int = 16) -> None:
    """A moving test picture as HLS of two-second pieces, and one still of it."""
    source = ["-f", "lavfi", "-i", f"testsrc=size=320x180:rate=10:duration={seconds}"]
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "20"]
    hls = ["-f", "hls", "-hls_time", "2", "-hls_list_size", "0", str(folder / "index.m3u8")]
    quiet = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-y"]
    subprocess.run([*quiet, *source, *encode, *hls], check=True)
    subprocess.run([*quiet, *source, "-frames:v", "1", str(folder / "still.jpg")], check=True)


class Manners(BaseHTTPRequestHandler):
    """Serves files to whoever knows the password, and misbehaves under some addresses."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *about: object, folder: Path, elsewhere: str, asked: list[tuple[str, str]]) -> None:
        self.folder, self.elsewhere, self.asked = folder, elsewhere, asked
        super().__init__(*about)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer."""
        path = self.path.partition("?")[0]
        said = self.headers.get("authorization", "")
        self.asked.append((path, said))
        right = "Basic " + base64.b64encode(f"{NAME}:{PASSWORD}".encode()).decode()
        if path.startswith("/open/"):
            path = path.removeprefix("/open")
        elif said != right:
            self._answer(401, "text/html", f"<p>{said} is not {right}".encode())
            return
        misbehave = getattr(self, "_bad_" + path.strip("/").replace("-", "_").replace(".", "_"), None)
        if misbehave:
            misbehave()
            return
        file = self.folder / path.strip("/")
        if not file.is_file():
            self._answer(404, "text/plain", f"no {self.path} at {self.headers['host']}".encode())
            return
        self._answer(200, TYPES[file.suffix], file.read_bytes())

    def _bad_page_jpg(self) -> None:
        self._answer(200, "text/html", b"<script>alert(1)</script>")

    def _bad_lie_jpg(self) -> None:
        self._answer(200, "image/jpeg", b"<script>alert(1)</script>")

    def _bad_huge_jpg(self) -> None:
        self._answer(200, "image/jpeg", b"\xff\xd8\xff" + bytes(7 * 2**20))

    def _bad_away_jpg(self) -> None:
        self._answer(302, "text/plain", b"", location=self.elsewhere)

    def _bad_round_jpg(self) -> None:
        self._answer(302, "text/plain", b"", location="/round.jpg")

    def _bad_moved_jpg(self) -> None:
        self._answer(302, "text/plain", b"", location="/still.jpg?from=moved")

    def _bad_file_jpg(self) -> None:
        self._answer(302, "text/plain", b"", location="file:///etc/passwd")

    def _bad_cut_jpg(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "image/jpeg")
        self.send_header("content-length", "5000")
        self.end_headers()
        self.wfile.write(b"\xff\xd8\xff")
        self.close_connection = True

    def _bad_strange_m3u8(self) -> None:
        text = (
            f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{self.elsewhere}\n#EXTINF:2,\n/etc/../page.jpg\n"
        )
        self._answer(200, "application/vnd.apple.mpegurl", text.encode())

    def _bad_master_m3u8(self) -> None:
        text = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=90000\nindex.m3u8?token=verysecret\n"
        self._answer(200, "application/vnd.apple.mpegurl", text.encode())

    def _bad_none_m3u8(self) -> None:
        self._answer(200, "application/vnd.apple.mpegurl", b"nothing of the kind")

    def _answer(self, status: int, kind: str, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content-type": kind, "content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class FakeCamera:
    """A running server; `asked` lists path and Authorization header of every request."""

    def __init__(self, server: ThreadingHTTPServer, asked: list[tuple[str, str]]) -> None:
        self.port: int = server.server_address[1]
        self.asked = asked

    @property
    def host(self) -> str:
        """As an allow-list names it."""
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        """An address with its credentials."""
        return f"http://{NAME}:{QUOTED}@{self.host}/{path}"


@contextmanager
def fake_camera(folder: Path, elsewhere: str = "http://127.0.0.1:9/secret.jpg") -> Iterator[FakeCamera]:
    """Serve a folder until the block ends."""
    asked: list[tuple[str, str]] = []
    handler = partial(Manners, folder=folder, elsewhere=elsewhere, asked=asked)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield FakeCamera(server, asked)
    finally:
        server.shutdown()
        server.server_close()
