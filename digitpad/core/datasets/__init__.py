"""The data sets: what there is, loading, downloading, suspect labels."""
