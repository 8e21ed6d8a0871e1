// The device that a test runs on: the CPU, or what PRETEXT_TEST_DEVICE names. What CUDA on the host found out (tests/cudahost), where that is linked, fails the test.
#pragma once

#include "core/backend/backend.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <string>
#include <vector>

namespace cudahost {
[[gnu::weak]] std::vector<std::string> takeFindings();
[[gnu::weak]] void watch(bool on);
[[gnu::weak]] void hideCublas(bool hide);
}

namespace testing {

inline pretext::Device device()
{
    return pretext::deviceNamed(qEnvironmentVariable("PRETEXT_TEST_DEVICE", "cpu").toStdString());
}

/// Whether accesses of kernels are looked at, which takes several times as long; they are at first.
inline void watch(bool on)
{
    if (cudahost::watch)
        cudahost::watch(on);
}

inline bool canHideCublas()
{
    return cudahost::hideCublas != nullptr;
}
inline void hideCublas(bool hide)
{
    if (cudahost::hideCublas)
        cudahost::hideCublas(hide);
}

inline QString findings()
{
    QStringList all;
    if (cudahost::takeFindings)
        for (const std::string &finding : cudahost::takeFindings())
            all << QString::fromStdString(finding);
    return all.join('\n');
}

} // namespace testing
