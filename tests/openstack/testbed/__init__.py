"""A real OpenStack control plane on loopback: keystone, placement, glance, neutron, nova with its fake hypervisor.

Only two parts are not the real ones, both in `drivers`: nova's hypervisor (its own fake one, subclassed) and Neutron's
network agents (a mechanism driver that binds every port). Nothing boots a guest or plugs a wire; every answer, quota,
scheduling decision and binding is the real service's.
"""
