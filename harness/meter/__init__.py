"""The meter: it counts the calls of a pass, in process for the built-in agent and by a proxy for command agents."""
