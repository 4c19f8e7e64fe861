"""Python, as a simulated subject writes it."""
