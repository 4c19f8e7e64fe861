"""The published study: its figures recomputed, and simulated subjects compared with them."""
