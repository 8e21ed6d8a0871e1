// What tests of readers share: files of any bytes, the error that opening them gives, and whether it says what it should in one line.
#pragma once

#include "core/data/dataset.h"

#include <QString>
#include <QTemporaryDir>

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace pretext::test {

/// As long as it lives, what goes into the user's cache goes into a folder of its own.
class OwnCache
{
public:
    OwnCache() { qputenv("XDG_CACHE_HOME", m_folder.path().toUtf8()); }
    ~OwnCache() { m_before.isNull() ? qunsetenv("XDG_CACHE_HOME") : qputenv("XDG_CACHE_HOME", m_before); }
    OwnCache(const OwnCache &) = delete;
    OwnCache &operator=(const OwnCache &) = delete;

private:
    const QByteArray m_before = qgetenv("XDG_CACHE_HOME");
    const QTemporaryDir m_folder;
};

using Bytes = std::vector<uint8_t>;

/// With the folders that it needs.
inline void write(const std::filesystem::path &path, std::string_view bytes = {})
{
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline void write(const std::filesystem::path &path, const Bytes &bytes)
{
    write(path, {reinterpret_cast<const char *>(bytes.data()), bytes.size()});
}

inline std::string textOf(const std::filesystem::path &path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline Bytes bytesOf(const std::filesystem::path &path)
{
    const std::string text = textOf(path);
    return {text.begin(), text.end()};
}

/// What `work` throws; empty where it does not.
template<class Work>
QString errorOf(const Work &work)
{
    try {
        work();
    } catch (const std::exception &error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

inline QString openingError(const std::filesystem::path &nameOrPath, const DatasetOptions &options = {})
{
    return errorOf([&] { openDataset(nameOrPath.string(), options); });
}

/// One line that has all of `parts`.
inline bool says(const QString &error, std::initializer_list<const char *> parts)
{
    for (const char *part : parts)
        if (!error.contains(part)) {
            qWarning("'%s' does not say '%s'", qPrintable(error), part);
            return false;
        }
    return !error.contains('\n');
}

} // namespace pretext::test
