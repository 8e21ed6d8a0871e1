// Waits for the process that trains a run to end: looks once a second who writes it, and what its settings are.
#pragma once

#include "core/engine/config.h"

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
    void settingsRead(const pretext::RunConfig &config); // as they are in force, at each look

private:
    void look();

    QString m_run;
    QTimer m_timer;
    bool m_looking = false;
};

} // namespace pretext
