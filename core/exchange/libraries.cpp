#include "core/exchange/libraries.h"

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
    return {{"oneDNN", dottedVersion(dnnl->major, dnnl->minor, dnnl->patch), "Apache-2.0", "matrix products and convolutions"},
            {"OpenCV", CV_VERSION, "Apache-2.0", "pictures, and reading exported graphs back"},
            {"Eigen", dottedVersion(EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION), "MPL-2.0", "eigenvalues and least squares"},
            {"libLBFGS", "", "MIT", "the linear probe"},
            {"ONNX", "", "Apache-2.0", "exported graphs"},
            {"Protocol Buffers", google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION), "BSD-3-Clause", "the format of ONNX"},
            {"SentencePiece", "", "Apache-2.0", "learning sub-word vocabularies"},
            {"nlohmann/json", dottedVersion(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH), "MIT", "JSON"},
            {"zlib", zlibVersion(), "Zlib", "compressed files"},
            {"libarchive", "", "BSD-2-Clause", "archives"},
            {"libheif", "", "LGPL-3.0", "HEIC and AVIF pictures"},
            {"Exiv2", "", "GPL-2.0-or-later", "orientation of pictures"},
            {"CLI11", "", "BSD-3-Clause", "the command line"},
            {"QCustomPlot", "", "GPL-3.0-or-later", "curves"},
            {"Dear ImGui", "", "MIT", "plots drawn by OpenGL"}};
}

} // namespace

const std::vector<Library> &usedLibraries()
{
    static const std::vector<Library> libraries = listLibraries();
    return libraries;
}

} // namespace pretext
