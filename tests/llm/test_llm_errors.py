"""Errors: one line, no secrets, and an overflow known as such."""

import pytest
from asking import PROMPT, Open, Slept

from harness.config import ConfigError, ModelConfig
from harness.llm.client import OpenAIChat
from harness.llm.connection import reachable
from harness.llm.errors import ContextOverflow, ModelError, is_overflow

from scripted import answer, frame, stream

OVERFLOWS = [
    "This model's maximum context length is 4096 tokens. However, you requested 5020 tokens",
    "the request exceeds the available context size, try increasing it",
    '{"code":400,"message":"request (9001 tokens) is too much","type":"exceed_context_size_error"}',
    "The number of tokens to keep from the initial prompt is greater than the context length.",
    "Trying to keep the first 9001 tokens when context the overflows. The model has a context length of only 4096",
    "input length exceeds the context length",
    "prompt too long; exceeded max context length by 4 tokens",
    "prompt is too long: 208310 tokens > 200000 maximum",
    "The input (9000 tokens) is longer than the model's context length (4096 tokens).",
    "Requested tokens (9000) exceed context window of 2048",
    "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 9000 `inputs` tokens",
    "Prompt contains 40000 tokens, too large for model with 32768 maximum context length",
    "Please reduce the length of the messages or completion.",
    "The input token count (1200000) exceeds the maximum number of tokens allowed (1048575).",
    '{"error":{"code":"context_length_exceeded"}}',
    "Prompt length (9001) exceeds max_seq_len (4096)",
]

NO_OVERFLOWS = [
    "model not found",
    "max_tokens must be at least 1",
    "top_k is not supported",
    "messages must not be empty",
    "Internal server error",
    "temperature is too large",
]


@pytest.mark.parametrize("wording", OVERFLOWS)
def test_an_overflow_is_known_in_every_wording(opened: Open, slept: Slept, wording: str) -> None:
    """A prompt over the server's window ends the call at once, as an error of its own kind."""
    model, server = opened(answer({"error": {"message": wording}}, status=400))
    with pytest.raises(ContextOverflow, match="HTTP 400"):
        model.complete(PROMPT, [], seed=None)
    assert ([], 1) == (slept, len(server.asked))


@pytest.mark.parametrize("wording", NO_OVERFLOWS)
def test_other_refusals_are_no_overflow(wording: str) -> None:
    """A fault of the set-up must not pass for a full window."""
    assert not is_overflow(wording)


def test_an_overflow_told_in_a_stream_or_by_a_500_is_one_too(opened: Open, slept: Slept) -> None:
    """The words count, not the status that they come with."""
    for reply in (stream(frame({"error": {"message": OVERFLOWS[0]}})), answer({"error": OVERFLOWS[9]}, status=500)):
        model, _ = opened(reply, stream=True)
        with pytest.raises(ContextOverflow):
            model.complete(PROMPT, [], seed=None)
    assert [] == slept


def test_an_error_is_one_line_with_what_where_and_the_body(opened: Open) -> None:
    """The endpoint, the status and the first 300 characters of the body, whatever the body looks like."""
    model, server = opened(answer(b"no\r\n\tsuch \xff model " + b"x" * 100_000, status=404))
    with pytest.raises(ModelError) as caught:
        model.complete(PROMPT, [], seed=None)
    body = ("no such \ufffd model " + "x" * 400)[:300]
    assert f"POST {server.endpoint}/chat/completions: HTTP 404: {body}" == str(caught.value)


def test_an_unfinished_error_body_still_gives_the_status(opened: Open, slept: Slept) -> None:
    """The status decides; the body is only told as far as it came."""
    model, _ = opened(answer(b"no model", status=404, length=100, then="close"))
    with pytest.raises(ModelError, match="HTTP 404: no model"):
        model.complete(PROMPT, [], seed=None)
    assert [] == slept


