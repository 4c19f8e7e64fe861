"""The tiny checkpoint as a GGUF file, for llama.cpp's server."""

from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import numpy as np
from checkpoint import END, FIXED, HEAD, Script, weights, width_of
from gguf import GGUFWriter, TokenType

LAYER = "blk.0"
NAMES = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
"""What GGUF calls the tensors that safetensors calls otherwise."""


VOCABULARY = ("model.embed_tokens.weight", "lm_head.weight")
"""Tensors with a row for each token."""


def write_gguf(path: Path, script: Script, template: str, *, window: int) -> None:
    """Write the file."""
    width = width_of(script)
    writer = GGUFWriter(path, "qwen3")
    writer.add_context_length(window)
    writer.add_embedding_length(width)
    writer.add_block_count(1)
    writer.add_feed_forward_length(HEAD)
    writer.add_head_count(1)
    writer.add_head_count_kv(1)
    writer.add_key_length(HEAD)
    writer.add_value_length(HEAD)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(10000.0)
    names = _names(script.texts, width)
    control = [at < len(FIXED[:3]) or (text.startswith("<|")) for at, text in enumerate(script.texts)]
    # This tokenizer alone has escapes, by which tokens of one text differ.
    writer.add_tokenizer_model("rwkv")
    writer.add_token_list(names)
    kinds = [TokenType.CONTROL if special else TokenType.NORMAL for special in control]
    writer.add_token_types([*kinds, *[TokenType.NORMAL] * (len(names) - len(kinds))])
    writer.add_unk_token_id(0)
    writer.add_eos_token_id(script.texts.index(END))
    writer.add_chat_template(template)
    for name, tensor in weights(script).items():
        beyond = len(names) - width if name in VOCABULARY else 0
        writer.add_tensor(_gguf_name(name), np.pad(tensor, [(0, beyond), *[(0, 0)] * (tensor.ndim - 1)]))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _gguf_name(name: str) -> str:
    stem = name.removesuffix(".weight")
    layer, _, inner = stem.partition("layers.0.")
    return f"{LAYER}.{NAMES[inner]}.weight" if inner else f"{NAMES[layer]}.weight"


def _names(texts: Sequence[str], size: int) -> list[str]:
    """A name for each token that no other has; those of one text differ in which of its characters are escaped.

    Each byte has a token too, or the tokenizer would never come to an end.
    """
    names: dict[str, None] = {}
    for text in texts:
        spellings = [text] if text.startswith("<|") or text == FIXED[0] else _spellings(text)
        names[next(name for name in spellings if name not in names)] = None
    unused = (f"<|unused {at}|>" for at in range(size - len(names)))
    single = {byte for text in texts for byte in text.encode() if len(text) == 1}
    return [*names, *unused, *(f"\\x{byte:02x}" for byte in range(256) if byte not in single)]


def _spellings(text: str) -> Iterator[str]:
    """Every way of writing the text with its characters plain or escaped."""
    return map("".join, product(*map(_ways, text.encode())))


def _ways(byte: int) -> tuple[str, ...]:
    plain = {"\\": ("\\\\",), "\n": ("\n", "\\n")}.get(chr(byte), (chr(byte),)) if byte < 128 else ()
    return (*plain, f"\\x{byte:02x}")
