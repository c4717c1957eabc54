"""Nothing is sent to where only this server can reach, nor longer than agreed."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from mumian.notices import posting

PRIVATE = [
    "https://127.0.0.1/", "https://10.1.2.3/", "https://192.168.1.1/x", "https://169.254.169.254/latest/meta-data",
    "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://[fd00::1]/", "https://[64:ff9b::a00:1]/",
    "https://[2002:a00:1::]/", "https://0.0.0.0/", "https://224.0.0.1/", "https://100.64.0.1/", "https://2130706433/",
]  # fmt: skip
NONE = [
    "ftp://example.com/", "https://", "javascript:alert(1)", "https://user:pass@example.com/", "https://a b/", "",
    "https://example.com:99999/", "https://example.com/\r\nX: y", "//example.com",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _guarded(settings: Any) -> None:
    settings.PRIVATE_RECEIVERS = False


@pytest.mark.parametrize("url", [*PRIVATE, *NONE, "http://93.184.215.14/"])
def test_what_is_not_in_the_open_net_is_refused(url: str) -> None:
    with pytest.raises(posting.NotAllowed):
        posting.check(url)
    with pytest.raises(posting.NotAllowed):
        posting.post(url, b"", {})


def test_a_name_is_judged_by_every_address_it_leads_to(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: Any, **__: Any) -> Any:
        return [(0, 0, 0, "", ("93.184.215.14", 443)), (0, 0, 0, "", ("10.0.0.1", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(posting.NotAllowed):
        posting.check("https://rebound.example/")


def test_a_name_that_answers_differently_the_second_time_gains_nothing(
    receiver: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    port = int(receiver.url.rpartition(":")[2])
    answers = iter(["93.184.215.14", "93.184.215.14", "127.0.0.1"])
    reached: list[str] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", (next(answers), port))])

    def connect(address: tuple[str, int], **_: Any) -> Any:
        reached.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(posting.NotReached):
        posting.post(f"https://rebound.example:{port}/", b"", {})
    assert reached == ["93.184.215.14"]


def test_this_machine_by_name_is_allowed_only_where_it_is_meant(receiver: Any) -> None:
    port = receiver.url.rpartition(":")[2]
    assert posting.post(f"http://localhost:{port}/x", b"1", {}, local=True).taken
    with pytest.raises(posting.NotAllowed):
        posting.post(f"http://localhost:{port}/x", b"1", {})
    assert [each.path for each in receiver.got] == ["/x"]


def test_a_redirect_is_not_followed(receiver: Any, settings: Any) -> None:
    receiver.answers = [302]
    assert posting.post(f"{receiver.url}/x", b"1", {}, local=True).status == 302
    assert len(receiver.got) == 1


def test_an_answer_that_drips_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "LONGEST", 0.3)
    server = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def drip() -> None:
        line, _ = server.accept()
        try:
            while not done.wait(0.05):
                line.sendall(b"H")
        except OSError:
            pass

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    with pytest.raises(posting.NotReached):
        posting.post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"", {}, local=True)
    done.set()
    server.close()


def test_nobody_there_is_said_and_raises_nothing_else() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(posting.NotReached):
        posting.post(f"http://127.0.0.1:{port}/", b"", {}, local=True)
