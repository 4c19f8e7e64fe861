"""Wires other than chat completions, translated: OpenAI's Responses and Anthropic's Messages.

Each request becomes a chat completion, also where the server has the wire itself: so the server gets the same requests
from every agent, sampling is forced in the same way, and one reader counts the tokens. By the public documents of both
interfaces; the adapters that are kept up are parts of far larger packages.
"""
