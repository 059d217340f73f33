"""The simulated Kubernetes API: the objects of a cluster, and the server in front of them."""
