"""Chat completions of an OpenAI-compatible server: one reply object, streamed or not."""
