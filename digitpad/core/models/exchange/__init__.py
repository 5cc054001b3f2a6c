"""Models in the formats of other programs: PyTorch state dicts and ONNX."""
