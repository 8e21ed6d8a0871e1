// Detaching, docking, hiding and closing every canvas panel twenty times while an encoder trains: each move makes a new OpenGL context,
// and the panel must go on showing what happens, without a word of warning from Qt or OpenGL.
#include "core/engine/config.h"
#include "widgets/canvaswidget/canvaswidget.h"
#include "widgets/panel.h"
#include "widgets/selection.h"
#include "widgets/trainingcontroller.h"

#include <QDockWidget>
#include <QMainWindow>
#include <QtTest>

#include <map>
#include <memory>
#include <set>

using namespace pretext;

namespace {

QStringList warnings;

void collect(QtMsgType type, const QMessageLogContext &, const QString &message)
{
    if (type != QtDebugMsg && type != QtInfoMsg && !message.contains(QStringLiteral("plugin does not support")))
        warnings << message;
}

/// Colours in what the canvas shows: one where nothing is drawn.
qsizetype coloursOf(CanvasWidget &canvas)
{
    const QImage image = canvas.grab().toImage();
    std::set<QRgb> colours;
    for (int y = 0; y < image.height(); y += 3)
        for (int x = 0; x < image.width(); x += 3)
            colours.insert(image.pixel(x, y));
    return qsizetype(colours.size());
}

} // namespace

class DockingTest : public QObject
{
    Q_OBJECT
private slots:
    void init()
    {
        warnings.clear();
        qInstallMessageHandler(collect);
        m_window = std::make_unique<QMainWindow>();
        m_controller = std::make_unique<TrainingController>();
        m_selection = std::make_unique<Selection>();
        for (const PanelType &type : panelTypes()) {
            std::unique_ptr<Panel> panel(type.make({m_controller.get(), m_selection.get()}));
            if (!panel->findChild<CanvasWidget *>())
                continue;
            auto *dock = new QDockWidget(type.title, m_window.get());
            dock->setObjectName(type.name);
            dock->setWidget(panel.release());
            m_window->addDockWidget(m_docks.size() % 2 ? Qt::RightDockWidgetArea : Qt::LeftDockWidgetArea, dock);
            m_docks.push_back(dock);
        }
        m_window->resize(900, 600);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        const auto dataset = openDataset("shapes");
        RunConfig config = makeConfig("simclr", "convnet", "shapes", dataset->info());
        config.batch = 16;
        config.threads = 1;
        TrainerOptions options;
        options.config = config;
        options.dataset = dataset;
        m_controller->start(options);
        QTRY_VERIFY_WITH_TIMEOUT(m_controller->snapshot(), 60000);
    }

    void cleanup()
    {
        m_controller->stop();
        for (QDockWidget *dock : m_docks) // panels before what they listen to
            delete dock;
        m_docks.clear();
        m_window.reset();
        m_controller.reset();
        qInstallMessageHandler(nullptr);
        QVERIFY2(warnings.isEmpty(), qPrintable(warnings.join(u'\n')));
    }

    void everyCanvasSurvivesTwentyMoves()
    {
        QVERIFY(m_docks.size() >= 3);
        const int64_t before = m_controller->status().step;
        for (int round = 0; round < 20; ++round) {
            for (QDockWidget *dock : m_docks)
                dock->setFloating(true);
            QTest::qWait(20);
            for (QDockWidget *dock : m_docks)
                round % 2 ? dock->hide() : void(dock->close());
            QTest::qWait(10);
            for (QDockWidget *dock : m_docks) {
                dock->setFloating(false);
                dock->show();
            }
            if (round % 5 == 0)
                m_window->tabifyDockWidget(m_docks[0], m_docks[1]);
            if (round % 5 == 3)
                m_window->splitDockWidget(m_docks[0], m_docks[1], Qt::Vertical);
            QTest::qWait(20);
        }
        QCOMPARE(m_controller->status().failure, std::string());
        QTRY_VERIFY_WITH_TIMEOUT(m_controller->status().step > before, 60000);
        everyCanvasShowsTheNewestStep();
    }

    void aClosedPanelCostsNothing()
    {
        std::map<QDockWidget *, int> paints;
        for (QDockWidget *dock : m_docks) {
            dock->close();
            paints[dock] = dock->findChild<CanvasWidget *>()->paints();
        }
        QTest::qWait(300); // what was on its way when they closed has arrived
        const int64_t before = m_controller->status().step;
        QTRY_VERIFY_WITH_TIMEOUT(m_controller->status().step > before + 5, 60000);
        for (QDockWidget *dock : m_docks)
            QCOMPARE(dock->findChild<CanvasWidget *>()->paints(), paints[dock]);
        if (m_controller->snapshot()->step > before) // made while nobody looked: nothing heavy is in it
            QVERIFY(m_controller->snapshot()->channels.empty());
    }

private:
    void everyCanvasShowsTheNewestStep()
    {
        for (QDockWidget *dock : m_docks) {
            dock->raise();
            auto *canvas = dock->findChild<CanvasWidget *>();
            const int paints = canvas->paints();
            QTRY_VERIFY_WITH_TIMEOUT(canvas->paints() > paints, 60000);
            QTRY_VERIFY_WITH_TIMEOUT(coloursOf(*canvas) > 20, 60000);
        }
    }

    std::unique_ptr<QMainWindow> m_window;
    std::unique_ptr<TrainingController> m_controller;
    std::unique_ptr<Selection> m_selection;
    std::vector<QDockWidget *> m_docks;
};

QTEST_MAIN(DockingTest)
#include "tst_docking.moc"
