"""The study's claim about floors, tried on generated kits with a simulated subject."""
