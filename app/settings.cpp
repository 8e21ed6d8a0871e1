#include "app/settings.h"

#include <QStandardPaths>

namespace pretext {

QSettings &settings()
{
    static QSettings store(QStandardPaths::writableLocation(QStandardPaths::AppConfigLocation) + "/window.ini", QSettings::IniFormat);
    return store;
}

} // namespace pretext
