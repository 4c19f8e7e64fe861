"""A simulated judge behind a real HTTP endpoint: it sees messages and a seed, scores by rule, and can misbehave."""
