"""The provider `openstack`: servers of a project, with the network and the security groups that they need."""
