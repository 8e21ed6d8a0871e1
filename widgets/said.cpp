#include "widgets/said.h"

#include "core/files/said.h"
#include "widgets/resources.h"

#include <QCoreApplication>
#include <QLocale>
#include <QTranslator>

namespace pretext {

QString translated(const std::string &text)
{
    return QCoreApplication::translate("pretext", text.c_str());
}

void useLanguage()
{
    useResources();
    auto *translator = new QTranslator(qApp);
    if (translator->load(QLocale(), QStringLiteral("pretext"), QStringLiteral("_"), QStringLiteral(":/translations")))
        QCoreApplication::installTranslator(translator);
    setTranslation([](const char *text) { return QCoreApplication::translate("pretext", text).toStdString(); });
}

} // namespace pretext
