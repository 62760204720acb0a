"""Several engines as one, weighted by what each of them has been right about."""
