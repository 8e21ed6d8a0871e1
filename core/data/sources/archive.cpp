// A .zip or .tar (.gz, .xz, .bz2, .zst) as a data set: whatever the folder that it holds is.
#include "core/data/sources/archivecache.h"
#include "core/data/sources/archivereader.h"
#include "core/data/sources/folder.h"
#include "core/data/sources/source.h"
#include "core/data/sources/text/textreading.h"
#include "core/files/said.h"

#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

/// The data set of the unpacked folder under the archive's name; keeps the folder while it lives.
class ArchivedDataset : public Dataset, public Resizable
{
public:
    ArchivedDataset(std::unique_ptr<const UnpackedArchive> archive, std::shared_ptr<const Dataset> inner, DatasetInfo info)
        : m_archive(std::move(archive))
        , m_inner(std::move(inner))
        , m_info(std::move(info))
    {
    }

    const DatasetInfo &info() const override { return m_info; }
    int64_t size(Split split) const override { return m_inner->size(split); }
    Image image(Split split, int64_t index) const override { return m_inner->image(split, index); }
    std::string text(Split split, int64_t index) const override { return m_inner->text(split, index); }
    float label(Split split, int64_t index, int column) const override { return m_inner->label(split, index, column); }
    std::string caption(Split split, int64_t index) const override { return m_inner->caption(split, index); }
    std::string fingerprint() const override { return m_inner->fingerprint(); }
    bool isResized() const override { return pretext::isResized(*m_inner); }

private:
    std::unique_ptr<const UnpackedArchive> m_archive; // outlives what reads it
    std::shared_ptr<const Dataset> m_inner;
    DatasetInfo m_info;
};

/// An archive often holds one folder, or one file, and that is what is meant.
fs::path whatItHolds(fs::path folder)
{
    while (fs::is_directory(folder)) {
        fs::path only;
        size_t count = 0;
        for (const fs::directory_entry &entry : fs::directory_iterator(folder))
            if (!entry.path().filename().string().starts_with('.') && ++count == 1)
                only = entry.path();
        if (count != 1 || (!fs::is_directory(only) && !fs::is_regular_file(only)))
            break;
        folder = only;
    }
    return folder;
}

void replaceAll(std::string &text, const std::string &old, const std::string &fresh)
{
    for (size_t at = 0; (at = text.find(old, at)) != std::string::npos; at += fresh.size())
        text.replace(at, old.size(), fresh);
}

/// Of what is said of the unpacked folder, the reader knows the archive only.
std::string inTermsOf(const fs::path &archive, const fs::path &folder, std::string text)
{
    replaceAll(text, shownPath(folder), shownPath(archive));
    return text;
}

bool recognisesArchive(const fs::path &path)
{
    std::error_code error;
    return fs::is_regular_file(path, error) && isArchiveName(path);
}

std::shared_ptr<const Dataset> openArchive(const fs::path &path, const DatasetOptions &options)
{
    auto archive = std::make_unique<UnpackedArchive>(path);
    const fs::path within = whatItHolds(archive->folder());
    if (recognisesArchive(within))
        throw std::invalid_argument(
            "[archive] "
            + pretext::said("%1: holds another archive, %2; unpack it first and choose that one", {shownPath(path), shownPath(within.filename())}));
    std::shared_ptr<const Dataset> inner;
    try {
        const UnpackedTexts unpacked(archive->folder());
        DatasetOptions whole = options;
        whole.imbalance = 1; // what is made of the data is made of the archive's
        inner = openDataset(within.string(), whole);
    } catch (const NoDataset &none) {
        throw NoDataset(inTermsOf(path, archive->folder(), none.path));
    } catch (const std::invalid_argument &error) {
        throw std::invalid_argument(inTermsOf(path, archive->folder(), error.what()));
    }
    DatasetInfo info = inner->info();
    info.name = shownPath(path);
    info.note =
        inTermsOf(path, archive->folder(), info.note) + (info.note.empty() ? "" : " ")
        + (archive->isKept() ? pretext::said("Unpacked from %1 into %2, where it stays until ninety days after its last use.",
                                             {shownPath(path.filename()), shownPath(archive->folder().parent_path())})
                             : pretext::said("Unpacked from %1 into a temporary folder, since there is no cache to keep it in.", {shownPath(path.filename())}));
    for (std::string &line : info.skipped)
        line = inTermsOf(path, archive->folder(), line);
    info.skipped.insert(info.skipped.end(), archive->left().begin(), archive->left().end());
    return std::make_shared<ArchivedDataset>(std::move(archive), std::move(inner), std::move(info));
}

} // namespace

PathSource archiveSource()
{
    return {recognisesArchive, openArchive};
}

} // namespace pretext
