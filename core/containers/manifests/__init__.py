"""Raw objects of a cluster: applied in an order that works, remembered in the cluster itself, removed when they go."""
