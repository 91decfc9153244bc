"""Playlists that leave the proxy name nothing of where they came from."""

from __future__ import annotations

import re

import httpx
import pytest
from hypothesis import given, strategies as st

from app.http.camera_hosts import Hosts, NoPicture
from app.http.hls_playlist import NAME, NotAPlaylist, rewritten
from geodata.errors import Refused

BASE = httpx.URL("http://user:pa55@cam.example:8080/live/one/index.m3u8?ticket=abc")
SECRET = b"only ours"
MEDIA = """#EXTM3U
#EXT-X-VERSION:6
# made by http://cam.example/
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-MAP:URI="init.mp4?ticket=abc",BYTERANGE="600@0"
#EXT-X-KEY:METHOD=AES-128,URI="/keys/7?ticket=abc",IV=0x01
#EXT-X-SESSION-DATA:DATA-ID="x",URI="http://cam.example/data"
#EXT-X-DATERANGE:ID="x",X-URL="http://cam.example/data"
#EXTINF:2.000,from http://cam.example/
#EXT-X-BYTERANGE:1000@0
seg7.ts?ticket=abc

#EXTINF:2.000,
http://other.example/seg8.ts
#EXT-X-ENDLIST
"""
MASTER = """#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="n",URI="audio.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="http://cam.example/",URI="other.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=800000,AUDIO="a"
low.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=1600000
https://cam.example/high.m3u8
"""


def test_no_address_and_no_secret_is_left() -> None:
    text = rewritten(MEDIA, BASE, SECRET).text
    for word in ("://", "example", "ticket", "abc", "pa55", "user", "seg7", "init", "keys"):
        assert word not in text
    assert text.count("#EXTINF:2.000,\n") == 2
    assert "#EXT-X-BYTERANGE:1000@0" in text
    assert 'BYTERANGE="600@0"' in text
    assert "METHOD=AES-128" in text


def test_names_lead_back_to_the_addresses() -> None:
    found = rewritten(MEDIA, BASE, SECRET)
    named = {str(url.copy_with(userinfo=b"")): kind for url, kind in found.parts.values()}
    assert named == {
        "http://cam.example:8080/live/one/init.mp4?ticket=abc": "media",
        "http://cam.example:8080/keys/7?ticket=abc": "key",
        "http://cam.example:8080/live/one/seg7.ts?ticket=abc": "media",
        "http://other.example/seg8.ts": "media",
    }
    lines = [line for line in found.text.splitlines() if not line.startswith("#")]
    assert [NAME.fullmatch(line) is not None for line in lines] == [True, True]
    assert set(lines) <= set(found.parts)


def test_credentials_stay_with_their_host() -> None:
    parts = rewritten(MEDIA, BASE, SECRET).parts.values()
    assert {url.host: url.userinfo for url, _ in parts} == {"cam.example": b"user:pa55", "other.example": b""}


def test_a_playlist_of_playlists() -> None:
    found = rewritten(MASTER, BASE, SECRET)
    assert [kind for _, kind in found.parts.values()] == ["playlist"] * 4
    assert all(name.endswith(".m3u8") for name in found.parts)
    assert "//" not in found.text


def test_every_process_gives_the_same_names_and_every_camera_others() -> None:
    assert rewritten(MEDIA, BASE, SECRET).text == rewritten(MEDIA, BASE, SECRET).text
    assert rewritten(MEDIA, BASE, SECRET).text != rewritten(MEDIA, BASE, b"of another camera").text


@pytest.mark.parametrize("said", [
    "", "<html>", "#EXTM3U\nfile:///etc/passwd", "#EXTM3U\ndata:text/html,x", "\0",
    '#EXTM3U\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://x"',
])  # fmt: skip
def test_what_is_no_playlist_is_refused(said: str) -> None:
    with pytest.raises(NotAPlaylist):
        rewritten(said, BASE, SECRET)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=60), max_size=12))
def test_whatever_stands_in_it_only_our_names_come_out(lines: list[str]) -> None:
    try:
        text = rewritten("\n".join(["#EXTM3U", *lines]), BASE, SECRET).text
    except NotAPlaylist:
        return
    for line in text.splitlines():
        assert line.startswith("#EXT") or NAME.fullmatch(line)
        assert "//" not in line


HOSTS = Hosts.read(" cam.example:8080, 10.1.2.3 ,LOCALHOST:9000,[::1]:81,")


@pytest.mark.parametrize("url", [
    "http://cam.example:8080/x", "http://CAM.example:8080/x", "http://10.1.2.3/x", "https://10.1.2.3/x",
    "https://10.1.2.3:443/x", "http://localhost:9000/", "http://[::1]:81/",
])  # fmt: skip
def test_allowed_hosts(url: str) -> None:
    HOSTS.check(httpx.URL(url))


@pytest.mark.parametrize("url", [
    "http://cam.example/x", "http://cam.example:8081/x", "http://cam.example.evil:8080/", "http://10.1.2.4/x",
    "http://167838211/x", "http://0x0a010203/x", "http://10.1.515/x", "http://10.1.2.3.:80/", "ftp://10.1.2.3/x",
    "http://cam.example:8080@evil/x", "http://127.0.0.1:9000/", "http://[::ffff:10.1.2.3]/", "gopher://cam.example:8080/",
    "http://10.1.2.3:8000/x", "http://evil#@10.1.2.3/", "http:///x", "/x",
])  # fmt: skip
def test_all_others_are_refused_without_being_named(url: str) -> None:
    with pytest.raises(NoPicture) as refusal:
        HOSTS.check(httpx.URL(url))
    assert not re.search(r"10\.1|evil|cam\.", str(refusal.value))


@pytest.mark.parametrize("said", ["cam:port", "[::1"])
def test_a_list_that_means_nothing_is_refused(said: str) -> None:
    with pytest.raises(Refused):
        Hosts.read(said)


def test_an_empty_list_allows_nothing() -> None:
    for said in ("", " ", ",,"):
        assert Hosts.read(said).allowed == frozenset()