def test_a_server_that_is_down_is_told_in_one_line(slept: Slept, unused_endpoint: str) -> None:
    """Nobody there: the error names the endpoint and the reason."""
    with OpenAIChat(ModelConfig(name="m"), unused_endpoint, sleep=slept) as model:
        with pytest.raises(ModelError, match=f"POST {unused_endpoint}/chat/completions: gave up after 3 .*refused"):
            model.complete(PROMPT, [], seed=None)
        assert {} == model.server
    assert [0.2, 0.4] == slept


def test_the_key_is_sent_and_never_told(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key reaches the server and nothing else, even if the server repeats it where the text is clipped."""
    key = "sk-" + "0123456789" * 4
    monkeypatch.setenv("KEY_OF_THE_TEST", f" {key}\n")
    echo = answer({"error": "x" * 270 + f" wrong key {key}"}, status=401)
    model, server = opened(echo, config=ModelConfig(name="m", api_key_env="KEY_OF_THE_TEST"))
    with pytest.raises(ModelError) as caught:
        model.complete(PROMPT, [], seed=None)
    assert f"Bearer {key}" == server.requests[0].headers["authorization"]
    assert key[:6] not in str(caught.value)
    assert key not in repr(model) + repr(model.server)


def test_no_key_is_sent_where_none_is_named(opened: Open) -> None:
    """Without a variable there is no such header at all."""
    model, server = opened(answer({"choices": []}))
    model.complete(PROMPT, [], seed=None)
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize("value", [None, "", "  ", "two\nlines", "schlüssel"])
def test_an_unusable_key_is_a_config_error(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    """A named variable that is unset, empty or unfit for a header is told before any call, without its value."""
    monkeypatch.delenv("KEY_OF_THE_TEST", raising=False)
    if value is not None:
        monkeypatch.setenv("KEY_OF_THE_TEST", value)
    with pytest.raises(ConfigError) as caught:
        OpenAIChat(ModelConfig(name="m", api_key_env="KEY_OF_THE_TEST"), "http://127.0.0.1:1/v1")
    assert str(caught.value).startswith("model.api_key_env=KEY_OF_THE_TEST: must ")
    assert not (value and value.strip()) or value not in str(caught.value)


@pytest.mark.parametrize("endpoint", ["http://", "http://[::1", "http://:80/v1"])
def test_an_endpoint_without_a_host_is_a_config_error(endpoint: str) -> None:
    """What is no URL of a server is told at once."""
    with pytest.raises(ConfigError, match="must be a URL with a host"):
        OpenAIChat(ModelConfig(name="m"), endpoint)


def test_passwords_in_the_endpoint_are_not_told(unused_endpoint: str, slept: Slept) -> None:
    """A user name and password in the URL stay out of errors."""
    endpoint = unused_endpoint.replace("http://", "http://someone:secret@")
    with OpenAIChat(ModelConfig(name="m"), endpoint, sleep=slept) as model, pytest.raises(ModelError) as caught:
        model.complete(PROMPT, [], seed=None)
    assert ("secret" in str(caught.value), "secret" in str(reachable(endpoint, 1))) == (False, False)


def test_proxies_of_the_environment_are_not_used(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy meant for the web does not come between the harness and its server."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    model, server = opened(answer({"choices": []}))
    assert model.complete(PROMPT, [], seed=None).empty
    assert reachable(server.endpoint, 1) is None


def test_any_answer_at_all_is_reachable(opened: Open, unused_endpoint: str) -> None:
    """A server that answers with whatever status is there; nobody is told with the reason."""
    listings: list[object] = [None, {"data": []}, answer(b"", status=500), answer(b"", status=401)]
    for listing in listings:
        _, server = opened(models=listing)
        assert reachable(server.endpoint, 1) is None
        assert reachable(server.endpoint + "/", 1) is None
    reason = reachable(unused_endpoint, 1)
    assert reason is not None
    assert reason.startswith(f"GET {unused_endpoint}/models: ConnectError")
    assert "\n" not in reason
