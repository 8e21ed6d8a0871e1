#include "widgets/runs/userruns.h"

#include <QCoreApplication>
#include <QStandardPaths>

namespace pretext {

RunStore userRuns()
{
    if (QCoreApplication::applicationName().isEmpty()) // on the command line
        QCoreApplication::setApplicationName(QStringLiteral("pretext"));
    return RunStore(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation).toStdString());
}

std::optional<RunStore> userRunsIfAny()
{
    const bool homeless = qEnvironmentVariableIsEmpty("HOME") && qEnvironmentVariableIsEmpty("XDG_DATA_HOME");
    return homeless || !qEnvironmentVariableIsEmpty("PRETEXT_UNLISTED") ? std::nullopt : std::optional(userRuns());
}

} // namespace pretext
