"""A tiny checkpoint, made on the spot, whose weights are set by hand so that it speaks a script.

Each token of the script is a direction of its own in the residual stream: its embedding is that direction, attention
and feed-forward add nothing, and the head maps it to the token that follows it. Where a script branches at random,
several tokens follow one with the same logit. The chat template ends a prompt with the token from which a turn of
the script begins: which one, it decides by what stands in the conversation.
"""

import json
import math
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PIECE = 7
"""Characters of a token of the script."""

MARK = "\u2063"
"""Sets off the number that tells tokens of the same text apart; the decoder takes it out again."""

FIXED = ("<unk>", "<|im_start|>", "<|im_end|>", "<think>", "</think>", "<tool_call>", "</tool_call>")
END = "<|im_end|>"
CERTAIN = 60.0
"""Logit of a token that follows for certain; all others have none."""

HEAD = 64


@dataclass
class Script:
    """Tokens, and which follows which with which logit."""

    texts: list[str] = field(default_factory=lambda: list(FIXED))
    follows: dict[int, dict[int, float]] = field(default_factory=dict)

    def token(self, text: str) -> int:
        """A new token of that text; of `FIXED` there is one each."""
        self.texts.append(text)
        return len(self.texts) - 1

    def state(self, name: str) -> int:
        """The token with which a prompt ends that wants this turn."""
        return self.token(f"<|{name}|>")

    def chain(self, begin: int, text: str) -> int:
        """Let the text follow a token, and return the last token of it."""
        for piece in _pieces(text):
            # A tag is one token in the vocabulary and many in the script: only its copies know what follows.
            begin = self._after(begin, self.token(piece))
        return begin

    def turn(self, name: str, text: str) -> None:
        """A turn of the script: this text, and its end."""
        self.end(self.chain(self.state(name), text))

    def end(self, token: int) -> None:
        self._after(token, self.texts.index(END))

    def loop(self, begin: int, words: Iterable[str], *, length: float = math.inf) -> int:
        """Words in any order, without end, or so many of them on average; returns the token after them."""
        tokens = [self.token(word) for word in words]
        after = self.token("  ")
        leave = CERTAIN - math.log(length / len(tokens)) if length < math.inf else 0.0
        for token in (begin, *tokens):
            self.follows[token] = dict.fromkeys(tokens, CERTAIN) | ({after: leave} if leave else {})
        return after

    def _after(self, token: int, follower: int) -> int:
        self.follows[token] = {follower: CERTAIN}
        return follower


def _pieces(text: str) -> list[str]:
    """The text cut into tokens; tags stay whole, since the server looks for them."""
    found: list[str] = []
    while text:
        tag = next((tag for tag in FIXED if text.startswith(tag)), None)
        size = len(tag) if tag else min([PIECE, *(at for tag in FIXED if (at := text.find(tag)) > 0)])
        found.append(text[:size])
        text = text[size:]
    return found


def write_checkpoint(folder: Path, script: Script, template: str) -> None:
    """Write all files of the checkpoint."""
    folder.mkdir(parents=True)
    _write_json(folder / "config.json", _config(width_of(script), script.texts.index(END)))
    _write_json(folder / "tokenizer.json", _tokenizer(script))
    _write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "eos_token": END,
            "unk_token": FIXED[0],
            "clean_up_tokenization_spaces": False,
            "chat_template": template,
        },
    )
    _write_weights(folder / "model.safetensors", weights(script))


def _config(width: int, end: int) -> dict[str, object]:
    return {
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "hidden_size": width,
        "num_hidden_layers": 1,
        "intermediate_size": HEAD,
        "num_attention_heads": 1,
        "num_key_value_heads": 1,
        "head_dim": HEAD,
        "rms_norm_eps": 1e-6,
        "vocab_size": width,
        "max_position_embeddings": 1 << 20,
        "tie_word_embeddings": False,
        "rope_theta": 10000.0,
        "eos_token_id": end,
        "torch_dtype": "float32",
    }


def _tokenizer(script: Script) -> dict[str, object]:
    """Whole words, of which none but those of the template are known: prompts are counted by their words."""
    special = [at for at, text in enumerate(script.texts) if at < len(FIXED) or text.startswith("<|")]
    names = [text if at in special else f"{text}{MARK}{at}{MARK}" for at, text in enumerate(script.texts)]
    added = [
        {"id": at, "content": names[at], "special": True}
        | dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
        for at in special
    ]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": None,
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": None,
        "decoder": {"type": "Replace", "pattern": {"Regex": f"{MARK}[0-9]+{MARK}"}, "content": ""},
        "model": {"type": "WordLevel", "vocab": {name: at for at, name in enumerate(names)}, "unk_token": FIXED[0]},
    }


def width_of(script: Script) -> int:
    """Size of the residual stream and of the vocabulary: a direction for each token, rounded up to whole heads."""
    return -(-len(script.texts) // HEAD) * HEAD


def weights(script: Script) -> dict[str, NDArray[np.float32]]:
    """The tensors, as safetensors calls them."""
    width = width_of(script)
    head = np.zeros((width, width), dtype=np.float32)
    # The norm before the head makes a direction of length one as long as the root of the width.
    for token, followers in script.follows.items():
        for follower, logit in followers.items():
            head[follower, token] = logit / math.sqrt(width)
    layer = "model.layers.0"
    shapes = {
        f"{layer}.self_attn.q_proj": (HEAD, width),
        f"{layer}.self_attn.k_proj": (HEAD, width),
        f"{layer}.self_attn.v_proj": (HEAD, width),
        f"{layer}.self_attn.o_proj": (width, HEAD),
        f"{layer}.mlp.gate_proj": (HEAD, width),
        f"{layer}.mlp.up_proj": (HEAD, width),
        f"{layer}.mlp.down_proj": (width, HEAD),
    }
    norms = {"self_attn.q_norm": HEAD, "self_attn.k_norm": HEAD}
    norms |= dict.fromkeys(("input_layernorm", "post_attention_layernorm"), width)
    tensors = {name: np.zeros(shape, dtype=np.float32) for name, shape in shapes.items()}
    tensors |= {f"{layer}.{name}": np.ones(size, dtype=np.float32) for name, size in norms.items()}
    tensors |= {
        "model.norm": np.ones(width, dtype=np.float32),
        "model.embed_tokens": np.eye(width, dtype=np.float32),
        "lm_head": head,
    }
    return {f"{name}.weight": weight for name, weight in tensors.items()}


def _write_weights(path: Path, tensors: Mapping[str, NDArray[np.float32]]) -> None:
    """The safetensors format: the length of a JSON header, the header, and the bytes of the tensors."""
    header: dict[str, object] = {"__metadata__": {"format": "mlx"}}
    offset = 0
    for name, weight in tensors.items():
        header[name] = {"dtype": "F32", "shape": weight.shape, "data_offsets": [offset, offset + weight.nbytes]}
        offset += weight.nbytes
    told = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(told)) + told)
        for weight in tensors.values():
            file.write(weight.tobytes())


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
