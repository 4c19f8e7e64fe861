"""Many runs: a command line becomes a plan, and the plan becomes records. The only home of Hydra.

The front door is `sweeps.app.main`, which `python -m harness` hands over to.
"""
