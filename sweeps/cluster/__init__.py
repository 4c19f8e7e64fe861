"""Run a sweep on a Ray cluster: slots, the scheduler, workers and their messages."""
