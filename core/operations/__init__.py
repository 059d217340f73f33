"""What is done with clusters that run: operations with their journal, streams, and views of gateways and etcd."""
