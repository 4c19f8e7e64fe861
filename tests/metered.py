"""A metered pass against a scripted server, and the events that it leaves."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from harness.config import ModelConfig
from harness.limits import Deadline
from harness.meter.pass_meter import PassLimits, PassMeter
from harness.meter.proxy import MeterProxy
from harness.meter.upstream import Upstream
from harness.metrics import Metrics
from harness.outcome import PassReason
from harness.transcript import Transcript

MESSAGES = [{"role": "system", "content": "You are an agent."}, {"role": "user", "content": "Write it."}]


@dataclass
class Metered:
    """A pass under way: its meter, its proxy, and a client as an agent has one."""

    meter: PassMeter
    upstream: Upstream
    proxy: MeterProxy
    http: httpx.Client
    totals: Metrics
    transcript: Path
    ended: list[PassReason] = field(default_factory=list)

    def chat(self, **fields: Any) -> httpx.Response:
        """One chat completion."""
        return self.http.post("/chat/completions", json={"model": "any", "messages": MESSAGES, **fields})

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.transcript.read_bytes().splitlines()]

    def events_of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == kind]


@contextmanager
def metered(folder: Path, endpoint: str, *, limits: PassLimits | None = None, **more: Any) -> Iterator[Metered]:
    """A pass of an agent; `more` are arguments of the model's config, but for those of meter, upstream and proxy."""
    kinds = more.pop("kinds", None)
    proxied = {name: more.pop(name) for name in ("socket_path",) if name in more}
    served = {name: more.pop(name) for name in ("next_seed", "deadline", "window") if name in more}
    ended: list[PassReason] = []
    totals, path = Metrics(), folder / "transcript.jsonl"
    model = ModelConfig(**{"name": "the-model", "endpoint": endpoint, **more})
    with Transcript(path) as transcript, Upstream(model, endpoint, **served) as upstream:
        meter = PassMeter(transcript, totals, limits or PassLimits(), kinds=kinds, on_end=ended.append)
        with MeterProxy(upstream, meter, **proxied) as proxy:
            way = httpx.HTTPTransport(uds=str(proxied["socket_path"])) if "socket_path" in proxied else None
            base = proxy.endpoint or "http://127.0.0.1/v1"
            headers = {"Authorization": "Bearer metered"}
            with httpx.Client(base_url=base, headers=headers, transport=way, timeout=20) as http:
                yield Metered(meter, upstream, proxy, http, totals, path, ended)


def until(true: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until something is true; fails after `seconds`."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


__all__ = ["MESSAGES", "Deadline", "Metered", "metered", "until"]
