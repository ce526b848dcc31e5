"""Small helpers to build and save ONNX graphs that come out as the same bytes every time.

The converters beside this file use it; it knows nothing of any one network. Saved graphs are
checked, carry no names of machines, paths or dates, and may store large constants as 16-bit floats.
"""

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 13
IR_VERSION = 8
PRODUCER = "easel"
SMALLEST_HALF = 65  # constants of fewer numbers stay 32-bit: they weigh nothing and keep their precision


class Graph:
    """Nodes and constants in the order in which they were added."""

    def __init__(self):
        self.nodes = []
        self.constants = {}

    def constant(self, name, values, dtype=numpy.float32):
        """Adds a constant and returns its name."""
        self.constants[name] = numpy.ascontiguousarray(values, dtype=dtype)
        return name

    def add(self, operator, inputs, output, **attributes):
        """Adds a node of one output and returns the output's name."""
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def rename(self, names):
        """Gives values other names."""
        for node in self.nodes:
            node.input[:] = [names.get(name, name) for name in node.input]
            node.output[:] = [names.get(name, name) for name in node.output]
        self.constants = {names.get(name, name): value for name, value in self.constants.items()}

    def save(self, path, inputs, outputs, half=False):
        """Writes the part of the graph that `outputs` need. `inputs` and `outputs` map names to shapes."""
        nodes = needed_nodes(self.nodes, outputs)
        used = {name for node in nodes for name in node.input}
        tensors = []
        casts = []
        for name, values in self.constants.items():
            if name not in used:
                continue
            if half and values.dtype == numpy.float32 and values.size >= SMALLEST_HALF:
                tensors.append(numpy_helper.from_array(values.astype(numpy.float16), name + ".half"))
                casts.append(helper.make_node("Cast", [name + ".half"], [name], name=name, to=TensorProto.FLOAT))
            else:
                tensors.append(numpy_helper.from_array(values, name))
        graph = helper.make_graph(casts + nodes, "network", infos(inputs), infos(outputs), tensors)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name=PRODUCER)
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model, full_check=True)
        path.write_bytes(model.SerializeToString(deterministic=True))


def infos(shapes):
    """Float tensors of the given shapes; a text is a size that may vary."""
    return [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]


def needed_nodes(nodes, outputs):
    """The nodes that lead to `outputs`, in their order."""
    needed = set(outputs)
    kept = []
    for node in reversed(nodes):
        if needed.intersection(node.output):
            needed.update(node.input)
            kept.append(node)
    return kept[::-1]


def attribute(node, name, default=None):
    """The value of a node's attribute."""
    for found in node.attribute:
        if found.name == name:
            return helper.get_attribute_value(found)
    return default
