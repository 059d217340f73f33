"""The pane's tabs by name."""

from __future__ import annotations

from tui.context import Context
from tui.view_models.object_view import events_view, first_view
from tui.widgets.deployment_tab import DeploymentTab
from tui.widgets.endpoints_tab import EndpointsTab
from tui.widgets.logs_tab import LogsTab
from tui.widgets.objects_tab import ObjectsTab
from tui.widgets.pane_tab import PaneTab
from tui.widgets.yaml_tab import YamlTab


def make_tab(name: str, context: Context) -> PaneTab:
    """A new tab.

    Raises:
        KeyError: there is none of this name.
    """
    if name == "objects":
        return ObjectsTab(context, first_view, id=name)
    if name == "events":
        return ObjectsTab(context, events_view, id=name)
    return {"endpoints": EndpointsTab, "logs": LogsTab, "yaml": YamlTab, "deployment": DeploymentTab}[name](context)
