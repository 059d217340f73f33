"""The pod networks, Calico and Flannel: what they keep in etcd and how they answer for themselves."""
