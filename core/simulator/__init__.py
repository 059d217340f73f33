"""The simulated world: machines that speak SSH, their etcd, their Kubernetes; behind real sockets only."""
