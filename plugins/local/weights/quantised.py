"""Turns a network of 8-bit weights and activations (QuantizeLinear and DequantizeLinear pairs) into
one of floats: constants are multiplied out, activations are no longer rounded.

The networks were quantised for phones; rounding their activations costs them their fine texture.
"""

import numpy
from onnx import NodeProto, numpy_helper

from graph import Graph, attribute


def constants(model):
    """The constants of a model by name, initialisers and `Constant` nodes alike."""
    found = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Constant":
            found[node.output[0]] = numpy_helper.to_array(attribute(node, "value"))
    return found


def dequantise(node, given):
    """The floats that a DequantizeLinear of constants stands for."""
    values = given[node.input[0]].astype(numpy.float64)
    scale = given[node.input[1]].astype(numpy.float64)
    zero = given[node.input[2]].astype(numpy.float64) if len(node.input) > 2 and node.input[2] else numpy.zeros_like(scale)
    if scale.size > 1:
        shape = [1] * values.ndim
        shape[attribute(node, "axis", 1) if values.ndim > 1 else 0] = scale.size
        scale, zero = scale.reshape(shape), zero.reshape(shape)
    elif scale.ndim:
        scale, zero = scale.reshape(()), zero.reshape(())
    return ((values - zero) * scale).astype(numpy.float32)


def convert(model):
    """The same network in floats, as a `Graph`, and its constants under their original names."""
    given = constants(model)
    graph = Graph()
    same = {}
    floats = {}
    for node in model.graph.node:
        if node.op_type == "Constant":
            continue
        if node.op_type == "QuantizeLinear":
            same[node.output[0]] = same.get(node.input[0], node.input[0])
        elif node.op_type == "DequantizeLinear" and node.input[0] in given:
            floats[node.output[0]] = dequantise(node, given)
        elif node.op_type == "DequantizeLinear":
            same[node.output[0]] = same.get(node.input[0], node.input[0])
        else:
            copy = NodeProto()
            copy.CopyFrom(node)
            copy.input[:] = [same.get(name, name) for name in node.input]
            graph.nodes.append(copy)
    graph.constants = {**given, **floats}
    ends = {output.name: same.get(output.name, output.name) for output in model.graph.output}
    graph.rename({inner: outer for outer, inner in ends.items()})
    named = {name.removesuffix("_dequant").removesuffix("_quant"): value for name, value in floats.items()}
    return graph, named
