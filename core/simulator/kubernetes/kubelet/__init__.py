"""The kubelets: nodes and the pods bound to them, all of a cluster in one loop without a task for each."""
