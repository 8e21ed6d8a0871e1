#include "app/window.h"

#include "app/closesignals.h"
#include "app/dockarea.h"
#include "app/mainwindow.h"
#include "app/opener.h"
#include "app/runkeeper.h"
#include "app/settings.h"
#include "core/engine/runtext.h"
#include "core/knobs/number.h"
#include "widgets/said.h"
#include "widgets/run.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QFileInfo>
#include <QRegularExpression>
#include <QScreen>
#include <QTimer>

#include <cstdio>
#include <cstdlib>

namespace pretext {

namespace {

constexpr double kLongestWait = 86400;

struct Options
{
    QString path, screenshot, layout;
    double after = 0;
    QSize size;
    bool paused = false, dark = false, presenting = false;
};

int usage(const QString &line)
{
    std::fprintf(stderr, "pretext: %s (see pretext --help)\n", qPrintable(line));
    return 2;
}

/// Not a text, nor a file, and no data set is called so.
bool isNowhere(const QString &path)
{
    const bool looksLikeFile = path.contains('/') || path.contains('.');
    return looksLikeFile && !isRunText(path.toStdString()) && !QFileInfo::exists(path) && !QFileInfo::exists(path.section('#', 0, -2)); // TABLE.csv#COLUMN
}

/// 0: go on; else the exit status.
int parse(const QStringList &arguments, Options &options)
{
    QCommandLineParser parser;
    parser.addPositionalArgument("path", "A session file, a run folder, data, or the text of a run.", "[SESSION-or-RUN]");
#define WINDOW_OPTION(name, value, standard, help) parser.addOption({name, help, value, standard});
#include "app/windowoptions.def"
#undef WINDOW_OPTION
    if (!parser.parse(arguments))
        return usage(parser.errorText());
    if (parser.positionalArguments().size() > 1)
        return usage("one session, run or data set at a time, not " + parser.positionalArguments().join(", "));
    options.path = parser.positionalArguments().value(0);
    if (isNowhere(options.path))
        return usage(options.path + ": there is no such file or folder");
    options.screenshot = parser.value("screenshot");
    options.layout = parser.value("layout");
    options.paused = parser.isSet("paused");
    options.dark = parser.isSet("dark");
    options.presenting = parser.isSet("present");
    for (const QString option : {"screenshot", "layout"})
        if (parser.isSet(option) && parser.value(option).isEmpty())
            return usage("--" + option + " is empty; give it a value, or leave it out");
    const auto after = realNumber(parser.value("after").toStdString(), std::chars_format::fixed);
    if (!after || *after < 0 || *after > kLongestWait)
        return usage("--after is " + parser.value("after").left(80) + "; it must be seconds, from 0 to " + QString::number(kLongestWait));
    options.after = *after;
    if (parser.isSet("size")) {
        const auto match = QRegularExpression("^(\\d{3,5})x(\\d{3,5})$").match(parser.value("size"));
        if (!match.hasMatch())
            return usage("--size is " + parser.value("size") + "; it must be like 1280x720");
        options.size = QSize(match.captured(1).toInt(), match.captured(2).toInt());
    }
    return 0;
}

void takeScreenshot(MainWindow &window, const QString &file)
{
    QFileInfo(file).dir().mkpath(".");
    const bool saved = window.grab().save(file);
    if (!saved)
        std::fprintf(stderr, "pretext: %s cannot be written; name a .png file in a folder that you may write to\n", qPrintable(file));
    window.close();
    QApplication::exit(saved ? 0 : 1);
}

/// On a screen that the window would fill anyway it takes all of it; its frame would push its foot over the edge. Without a window manager nothing
/// is maximized, so it is made to fit, too.
void fitScreen(MainWindow &window)
{
    constexpr QSize kFrame(16, 64); // title bar and borders, generously
    const QSize needed = window.size() + kFrame, there = window.screen()->availableSize();
    if (needed.width() > there.width() || needed.height() > there.height())
        window.setWindowState(Qt::WindowMaximized);
    window.resize(window.size().boundedTo(there - kFrame));
}

void prepare(MainWindow &window, const Options &options)
{
    const bool automatic = !options.screenshot.isEmpty();
    window.setRemembers(!automatic);
    if (!automatic)
        window.restoreLast();
    if (options.size.isValid())
        window.resizeWith(options.size);
    else
        fitScreen(window);
    window.show();
    if (!options.layout.isEmpty())
        window.useLayout(options.layout);
    if (options.presenting)
        window.setPresenting(true);
    if (automatic)
        QTimer::singleShot(static_cast<int>(options.after * 1000), &window, [&window, file = options.screenshot] { takeScreenshot(window, file); });
    else {
        window.offerLastPair();
        window.runs().findCrashed(); // which are offered first
    }
    window.runs().measureDisk();
    window.opener().setStartPaused(options.paused);
    options.path.isEmpty() ? window.opener().openDefault() : window.opener().openAny(options.path);
}

QStringList g_windowArguments;

/// Qt ends the program where there is no display, in several lines. One line and an exit status say it instead; a wrong command line comes first.
void tellThatThereIsNoDisplay(QtMsgType type, const QMessageLogContext &, const QString &message)
{
    if (type != QtFatalMsg) {
        if (type == QtCriticalMsg)
            std::fprintf(stderr, "pretext: %s\n", qPrintable(message));
        return;
    }
    Options options;
    if (const int status = parse(g_windowArguments, options); status != 0)
        std::_Exit(status);
    const QString display = qEnvironmentVariable("DISPLAY", qEnvironmentVariable("WAYLAND_DISPLAY"));
    std::fprintf(stderr, "pretext: there is no display (%s); pretext train trains without one (see pretext --help)\n",
                 display.isEmpty() ? "DISPLAY is not set" : qPrintable(display + " cannot be opened"));
    std::_Exit(1);
}

} // namespace

int runWindow(int argc, char **argv)
{
    for (int i = 0; i < argc; ++i)
        g_windowArguments.push_back(QString::fromLocal8Bit(argv[i]));
    const QtMessageHandler before = qInstallMessageHandler(tellThatThereIsNoDisplay);
    QApplication::setApplicationName("pretext");
    QApplication::setStyle(makeStyle());
    QApplication application(argc, argv);
    qInstallMessageHandler(before);
    Options options;
    if (const int status = parse(QApplication::arguments(), options); status != 0)
        return status;
    useLanguage();
    applyAppearance(options.dark ? Appearance::dark : appearanceFromText(settings().value("window/appearance").toString()));
    MainWindow window;
    const CloseSignals closing([&window] {
        window.close();
        QApplication::exit(0); // also where a dialog is open
    });
    prepare(window, options);
    return QApplication::exec();
}

} // namespace pretext
