"""The scheduler: which nodes a pod fits on, which of them is best, and why none is."""
