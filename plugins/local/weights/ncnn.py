"""Reads an ncnn network (`.param` text and `.bin` weights) and builds the same network in ONNX.

It knows the layers that the networks of `convert.py` use and refuses any other, so that nothing is
converted by guessing. Weights stored as 16-bit floats are widened; the layout of both files is
documented in ncnn's wiki ("param and model file structure").
"""

import struct

import numpy

from graph import Graph

MAGIC = "7767517"
HALF_TAG = 0x01306B47  # marks weights stored as 16-bit floats
FLOAT_TAG = 0
INPUT, OUTPUT = "image", "enlarged"
BINARY = {0: "Add", 1: "Sub", 2: "Mul", 3: "Div"}
NO_ACTIVATION, RELU, LEAKY_RELU = 0, 1, 2


class Weights:
    """The `.bin` file, read from front to back."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def floats(self, count):
        values = numpy.frombuffer(self.data, "<f4", count, self.at)
        self.at += 4 * count
        return values

    def tagged(self, count):
        """Weights after a tag that tells how they are stored; padded to 4 bytes."""
        (tag,) = struct.unpack_from("<I", self.data, self.at)
        self.at += 4
        if tag == FLOAT_TAG:
            return self.floats(count)
        if tag != HALF_TAG:
            raise ValueError(f"unknown weight tag {tag:#x}")
        values = numpy.frombuffer(self.data, "<f2", count, self.at)
        self.at += (2 * count + 3) // 4 * 4
        return values.astype(numpy.float32)


class Layer:
    """One line of the `.param` file."""

    def __init__(self, line):
        words = line.split()
        self.kind, self.name = words[0], words[1]
        count_in, count_out = int(words[2]), int(words[3])
        self.inputs = words[4 : 4 + count_in]
        self.outputs = words[4 + count_in : 4 + count_in + count_out]
        self.settings = dict(word.split("=", 1) for word in words[4 + count_in + count_out :])

    def integer(self, key, default=0):
        return int(self.settings.get(str(key), default))

    def number(self, key, default=0.0):
        return float(self.settings.get(str(key), default))

    def numbers(self, key):
        """An array: ncnn writes `-233xx=count,a,b,…`."""
        text = self.settings.get(str(-23300 - key))
        return [] if text is None else [float(word) for word in text.split(",")[1:]]


def convert(param_path, bin_path):
    """The network as a `Graph` from `image` to `enlarged`."""
    lines = param_path.read_text().splitlines()
    if lines[0].strip() != MAGIC:
        raise ValueError(f"{param_path.name} is no ncnn network")
    weights = Weights(bin_path.read_bytes())
    graph = Graph()
    same = {}  # names that stand for another value
    last = None
    for layer in (Layer(line) for line in lines[2:] if line.strip()):
        layer.inputs = [same.get(name, name) for name in layer.inputs]
        if layer.kind == "Input":
            same[layer.outputs[0]] = INPUT
        elif layer.kind == "Split":
            same.update((name, layer.inputs[0]) for name in layer.outputs)
        else:
            last = add_layer(graph, layer, weights)
    if weights.at != len(weights.data):
        raise ValueError(f"{len(weights.data) - weights.at} bytes of {bin_path.name} were not used")
    graph.rename({last: OUTPUT})
    return graph


def add_layer(graph, layer, weights):
    output = layer.outputs[0]
    match layer.kind:
        case "MemoryData":
            width, height, channels = (max(layer.integer(key), 1) for key in (0, 1, 2))
            values = weights.floats(width * height * channels)
            return graph.constant(output, values.reshape(1, channels, height, width))
        case "Convolution":
            return add_convolution(graph, layer, weights)
        case "PReLU":
            slope = weights.floats(layer.integer(0)).reshape(-1, 1, 1)
            return graph.add("PRelu", [*layer.inputs, graph.constant(layer.name + ".slope", slope)], output)
        case "Sigmoid":
            return graph.add("Sigmoid", layer.inputs, output)
        case "Swish":
            gate = graph.add("Sigmoid", layer.inputs, output + ".gate")
            return graph.add("Mul", [layer.inputs[0], gate], output)
        case "Concat":
            return graph.add("Concat", layer.inputs, output, axis=1)
        case "PixelShuffle":
            order = "CRD" if layer.integer(1) == 0 else "DCR"
            return graph.add("DepthToSpace", layer.inputs, output, blocksize=layer.integer(0), mode=order)
        case "Interp":
            return add_resize(graph, layer)
        case "BinaryOp":
            inputs = list(layer.inputs)
            if layer.integer(1):
                inputs.append(graph.constant(layer.name + ".scalar", layer.number(2)))
            return graph.add(BINARY[layer.integer(0)], inputs, output)
        case "Eltwise":
            return add_weighted_sum(graph, layer)
    raise ValueError(f"unknown ncnn layer {layer.kind}")


def add_convolution(graph, layer, weights):
    channels, side, pad = layer.integer(0), layer.integer(1), layer.integer(4)
    kernel = weights.tagged(layer.integer(6)).reshape(channels, -1, side, side)
    inputs = [layer.inputs[0], graph.constant(layer.name + ".weight", kernel)]
    if layer.integer(5):
        inputs.append(graph.constant(layer.name + ".bias", weights.floats(channels)))
    activation = layer.integer(9, NO_ACTIVATION)
    output = layer.outputs[0]
    linear = output if activation == NO_ACTIVATION else output + ".linear"
    graph.add("Conv", inputs, linear, kernel_shape=[side, side], pads=[pad] * 4, strides=[layer.integer(3, 1)] * 2)
    if activation == LEAKY_RELU:
        return graph.add("LeakyRelu", [linear], output, alpha=layer.numbers(10)[0])
    if activation == RELU:
        return graph.add("Relu", [linear], output)
    if activation != NO_ACTIVATION:
        raise ValueError(f"unknown activation {activation} in {layer.name}")
    return output


def add_resize(graph, layer):
    if layer.integer(0) != 1:
        raise ValueError(f"only nearest-neighbour resizing is known, not {layer.integer(0)}")
    factors = graph.constant(layer.name + ".factors", [1, 1, layer.number(1), layer.number(2)])
    mapping = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return graph.add("Resize", [layer.inputs[0], "", factors], layer.outputs[0], mode="nearest", **mapping)


def add_weighted_sum(graph, layer):
    if layer.integer(0) != 1:
        raise ValueError(f"only sums are known in {layer.name}")
    factors = layer.numbers(1) or [1.0] * len(layer.inputs)
    terms = []
    for index, (name, factor) in enumerate(zip(layer.inputs, factors)):
        if factor != 1.0:
            scalar = graph.constant(f"{layer.name}.factor{index}", factor)
            name = graph.add("Mul", [name, scalar], f"{layer.outputs[0]}.term{index}")
        terms.append(name)
    total = terms[0]
    for index, term in enumerate(terms[1:], 1):
        name = layer.outputs[0] if index == len(terms) - 1 else f"{layer.outputs[0]}.sum{index}"
        total = graph.add("Add", [total, term], name)
    return total
