"""Read ledgers: one typed row for each run, filters, groups and pools."""
