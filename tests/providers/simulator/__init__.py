"""The simulators of the hosted model services: the other side of the wire, written from the
vendors' documentation alone. Nothing here may import anything of Easel."""
