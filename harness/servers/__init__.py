"""What a server is and does: its own word on itself, checks of it, and servers that a sweep starts itself."""
