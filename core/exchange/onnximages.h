// The ONNX export of an encoder of images.
#pragma once

#include "core/exchange/export.h"

namespace pretext {

/// Input "pixel_values" [batch, C, H, W] in [0, 1] (normalisation is part of the graph and stated in the metadata), output "embedding"
/// [batch, D]. Run by OpenCV and compared on held-out images.
ExportReport exportImageOnnx(Encoder &encoder, const CheckpointState &state, const Dataset &samples, const std::filesystem::path &out,
                             Module *projector = nullptr, const Written &written = {});

} // namespace pretext
