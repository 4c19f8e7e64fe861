"""Model servers: facts, checks, and servers that a sweep starts itself."""
