// Marks the runs that are open, knows the disk used, and finds what a crash left behind. All of its file work happens on one thread of its
// own, in order.
#pragma once

#include "app/runs.h"

#include <QObject>
#include <QThreadPool>

#include <atomic>
#include <map>
#include <memory>
#include <set>

namespace pretext {

class Run;

class RunKeeper : public QObject
{
    Q_OBJECT
public:
    explicit RunKeeper(QObject *parent = nullptr);
    ~RunKeeper() override;
    /// Marks the folder of its job, as long as there is one.
    void follow(Run *run);

    std::filesystem::path root() const { return m_root; }
    /// Another for each call, whether or not its run has made the folder yet.
    std::filesystem::path newPath(const RunConfig &config);
    void forget(const std::filesystem::path &run); // a crashed run the user does not want back
    void findCrashed();
    void measureDisk();
    /// Returns once the markers are as they should be.
    void finish();

signals:
    void crashedFound(const QString &run);
    void crashedPairFound(const QString &left, const QString &right); // a fork beside its parent
    void diskMeasured(qint64 bytes);

private:
    void mark(const Run *run);
    void unmark(const Run *run);

    std::filesystem::path m_root;
    std::set<std::filesystem::path> m_given;
    std::map<const Run *, std::filesystem::path> m_marked;
    QThreadPool m_files, m_disk;
    bool m_measuring = false, m_measuresAgain = false;
    std::shared_ptr<std::atomic<bool>> m_ending = std::make_shared<std::atomic<bool>>(false);
};

} // namespace pretext
