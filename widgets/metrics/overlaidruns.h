// The runs that are drawn beside the one that is open: read off the window's thread, and followed while other processes write them.
#pragma once

#include "widgets/metrics/overlaidrun.h"

#include <QObject>

#include <functional>
#include <memory>
#include <vector>

class QTimer;

namespace pretext {

class OverlaidRuns : public QObject
{
    Q_OBJECT
public:
    /// Files are looked at while `showing` says so.
    OverlaidRuns(std::function<bool()> showing, QObject *parent);

    const std::vector<std::shared_ptr<OverlaidRun>> &all() const { return m_runs; }
    bool empty() const { return m_runs.empty(); }
    void add(const std::filesystem::path &folder);
    void keepOnly(const std::function<bool(const OverlaidRun &run)> &wanted);
    /// These in place of all others, but for `except`, which is drawn anyway; not more than can be told apart.
    void set(const std::vector<std::filesystem::path> &folders, const std::filesystem::path &except);
    void clear();

signals:
    void aboutToChange();           // what was drawn of the histories is about to go
    void changed();                 // other runs, or a run that is not what it was
    void grown();                   // the same runs have more steps
    void said(const QString &line); // of a run that cannot be read, or of runs left out; empty: no longer

private:
    void replace(std::vector<std::shared_ptr<OverlaidRun>> runs);
    void followFiles();
    void take(const OverlaidRun &newer);

    std::function<bool()> m_showing;
    QTimer *m_files;
    int m_reading = 0;
    std::vector<std::shared_ptr<OverlaidRun>> m_runs;
};

} // namespace pretext
