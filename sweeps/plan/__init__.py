"""Turn jobs into an ordered list of runs. Pure: nothing is started here but the declaration, which is written."""
