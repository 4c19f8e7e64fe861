"""A scripted server behind TLS, with a certificate that no public authority signed."""

import ssl
import subprocess
from pathlib import Path

from dialects import Say
from scripted import ScriptedServer, answer

LISTED = {"data": [{"id": "m", "max_model_len": 4096}]}

SELF_SIGNED = (
    "req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -days 30 -subj /CN=localhost"
    " -addext subjectAltName=DNS:localhost"
)
"""The arguments of openssl with which a user makes a certificate."""


def certify(folder: Path) -> None:
    """Make the certificate c.pem and its key k.pem."""
    subprocess.run(["openssl", *SELF_SIGNED.split()], cwd=folder, check=True, capture_output=True)


class TLSServer(ScriptedServer):
    """A scripted server that speaks TLS, with the certificate of a folder."""

    def __init__(self, folder: Path, *replies: Say) -> None:
        super().__init__(replies, models=answer(LISTED))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "c.pem", folder / "k.pem")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)  # type: ignore[attr-defined]

    @property
    def endpoint(self) -> str:
        return super().endpoint.replace("http://127.0.0.1", "https://localhost")
