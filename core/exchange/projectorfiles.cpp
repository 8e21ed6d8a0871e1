#include "core/exchange/projectorfiles.h"

#include "core/data/modalitytype.h"
#include "core/files/safetensors.h"
#include "core/files/said.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace pretext {

namespace {

constexpr int kLargestSheet = 8192, kLeastSide = 4;

/// Blue, green, red, in the middle of a square.
cv::Mat squareOf(const Image &image, int side)
{
    const cv::Mat seen(image.height, image.width, image.channels == 1 ? CV_8UC1 : CV_8UC3, const_cast<uint8_t *>(image.pixels.data()));
    cv::Mat colours, fitted, square = cv::Mat::zeros(side, side, CV_8UC3);
    cv::cvtColor(seen, colours, image.channels == 1 ? cv::COLOR_GRAY2BGR : cv::COLOR_RGB2BGR);
    const double scale = double(side) / std::max(image.height, image.width);
    const cv::Size size(std::clamp(int(std::lround(scale * image.width)), 1, side), std::clamp(int(std::lround(scale * image.height)), 1, side));
    cv::resize(colours, fitted, size, 0, 0, scale < 1 ? cv::INTER_AREA : cv::INTER_NEAREST);
    fitted.copyTo(square(cv::Rect((side - size.width) / 2, (side - size.height) / 2, size.width, size.height)));
    return square;
}

std::string quoted(const std::string &name)
{
    std::string text = "\"";
    for (const char c : name)
        text += (c == '"' || c == '\\') ? std::string{'\\', c} : std::string{c};
    return text + '"';
}

/// Each `embeddings { ... }` of a config but that of one file; what is around them is kept.
std::string withoutEntryOf(const std::string &config, const std::string &tensorLine)
{
    std::string kept;
    for (size_t at = 0; at < config.size();) {
        size_t end = config.find('{', at);
        for (int depth = end == std::string::npos ? 0 : 1; depth > 0 && ++end < config.size();)
            depth += config[end] == '{' ? 1 : config[end] == '}' ? -1 : 0;
        end = end == std::string::npos ? config.size() : std::min(config.size(), config.find('\n', std::min(end, config.size() - 1)));
        const std::string entry = config.substr(at, end + 1 - at);
        if (entry.find(tensorLine) == std::string::npos)
            kept += entry;
        at = end + 1;
    }
    return kept;
}

std::string textOf(const std::filesystem::path &path)
{
    std::ifstream file(path);
    std::ostringstream text;
    if (file)
        text << file.rdbuf();
    return text.str();
}

} // namespace

ProjectorReport writeProjectorFiles(const std::filesystem::path &tsv, const Matrix &vectors, const Dataset &dataset, Split split)
{
    const TsvMetadata metadata = tsvMetadata(dataset, split, vectors.rows);
    ProjectorReport report{writeTsv(tsv, vectors, metadata)};
    report.spriteSide = writeSprite(spriteFile(tsv), dataset, split, vectors.rows);
    writeProjectorConfig(tsv, !metadata.columns.empty(), report.spriteSide);
    return report;
}

std::filesystem::path spriteFile(const std::filesystem::path &tsv)
{
    return std::filesystem::path(tsv).replace_extension(".sprite.png");
}

int writeSprite(const std::filesystem::path &path, const Dataset &dataset, Split split, int64_t rows)
{
    const auto picture = modalityType(dataset.info().modality).picture;
    if (!picture || rows < 1)
        return 0;
    const int columns = int(std::ceil(std::sqrt(double(rows))));
    const int side = std::min(std::max(dataset.info().image.height, dataset.info().image.width), kLargestSheet / columns);
    if (side < kLeastSide)
        return 0;
    cv::Mat sheet = cv::Mat::zeros(columns * side, columns * side, CV_8UC3);
    for (int64_t row = 0; row < rows; ++row)
        squareOf(picture(dataset, split, row), side).copyTo(sheet(cv::Rect(int(row % columns) * side, int(row / columns) * side, side, side)));
    std::vector<uint8_t> bytes;
    if (!cv::imencode(".png", sheet, bytes))
        throw std::runtime_error(path.string() + ": " + said("its pictures could not be written as PNG"));
    const auto *data = reinterpret_cast<const std::byte *>(bytes.data());
    writeFileAtomically(path, {data, data + bytes.size()});
    return side;
}

void writeProjectorConfig(const std::filesystem::path &tsv, bool metadata, int spriteSide)
{
    const std::filesystem::path path = tsv.parent_path() / "projector_config.pbtxt";
    const std::string tensor = "tensor_path: " + quoted(tsv.filename().string());
    std::string text = withoutEntryOf(textOf(path), tensor);
    if (!text.empty() && text.back() != '\n')
        text += '\n';
    text += "embeddings {\n  tensor_name: " + quoted(tsv.stem().string()) + "\n  " + tensor + '\n';
    if (metadata)
        text += "  metadata_path: " + quoted(tsvLabelFile(tsv).filename().string()) + '\n';
    if (const std::string side = std::to_string(spriteSide); spriteSide > 0)
        text += "  sprite {\n    image_path: " + quoted(spriteFile(tsv).filename().string()) + "\n    single_image_dim: " + side
                + "\n    single_image_dim: " + side + "\n  }\n";
    text += "}\n";
    const auto *data = reinterpret_cast<const std::byte *>(text.data());
    writeFileAtomically(path, {data, data + text.size()});
}

} // namespace pretext
