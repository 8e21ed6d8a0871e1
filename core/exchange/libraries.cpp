#include "core/exchange/libraries.h"

#include "core/files/said.h"

#include <Eigen/src/Core/util/Macros.h>
#include <dnnl.h>
#include <google/protobuf/stubs/common.h>
#include <nlohmann/detail/abi_macros.hpp>
#include <opencv2/core/version.hpp>
#include <zlib.h>

namespace pretext {

namespace {

std::string dottedVersion(int major, int minor, int patch)
{
    return std::to_string(major) + '.' + std::to_string(minor) + '.' + std::to_string(patch);
}

std::vector<Library> listLibraries()
{
    const dnnl_version_t *dnnl = dnnl_version();
    return {{"oneDNN", dottedVersion(dnnl->major, dnnl->minor, dnnl->patch), "Apache-2.0", PRETEXT_SAID("matrix products and convolutions")},
            {"OpenCV", CV_VERSION, "Apache-2.0", PRETEXT_SAID("pictures, and reading exported graphs back")},
            {"Eigen", dottedVersion(EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION), "MPL-2.0", PRETEXT_SAID("eigenvalues and least squares")},
            {"libLBFGS", "", "MIT", PRETEXT_SAID("the linear probe")},
            {"ONNX", "", "Apache-2.0", PRETEXT_SAID("exported graphs")},
            {"Protocol Buffers", google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION), "BSD-3-Clause", PRETEXT_SAID("the format of ONNX")},
            {"SentencePiece", "", "Apache-2.0", PRETEXT_SAID("learning sub-word vocabularies")},
            {"nlohmann/json", dottedVersion(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH), "MIT", "JSON"},
            {"zlib", zlibVersion(), "Zlib", PRETEXT_SAID("compressed files")},
            {"libarchive", "", "BSD-2-Clause", PRETEXT_SAID("archives")},
            {"libheif", "", "LGPL-3.0", PRETEXT_SAID("HEIC and AVIF pictures")},
            {"Exiv2", "", "GPL-2.0-or-later", PRETEXT_SAID("orientation of pictures")},
            {"CLI11", "", "BSD-3-Clause", PRETEXT_SAID("the command line")},
            {"QCustomPlot", "", "GPL-3.0-or-later", PRETEXT_SAID("curves")},
            {"Dear ImGui", "", "MIT", PRETEXT_SAID("plots drawn by OpenGL")}};
}

} // namespace

const std::vector<Library> &usedLibraries()
{
    static const std::vector<Library> libraries = listLibraries();
    return libraries;
}

} // namespace pretext
