// A process in the background that trains the trials of a sweep: `pretext sweep`, as any terminal would run it. It gives way to the window, and ends with it.
#pragma once

#include <QObject>
#include <QProcess>

#include <filesystem>

namespace pretext {

class SweepWorker : public QObject
{
    Q_OBJECT
public:
    explicit SweepWorker(QObject *parent);
    ~SweepWorker() override;

    /// A new sweep; `arguments` say all of it but the folder.
    void begin(const std::filesystem::path &folder, const QStringList &arguments);
    /// Goes on with one that is there.
    void goOn(const std::filesystem::path &folder);
    /// It stands still where it is, and keeps its memory; and goes on from there.
    void setPaused(bool paused);
    /// Ends it with a checkpoint of the trial under way; it can be gone on with. Returns at once.
    void stop();

    bool isRunning() const { return m_process.state() != QProcess::NotRunning; }
    bool isPaused() const { return m_paused; }
    const std::filesystem::path &folder() const { return m_folder; }

signals:
    void changed();
    void failed(const QString &line);

private:
    void start(const std::filesystem::path &folder, const QStringList &arguments);
    void ended(int status);

    QProcess m_process;
    std::filesystem::path m_folder;
    bool m_paused = false;
};

} // namespace pretext
