"""A live cluster: access, typed rows, watches, logs, exec, scale and drain."""
