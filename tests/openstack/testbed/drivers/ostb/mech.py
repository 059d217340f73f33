"""A Neutron mechanism driver that stands where the L2 and L3 agents would; runs inside neutron.

It binds every port that has a host and reports it ACTIVE, so that Neutron sends Nova its event, and sets a floating
address's status as an L3 agent would.
"""
# mypy: ignore-errors

from neutron_lib import constants
from neutron_lib.api.definitions import portbindings
from neutron_lib.callbacks import events, registry, resources
from neutron_lib.plugins import constants as plugins
from neutron_lib.plugins import directory
from neutron_lib.plugins.ml2 import api

import ostb


class AgentlessMechanismDriver(api.MechanismDriver):
    def initialize(self):
        for event in (events.AFTER_CREATE, events.AFTER_UPDATE):
            registry.subscribe(self._floating_changed, resources.FLOATING_IP, event)

    @property
    def connectivity(self):
        return portbindings.CONNECTIVITY_L2

    def bind_port(self, context):
        names = (context.current.get("name"), context.network.current.get("name"))
        if any(verb == "fail" for verb, _ in ostb.faults("bind", *names)):
            return
        details = {
            portbindings.CAP_PORT_FILTER: True,
            portbindings.OVS_HYBRID_PLUG: False,
            portbindings.VIF_DETAILS_CONNECTIVITY: portbindings.CONNECTIVITY_L2,
        }
        segment = context.segments_to_bind[0]
        active = constants.PORT_STATUS_ACTIVE
        context.set_binding(segment[api.ID], portbindings.VIF_TYPE_OVS, details, status=active)

    def _floating_changed(self, resource, event, trigger, payload=None):
        floating = payload.latest_state
        attached = floating.get("fixed_port_id") or floating.get("port_id")
        status = constants.FLOATINGIP_STATUS_ACTIVE if attached else constants.FLOATINGIP_STATUS_DOWN
        router = directory.get_plugin(plugins.L3)
        router.update_floatingip_status(payload.context.elevated(), payload.resource_id or floating["id"], status)
