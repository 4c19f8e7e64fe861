"""Go, as a simulated subject writes it."""
