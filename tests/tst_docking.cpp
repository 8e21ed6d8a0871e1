// Detaching, docking, hiding and closing every canvas panel of the real window twenty times while an encoder trains: each move makes a new
// OpenGL context, Qt parks docks that no tab shows out of sight, and still a panel that is asked for must show what happens, without a word
// of warning from Qt or OpenGL.
#include "app/dockarea.h"
#include "app/runs.h"
#include "core/engine/config.h"
#include "widgets/canvaswidget/canvaswidget.h"
#include "widgets/panel.h"
#include "widgets/run.h"
#include "windowfixture.h"

#include <QComboBox>
#include <QDockWidget>
#include <QtTest>

#include <map>
#include <memory>
#include <random>
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
    void initTestCase() { test::useOwnSettings("pretext-tst-docking"); }

    void init()
    {
        warnings.clear();
        qInstallMessageHandler(collect);
        m_window = test::shownWindow({1280, 720});
        QVERIFY(m_window);
        m_canvases.clear();
        for (const PanelType &type : panelTypes())
            if (canvasOf(type.name))
                m_canvases.push_back(dock(type.name));
        m_window->docks()
            .panel(QStringLiteral("embeddingmap"))
            ->findChild<QComboBox *>(QStringLiteral("samples"))
            ->setCurrentIndex(0); // few samples: maps come often
        const auto dataset = openDataset("shapes");
        TrainerOptions options;
        options.config = recommendedConfig(*dataset);
        options.config.batch = 16;
        options.config.threads = 1;
        options.dataset = dataset;
        run().start(options);
        QTRY_VERIFY_WITH_TIMEOUT(run().snapshot(), 60000);
    }

    void cleanup()
    {
        m_window.reset();
        settings().clear();
        qInstallMessageHandler(nullptr);
        QVERIFY2(warnings.isEmpty(), qPrintable(warnings.join(u'\n')));
    }

    void cleanupTestCase() { std::filesystem::remove_all(runsRoot().parent_path()); }

    void everyCanvasSurvivesTwentyMoves()
    {
        QVERIFY(m_canvases.size() >= 3);
        const int64_t before = run().status().step;
        for (int round = 0; round < 20; ++round) {
            for (QDockWidget *dock : m_canvases)
                dock->setFloating(true);
            QTest::qWait(20);
            for (QDockWidget *dock : m_canvases)
                round % 2 ? dock->hide() : void(dock->close());
            QTest::qWait(10);
            for (QDockWidget *dock : m_canvases) {
                dock->setFloating(false);
                dock->show();
            }
            if (round % 5 == 0)
                m_window->tabifyDockWidget(m_canvases[0], m_canvases[1]);
            if (round % 5 == 3)
                m_window->splitDockWidget(m_canvases[0], m_canvases[1], Qt::Vertical);
            QTest::qWait(20);
        }
        QCOMPARE(run().status().failure, std::string());
        QTRY_VERIFY_WITH_TIMEOUT(run().status().step > before, 60000);
        for (const PanelType &type : panelTypes())
            raiseAndCheck(type.name);
    }

    void aPanelShowsWhateverWasDoneToItsDock()
    {
        std::minstd_rand random(3);
        QByteArray layout = m_window->docks().state();
        const auto any = [&] { return dock(panelTypes()[random() % panelTypes().size()].name); };
        for (int move = 1; move <= 150; ++move) {
            QDockWidget *one = any(), *other = any();
            switch (random() % 8) {
            case 0: one->setFloating(true); break;
            case 1: one->setFloating(false); break;
            case 2: one->hide(); break;
            case 3: one->show(); break;
            case 4: one->raise(); break;
            case 5: beside(one, other, [&] { m_window->tabifyDockWidget(one, other); }); break;
            case 6: beside(one, other, [&] { m_window->splitDockWidget(one, other, move % 2 ? Qt::Vertical : Qt::Horizontal); }); break;
            case 7:
                if (move % 2)
                    layout = m_window->docks().state();
                else
                    QVERIFY(m_window->docks().restore(layout));
                break;
            }
            if (move % 3 == 0)
                QTest::qWait(5);
            if (move % 10 == 0)
                for (const PanelType &type : panelTypes()) {
                    m_window->docks().raise(type.name);
                    QVERIFY2(liesInSight(type.name), qPrintable(QStringLiteral("%1 after move %2").arg(type.name).arg(move)));
                    QVERIFY2(m_window->docks().panel(type.name)->isShowing(), qPrintable(QStringLiteral("%1 after move %2").arg(type.name).arg(move)));
                }
        }
    }

    void aClosedPanelCostsNothing()
    {
        std::map<QString, int> paints;
        for (const PanelType &type : panelTypes())
            dock(type.name)->close();
        for (QDockWidget *dock : m_canvases)
            paints[dock->objectName()] = canvasOf(dock->objectName())->paints();
        QTest::qWait(300); // what was on its way when they closed has arrived
        const int64_t before = run().status().step;
        QTRY_VERIFY_WITH_TIMEOUT(run().status().step > before + 5, 60000);
        for (const auto &[name, count] : paints)
            QCOMPARE(canvasOf(name)->paints(), count);
        if (run().snapshot()->step > before) // made while nobody looked: nothing heavy is in it
            QVERIFY(run().snapshot()->channels.empty());
    }

private:
    Run &run() const { return m_window->run(); }
    QDockWidget *dock(const QString &name) const { return m_window->docks().dock(name); }
    CanvasWidget *canvasOf(const QString &name) const { return m_window->docks().panel(name)->findChild<CanvasWidget *>(); }

    template<class Move>
    void beside(QDockWidget *one, QDockWidget *other, Move move)
    {
        one->setFloating(false);
        if (one != other)
            move();
    }

    bool liesInSight(const QString &name) const
    {
        const QDockWidget *dock = this->dock(name);
        return dock->isVisible() && (dock->isFloating() || m_window->rect().contains(dock->geometry().center()));
    }

    /// The panel comes into sight and, where it is a canvas, goes on painting the steps.
    void raiseAndCheck(const QString &name)
    {
        m_window->docks().raise(name);
        QVERIFY2(liesInSight(name), qPrintable(name));
        QVERIFY2(m_window->docks().panel(name)->isShowing(), qPrintable(name));
        CanvasWidget *canvas = canvasOf(name);
        if (!canvas)
            return;
        const int paints = canvas->paints();
        QTRY_VERIFY2_WITH_TIMEOUT(canvas->paints() > paints + 1, qPrintable(name), 60000);
        QTRY_VERIFY2_WITH_TIMEOUT(coloursOf(*canvas) > 20, qPrintable(name), 60000);
    }

    std::unique_ptr<MainWindow> m_window;
    std::vector<QDockWidget *> m_canvases;
};

QTEST_MAIN(DockingTest)
#include "tst_docking.moc"
