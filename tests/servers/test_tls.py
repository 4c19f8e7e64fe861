"""Servers behind TLS with a certificate that no public authority signed."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tls import TLSServer, certify

from harness.config import ConfigError, ModelConfig
from harness.llm.client import OpenAIChat
from harness.llm.connection import reachable, transport
from harness.llm.errors import ModelError
from harness.servers.facts import look

from dialects import Say

PROMPT = [{"role": "user", "content": "hello"}]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the certificate c.pem and its key."""
    folder = tmp_path_factory.mktemp("tls")
    certify(folder)
    return folder


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    yield


def test_a_certificate_that_the_user_trusts_is_trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By SSL_CERT_FILE, for every way to the server; a proxy of the environment stays out of it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "c.pem"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    model = ModelConfig(name="m")
    with TLSServer(certificate, Say("hello")) as server:
        assert reachable(server.endpoint, 5) is None
        assert 4096 == look(model, server.endpoint).window
        with OpenAIChat(model, server.endpoint) as chat:
            assert "hello" == chat.complete(PROMPT, [], seed=None).content


def test_a_folder_of_certificates_is_trusted(
    certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSL_CERT_DIR is a folder whose files are named by the hash of their subject."""
    hashed = subprocess.run(
        ["openssl", "x509", "-hash", "-noout", "-in", "c.pem"],
        cwd=certificate,
        check=True,
        capture_output=True,
        text=True,
    )
    (tmp_path / f"{hashed.stdout.strip()}.0").write_bytes((certificate / "c.pem").read_bytes())
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with TLSServer(certificate) as server:
        assert reachable(server.endpoint, 5) is None


def test_a_certificate_that_nobody_vouches_for_is_refused_with_the_remedy(certificate: Path) -> None:
    """Nothing is sent, and the line says how to trust it."""
    with TLSServer(certificate, Say("hello")) as server:
        assert "SSL_CERT_FILE" in str(reachable(server.endpoint, 5))
        assert "CERTIFICATE_VERIFY_FAILED" in str(look(ModelConfig(name="m"), server.endpoint).unreachable)
        with (
            OpenAIChat(ModelConfig(name="m"), server.endpoint, sleep=lambda _: None) as chat,
            pytest.raises(ModelError, match="SSL_CERT_FILE"),
        ):
            chat.complete(PROMPT, [], seed=None)
    assert [] == server.requests


@pytest.mark.parametrize("content", [None, b"", b"no certificate"], ids=["missing", "empty", "text"])
def test_a_file_that_holds_no_certificates_is_bad_input(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line that names it, and only where TLS is spoken."""
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with pytest.raises(ConfigError, match=f"^SSL_CERT_FILE={file}: must be a file of PEM certificates"):
        transport("https://localhost:1/v1")
    assert transport("http://localhost:1/v1") is not None
