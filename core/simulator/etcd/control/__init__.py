"""What `etcdctl` answers: its flags, its commands, and its ways of printing."""
