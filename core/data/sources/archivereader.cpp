#include "core/data/sources/archivereader.h"

#include "core/data/interruption.h"
#include "core/data/sources/folderwalk.h"
#include "core/data/sources/source.h"
#include "core/files/said.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <clocale>
#include <cmath>
#include <stdexcept>

#include <locale.h>

namespace pretext {

namespace fs = std::filesystem;

namespace {

/// Names in archives are UTF-8 now; without this libarchive passes over those that are not ASCII on the command line, where the locale is "C".
class Utf8Locale
{
public:
    Utf8Locale() : m_locale(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)), m_before(m_locale ? uselocale(m_locale) : nullptr) {}
    ~Utf8Locale()
    {
        if (!m_locale)
            return;
        uselocale(m_before);
        freelocale(m_locale);
    }
    Utf8Locale(const Utf8Locale &) = delete;
    Utf8Locale &operator=(const Utf8Locale &) = delete;

private:
    locale_t m_locale, m_before;
};

/// Without "./" and empty parts; empty where nothing is left, or where a part leads upwards.
std::string entryName(const std::string &name, bool &leadsOut)
{
    const bool drive = name.size() > 1 && std::isalpha(static_cast<unsigned char>(name[0])) && name[1] == ':'; // Windows' absolute names
    leadsOut = name.starts_with('/') || drive;
    std::string clean;
    for (size_t begin = 0; begin < name.size();) {
        const size_t end = std::min(name.find('/', begin), name.size());
        const std::string part = name.substr(begin, end - begin);
        begin = end + 1;
        leadsOut = leadsOut || part == "..";
        if (!part.empty() && part != ".")
            clean += (clean.empty() ? "" : "/") + part;
    }
    return clean;
}

/// libarchive does not always say.
std::string archiveError(archive *reader)
{
    const char *why = archive_error_string(reader);
    return why ? why : pretext::said("its reader does not say why");
}

} // namespace

struct ArchiveReader::Handle
{
    Utf8Locale locale;
    archive *reader = archive_read_new();
    archive_entry *entry = nullptr;

    ~Handle() { archive_read_free(reader); }
};

ArchiveReader::ArchiveReader(const fs::path &path) : m_path(path), m_file(path), m_handle(std::make_unique<Handle>())
{
    m_most = std::max(double(mostUnpacked()), 10. * double(m_file.size()));
    archive *reader = m_handle->reader;
    // Not all: some filters of libarchive are other programs, which it would start.
    for (const auto support : {archive_read_support_filter_gzip, archive_read_support_filter_bzip2, archive_read_support_filter_xz,
                               archive_read_support_filter_zstd, archive_read_support_filter_lz4})
        support(reader);
    archive_read_support_format_zip(reader);
    archive_read_support_format_tar(reader);
    archive_read_support_format_gnutar(reader);
    if (archive_read_open_fd(reader, m_file.descriptor(), 1 << 16) != ARCHIVE_OK)
        fail(pretext::said("cannot be opened as an archive (%1); get it again", {archiveError(reader)}));
}

ArchiveReader::~ArchiveReader() = default;

void ArchiveReader::fail(const std::string &why) const
{
    throw std::invalid_argument("[archive] " + shownPath(m_path) + ": " + why);
}

bool ArchiveReader::next()
{
    do {
        Interruptible::check();
        const int result = archive_read_next_header(m_handle->reader, &m_handle->entry);
        if (result == ARCHIVE_EOF)
            return false;
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
            fail(pretext::said("damaged, or no archive (%1); get it again", {archiveError(m_handle->reader)}));
        if (++m_entries > mostFiles())
            fail(pretext::said("holds more than %1 entries; unpack it, or set a larger PRETEXT_MAX_FILES in the environment", {mostFiles()}));
        if (archive_entry_is_encrypted(m_handle->entry))
            fail(pretext::said("is encrypted; unpack it first and choose the folder"));
        const char *name = archive_entry_pathname(m_handle->entry);
        if (!name)
            name = archive_entry_pathname_utf8(m_handle->entry);
        bool leadsOut = false;
        m_name = name ? entryName(name, leadsOut) : std::string();
        if (leadsOut)
            fail(pretext::said("its entry '%1' leads out of the archive, as no honest one does; nothing of it was unpacked", {shownPath(name)}));
    } while (m_name.empty());
    const auto type = archive_entry_filetype(m_handle->entry);
    const bool link = archive_entry_hardlink(m_handle->entry) || archive_entry_symlink(m_handle->entry);
    m_announced += archive_entry_size_is_set(m_handle->entry) ? std::max(0., double(archive_entry_size(m_handle->entry))) : 0;
    checkSize(m_announced);
    m_kind = link ? EntryKind::other : type == AE_IFDIR ? EntryKind::folder : type == AE_IFREG ? EntryKind::file : EntryKind::other;
    return true;
}

size_t ArchiveReader::read(void *to, size_t size)
{
    Interruptible::check();
    const la_ssize_t got = archive_read_data(m_handle->reader, to, size);
    if (got < 0)
        fail(pretext::said("its entry '%1' is damaged (%2); get it again", {shownPath(m_name), archiveError(m_handle->reader)}));
    m_read += double(got);
    checkSize(m_read);
    return static_cast<size_t>(got);
}

void ArchiveReader::checkSize(double bytes) const
{
    constexpr double kGigabyte = 1 << 30;
    if (bytes > m_most)
        fail(unlessRaised(pretext::said("holds more than %1, all that is unpacked of %2", {bytesInWords(m_most), bytesInWords(double(m_file.size()))}),
                          (std::floor(4 * m_most / kGigabyte) + 1) * kGigabyte));
}

bool isArchiveName(const fs::path &path)
{
    std::string name = path.filename().string();
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    static constexpr std::array kEnds = {".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tar.zst", ".tzst", ".tar.lz4"};
    return std::any_of(kEnds.begin(), kEnds.end(), [&](const char *end) { return name.ends_with(end); });
}

} // namespace pretext
