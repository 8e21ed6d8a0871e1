#include "app/helppages.h"

#include "core/backend/backend.h"
#include "core/exchange/libraries.h"
#include "core/system/threads.h"
#include "widgets/said.h"

#include <QAction>
#include <QLocale>
#include <QMenu>
#include <QMenuBar>

#include <nlohmann/json.hpp>

namespace pretext {

namespace {

QString tableRow(const QStringList &cells)
{
    return "<tr><td>" + cells.join("</td><td>") + "</td></tr>";
}

/// A line for each action that has a shortcut, of sub-menus too.
QString shortcutRows(const QList<QAction *> &actions)
{
    QString rows;
    for (const QAction *action : actions) {
        if (action->menu())
            rows += shortcutRows(action->menu()->actions());
        else if (!action->shortcut().isEmpty())
            rows += tableRow({"<b>" + action->shortcut().toString(QKeySequence::NativeText).toHtmlEscaped() + "</b>",
                              action->text().remove('&').remove(QStringLiteral(" …")).toHtmlEscaped()});
    }
    return rows;
}

/// Whatever this thread's device is.
QString processorText(int askedThreads)
{
    const Backend &processor = backend(Device::cpu);
    const nlohmann::json choices = nlohmann::json::parse(processor.choices());
    return QObject::tr("<p>%1. %2</p><p>Instructions %3; precision auto takes %4 here. Convolutions by %5; oneDNN %6.</p>")
        .arg(QString::fromStdString(processor.information().name).toHtmlEscaped(), QString::fromStdString(explainedThreads(askedThreads)).toHtmlEscaped(),
             QString::fromStdString(choices.value("isa", "")).toUpper(), QString::fromUtf8(nameOf(processor.fasterPrecision)),
             QString::fromStdString(choices.value("convolutions", "")), QString::fromStdString(choices.value("onednn", "")));
}

/// Of a card that computes: another one is not woken for this.
QString cardText(Device computes)
{
    if (computes == Device::cpu)
        return {};
    const QString heading = QObject::tr("<p><b>The card that computes</b></p>");
    try {
        const DeviceInfo card = backend(computes).information();
        return heading
               + QObject::tr("<p>%1, %2 of memory, of which %3 are free. Precision auto takes %4 there; products by %5.</p>")
                     .arg(QString::fromStdString(card.name).toHtmlEscaped(), QLocale().formattedDataSize(qint64(card.bytes)),
                          QLocale().formattedDataSize(qint64(card.freeBytes)), QString::fromUtf8(nameOf(backend(computes).fasterPrecision)),
                          QString::fromStdString(card.products).toHtmlEscaped());
    } catch (const std::exception &error) { // it was lost
        return heading + "<p>" + QString::fromStdString(error.what()).toHtmlEscaped() + "</p>";
    }
}

} // namespace

Term keysPage(const QMenuBar &menus)
{
    QString html;
    for (const QAction *menu : menus.actions())
        if (const QString rows = menu->menu() ? shortcutRows(menu->menu()->actions()) : QString(); !rows.isEmpty())
            html += "<p><b>" + menu->text().remove('&').toHtmlEscaped() + "</b></p><table cellpadding='3'>" + rows + "</table>";
    html += QObject::tr("<p><b>Everywhere</b></p><table cellpadding='3'>") + tableRow({QObject::tr("<b>Tab</b>"), QObject::tr("The next control")})
            + tableRow({QObject::tr("<b>Up, Down</b>"), QObject::tr("One step more or less, in a field of a number or a list; with Page Up and Page Down ten")})
            + tableRow({QObject::tr("<b>Right click</b>"), QObject::tr("On a knob: back to its default")}) + "</table>";
    return {"page/keys", QObject::tr("Keys"), QObject::tr("what the keyboard does"), html};
}

Term aboutPage(int askedThreads, Device computes)
{
    QString libraries;
    for (const Library &library : usedLibraries())
        libraries += tableRow(
            {QString::fromStdString(library.name), QString::fromStdString(library.version), QString::fromStdString(library.licence), translated(library.use)});
    libraries += tableRow({"Qt", qVersion(), "LGPL-3.0", QObject::tr("the window")});
    return {"page/about", QObject::tr("About Pretext"), QObject::tr("version %1").arg(PRETEXT_VERSION),
            QObject::tr(
                "<p>Pretext makes self-supervised learning visible. It is free software under the GNU General Public License, version 3 or later, and comes "
                "without any warranty; the file LICENSE has its text. Fashion-MNIST is Zalando's, MIT.</p><p><b>This processor</b></p>")
                + processorText(askedThreads) + cardText(computes) + QObject::tr("<p><b>Libraries</b></p><table cellpadding='3'>") + libraries + "</table>"};
}

} // namespace pretext
