"""Documents and models that several tests start from."""

from __future__ import annotations

from core.model.document import parse
from core.model.environment import Environment

EXAMPLE = """\
environment: lab
provider: {kind: nspawn}          # or simulated, inventory, openstack
components:
  - kind: KubernetesCluster
    name: alpha
    version: "1.36"
    workers: {count: 2, max: 5}
    gateways: {count: 1, max: 2}
    network: calico
  - kind: KubernetesPod
    name: web
    cluster: alpha
    replicas: 2
    applications:
      - {name: site, image: "nginx:1.29", ports: [{port: 80, scope: public}]}
"""

HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"


def example() -> Environment:
    """The example document's environment."""
    return parse(EXAMPLE)
