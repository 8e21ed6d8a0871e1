// Marks the run that is open, knows the disk used, and finds what a crash left behind. All of its file work happens on one thread of its
// own, in order.
#pragma once

#include "app/runs.h"

#include <QObject>
#include <QThreadPool>

namespace pretext {

class TrainingController;

class RunKeeper : public QObject
{
    Q_OBJECT
public:
    explicit RunKeeper(TrainingController *controller, QObject *parent = nullptr);
    ~RunKeeper() override;

    std::filesystem::path root() const { return m_root; }
    std::filesystem::path newPath(const RunConfig &config) const { return newRunPath(m_root, config, QDateTime::currentDateTime()); }
    void forget(const std::filesystem::path &run); // a crashed run the user does not want back
    void findCrashed();
    void measureDisk();
    /// Returns once the markers are as they should be.
    void finish();

signals:
    void crashedFound(const QString &run);
    void diskMeasured(qint64 bytes);

private:
    void mark();
    void unmark();

    TrainingController *m_controller;
    std::filesystem::path m_root, m_marked;
    QThreadPool m_files;
};

} // namespace pretext
