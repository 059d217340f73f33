"""etcd as it behaves from outside: who is a member, who leads, what is kept, and what `etcdctl` answers."""
