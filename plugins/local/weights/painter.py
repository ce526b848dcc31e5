"""Builds the two painting networks anew, from the numbers in the packages' files.

Both are the same kind of network (Johnson's shape with conditional instance normalisation): three
convolutions down, residual blocks, three convolutions up. The originals have fixed sizes, 8-bit
activations or shape arithmetic in the graph. These have none of that, take any size whose sides are
multiples of 4, and name two things that the program needs:

  mean.NN, variance.NN   statistics of normalisation NN, which a caller may feed instead of having them
                         measured: that keeps one look over several runs
  cut.NN                 values that are everything the rest of the network needs: a run may stop there,
                         ask whether it is still wanted, and go on
"""

from dataclasses import dataclass

import numpy

from graph import Graph

IMAGE, STYLE, RESULT = "image", "style", "painted"


@dataclass
class Norm:
    """scale = style @ scale_matrix + scale_bias, and the same for the shift."""

    scale_matrix: numpy.ndarray  # style numbers x channels
    scale_bias: numpy.ndarray | None
    shift_matrix: numpy.ndarray
    shift_bias: numpy.ndarray | None
    epsilon: float


@dataclass
class Layer:
    kernel: numpy.ndarray  # out x in x height x width
    bias: numpy.ndarray | None
    norm: Norm | None
    stride: int = 1
    enlarge: bool = False  # doubled by nearest neighbour before the convolution


class Builder:
    def __init__(self):
        self.graph = Graph()
        self.layers = self.norms = self.cuts = 0

    def cut(self, value):
        """Gives the value of the last node its name as a place where a run may pause."""
        name = f"cut.{self.cuts:02}"
        self.cuts += 1
        self.graph.rename({value: name})
        return name

    def layer(self, value, layer, activation):
        """Reflected border, convolution, normalisation, activation."""
        graph = self.graph
        name = f"layer.{self.layers:02}"
        self.layers += 1
        if layer.enlarge:
            factors = graph.constant(name + ".factors", [1, 1, 2, 2])
            mapping = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
            value = graph.add("Resize", [value, "", factors], name + ".enlarged", mode="nearest", **mapping)
        side = layer.kernel.shape[2]
        border = side // 2
        pads = graph.constant(name + ".border", [0, 0, border, border] * 2, numpy.int64)
        value = graph.add("Pad", [value, pads], name + ".padded", mode="reflect")
        inputs = [value, graph.constant(name + ".kernel", layer.kernel)]
        if layer.bias is not None:
            inputs.append(graph.constant(name + ".bias", layer.bias))
        value = graph.add("Conv", inputs, name, kernel_shape=[side, side], strides=[layer.stride] * 2)
        if layer.norm:
            value = self.normalise(name, value, layer.norm)
        if activation:
            value = graph.add(activation, [value], name + ".active")
        return value

    def normalise(self, name, value, norm):
        graph = self.graph
        number = f"{self.norms:02}"
        self.norms += 1
        mean = graph.add("GlobalAveragePool", [value], "mean." + number)
        centred = graph.add("Sub", [value, mean], name + ".centred")
        squared = graph.add("Mul", [centred, centred], name + ".squared")
        variance = graph.add("GlobalAveragePool", [squared], "variance." + number)
        epsilon = graph.constant(name + ".epsilon", norm.epsilon)
        deviation = graph.add("Sqrt", [graph.add("Add", [variance, epsilon], name + ".safe")], name + ".deviation")
        scale = self.of_style(name + ".scale", norm.scale_matrix, norm.scale_bias)
        shift = self.of_style(name + ".shift", norm.shift_matrix, norm.shift_bias)
        factor = graph.add("Div", [scale, deviation], name + ".factor")
        scaled = graph.add("Mul", [centred, factor], name + ".scaled")
        return graph.add("Add", [scaled, shift], name + ".normalised")

    def of_style(self, name, matrix, bias):
        """One number a channel, from the style's numbers."""
        graph = self.graph
        value = graph.add("MatMul", [STYLE, graph.constant(name + ".matrix", matrix)], name + ".row")
        if bias is not None:
            value = graph.add("Add", [value, graph.constant(name + ".bias", bias)], name + ".biased")
        shape = graph.constant(name + ".shape", [1, -1, 1, 1], numpy.int64)
        return graph.add("Reshape", [value, shape], name)


def build(down, blocks, up):
    """The network of three lists: layers, pairs of layers, layers."""
    builder = Builder()
    value = IMAGE
    for layer in down:
        value = builder.cut(builder.layer(value, layer, "Relu"))
    for number, (first, second) in enumerate(blocks):
        change = builder.layer(builder.layer(value, first, "Relu"), second, None)
        value = builder.cut(builder.graph.add("Add", [value, change], f"block.{number}"))
    for layer in up[:-1]:
        value = builder.cut(builder.layer(value, layer, "Relu"))
    value = builder.layer(value, up[-1], "Sigmoid")
    builder.graph.rename({value: RESULT})
    return builder.graph


def named_styles(tensors):
    """The network of 26 styles; `tensors` are the constants of `multistyle26.onnx` by name."""

    def layer(name, **more):
        gamma, beta = (tensors[f"{name}.norm.{kind}"] for kind in ("gamma", "beta"))
        norm = Norm(gamma.reshape(gamma.shape[0], -1), None, beta.reshape(beta.shape[0], -1), None, 1e-5)
        return Layer(tensors[name + ".w"], None, norm, **more)

    down = [layer("contract.0"), layer("contract.1", stride=2), layer("contract.2", stride=2)]
    blocks = [(layer(f"res.{number}.0"), layer(f"res.{number}.1")) for number in range(count_blocks(tensors))]
    up = [layer("expand.0", enlarge=True), layer("expand.1", enlarge=True), layer("expand.2")]
    return build(down, blocks, up)


def count_blocks(tensors):
    return sum(1 for name in tensors if name.startswith("res.") and name.endswith(".0.w"))


def any_style(tensors):
    """The network that takes a style as 100 numbers; `tensors` are dequantised constants by name."""

    def ending(name):
        found = [key for key in tensors if key.endswith(name)]
        if len(found) != 1:
            raise ValueError(f"{len(found)} constants end in {name}")
        return tensors[found[0]]

    def of_style(name):
        return ending(name + "/weights").reshape(-1, 100).T, ending(name + "/Conv2D_bias")

    def plain(name, **more):
        return Layer(ending(f"transformer/{name}/weights"), ending(f"transformer/{name}/Conv2D_bias"), None, **more)

    def normed(name, kernel, **more):
        scale = of_style(f"style_params/transformer/{name}/StyleNorm/Conv_1")
        shift = of_style(f"style_params/transformer/{name}/StyleNorm/Conv")
        # A bias before a normalisation changes nothing.
        return Layer(ending(f"transformer/{kernel}/weights"), None, Norm(*scale, *shift, 1e-5), **more)

    down = [plain("contract/conv1"), plain("contract/conv2", stride=2), plain("contract/conv3", stride=2)]
    names = [f"residual/residual{number}/conv" for number in range(1, 6)]
    blocks = [(normed(name + "1", name + "1"), normed(name + "2", name + "2")) for name in names]
    up = [
        normed("expand/conv1/conv", "expand/conv1/conv", enlarge=True),
        normed("expand/conv2/conv", "expand/conv2/conv", enlarge=True),
        normed("expand/conv3/conv", "expand/conv3/conv"),
    ]
    return build(down, blocks, up)
