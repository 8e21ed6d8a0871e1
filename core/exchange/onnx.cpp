// The ONNX export, of whatever kind of data the encoder was made for.
#include "core/exchange/modalityexport.h"
#include "core/files/said.h"

#include <stdexcept>

namespace pretext {

ExportReport exportOnnx(Encoder &encoder, const CheckpointState &state, const Dataset &samples, const std::filesystem::path &out, Module *projector,
                        const Written &written)
{
    const ModalityExport &kind = exportOf(state);
    const std::string of = said(toText(state.prepared->modality()));
    if (!kind.onnx)
        throw std::invalid_argument("[onnx] " + said("an encoder of %1 does not go out as ONNX", {of}));
    if (projector && !kind.projector)
        throw std::invalid_argument("[onnx] " + said("an encoder of %1 goes out alone; leave the projector out", {of}));
    return kind.onnx(encoder, state, samples, out, projector, written);
}

} // namespace pretext
