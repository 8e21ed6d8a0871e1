// Waits for the process that trains a run to end: looks once a second who writes it.
#pragma once

#include <QObject>
#include <QTimer>

namespace pretext {

class RunWatch : public QObject
{
    Q_OBJECT
public:
    explicit RunWatch(QObject *parent = nullptr);
    void watch(const QString &run); // and no other any more
    void forget();
    bool watches() const { return !m_run.isEmpty(); }

signals:
    void ended(const QString &run);

private:
    void look();

    QString m_run;
    QTimer m_timer;
    bool m_looking = false;
};

} // namespace pretext
