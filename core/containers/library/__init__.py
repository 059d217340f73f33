"""The Docker interface library: what a package imports to bring an application along as a Python class.

    class Boat(DockerApplication):
        entry = {"id": "boat", "title": "Boat", …}

        def container(self, description: Description) -> DockerContainer:
            return DockerContainer(image="boat:1.0", ports=[ApplicationPort(port=80, scope=Scope.PUBLIC)])

Its package names the class in the entry point group `gondolier.applications`; documents name it by the entry's id.
"""

from core.containers.library.application import DockerApplication, Installation
from core.containers.library.container import Description, DockerContainer
from core.containers.library.host import DockerContainerHost
from core.model.container import (
    ApplicationPort,
    ClaimVolume,
    CommandProbe,
    DockerVolume,
    HostPathVolume,
    HttpProbe,
    Resources,
    TcpProbe,
    TemporaryVolume,
)
from core.model.scope import Protocol, Scope
from core.model.value import ConnectionValue, GeneratedValue, SecretValue, SharedValue

__all__ = [
    "ApplicationPort",
    "ClaimVolume",
    "CommandProbe",
    "ConnectionValue",
    "Description",
    "DockerApplication",
    "DockerContainer",
    "DockerContainerHost",
    "DockerVolume",
    "GeneratedValue",
    "HostPathVolume",
    "HttpProbe",
    "Installation",
    "Protocol",
    "Resources",
    "Scope",
    "SecretValue",
    "SharedValue",
    "TcpProbe",
    "TemporaryVolume",
]
