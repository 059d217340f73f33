"""Programs of ours that run on a cluster's machines; each is one file that needs nothing but Python."""
