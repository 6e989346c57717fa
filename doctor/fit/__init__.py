"""Whether a job fits a machine: memory by component, placement, levers and a verdict. Pure."""
