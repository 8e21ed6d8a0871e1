// Waits for the process that has a run open to end: looks once a second who writes it, whether it trains, and what its settings are.
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
    void watch(const QString &run, bool standsStill); // and no other any more
    void forget();
    bool watches() const { return !m_run.isEmpty(); }

signals:
    void ended(const QString &run);
    void changed(const QString &run, const QString &writer, bool standsStill); // it stands still by now, or goes on
    void settingsRead(const pretext::RunConfig &config);                       // as they are in force, at each look

private:
    void look();

    QString m_run;
    QTimer m_timer;
    bool m_looking = false, m_standsStill = false;
};

} // namespace pretext
