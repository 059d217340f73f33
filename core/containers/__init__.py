"""Applications in containers: what a pod becomes in a cluster, and where it is reached."""
