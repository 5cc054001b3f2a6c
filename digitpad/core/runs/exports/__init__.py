"""What a run is exported as: a log for TensorBoard, a report, a figure of its curves."""
