"""Pure functions over counts: no files, no frames, no clocks.

A pair of arms is always `TwoArms(k_a, n_a, k_b, n_b)`: completions and runs of the baseline A and of B. Differences are
B − A, odds ratios B over A, and the one-sided value speaks for "B completes more often".
"""
