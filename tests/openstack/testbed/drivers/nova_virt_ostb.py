"""Nova's own fake hypervisor with a hook and with faults on purpose; runs inside nova-compute as `nova.virt.ostb`.

With neither a hook nor faults it is the fake driver, except that it takes its guests back after a restart.
"""
# mypy: ignore-errors

import json
import os
import subprocess
import time

import ostb
from nova import exception
from nova.compute import power_state
from nova.virt import fake


def describe(instance, network_info):
    """A server as the hook gets it on its standard input."""
    return {
        "id": instance.uuid,
        "name": instance.display_name,
        "project_id": instance.project_id,
        "key_name": instance.key_name,
        "user_data": instance.user_data,
        "metadata": dict(instance.metadata or {}),
        "nics": [_nic(vif) for vif in network_info or []],
    }


def _nic(vif):
    network = vif["network"]
    addresses = [
        {
            "address": address["address"],
            "cidr": subnet["cidr"],
            "floating": [one["address"] for one in address.get("floating_ips", [])],
        }
        for subnet in network["subnets"]
        for address in subnet["ips"]
    ]
    return {"port_id": vif["id"], "mac": vif["address"], "network": network["label"], "ips": addresses}


class Driver(fake.FakeDriverWithoutFakeNodes):
    def get_info(self, instance, use_cache=True):
        if instance.task_state is None:
            self._adopt(instance)
        return super().get_info(instance, use_cache)

    def spawn(self, context, instance, *arguments, network_info=None, **more):
        if network_info:
            network_info.wait(do_raise=True)
        self._happen("spawn", instance, network_info)
        super().spawn(context, instance, *arguments, network_info=network_info, **more)

    def destroy(self, context, instance, network_info, *arguments, **more):
        self._happen("destroy", instance, network_info)
        super().destroy(context, instance, network_info, *arguments, **more)

    def power_off(self, instance, *arguments, **more):
        self._adopt(instance)
        self._happen("power_off", instance)
        super().power_off(instance, *arguments, **more)

    def power_on(self, context, instance, network_info, *arguments, **more):
        self._adopt(instance)
        self._happen("power_on", instance, network_info)
        super().power_on(context, instance, network_info, *arguments, **more)

    def reboot(self, context, instance, network_info, *arguments, **more):
        self._adopt(instance)
        self._happen("reboot", instance, network_info)
        fake.FakeDriver.power_on(self, context, instance, network_info)

    def _happen(self, event, instance, network_info=None):
        for verb, argument in ostb.faults(event, instance.display_name, instance.uuid):
            if verb == "delay":
                time.sleep(float(argument))
            elif verb == "reschedule":
                raise exception.ComputeResourcesUnavailable(reason=argument or "asked for")
            elif verb == "fail":
                self._fail(event, instance, argument or "asked for")
        if os.environ.get("OSTB_HOOK"):
            self._call_hook(event, instance, network_info)

    def _call_hook(self, event, instance, network_info):
        said = json.dumps(describe(instance, network_info or instance.get_network_info()))
        command = [os.environ["OSTB_HOOK"], event]
        done = subprocess.run(command, check=False, input=said, capture_output=True, text=True, timeout=300)
        if done.returncode:
            self._fail(event, instance, (done.stdout + done.stderr).strip()[-200:] or f"hook: {done.returncode}")

    def _fail(self, event, instance, text):
        if event == "spawn":
            raise exception.BuildAbortException(instance_uuid=instance.uuid, reason=text)
        raise exception.NovaException(f"{event} failed: {text}")

    def _adopt(self, instance):
        """The fake driver keeps its guests in memory only: those that Nova's database has here are taken back."""
        if instance.uuid not in self.instances and instance.host == self._host and instance.launched_at:
            off = instance.vm_state in ("stopped", "suspended", "paused")
            state = power_state.SHUTDOWN if off else power_state.RUNNING
            self.instances[instance.uuid] = fake.FakeInstance(instance.name, state, instance.uuid)
