"""The few lines that Hydra insists on: it takes launchers and sweepers from its own namespace only."""
