// The window around a real job: docks, keys, controls that tell the truth, notices instead of blocking dialogs.
#include "app/stepdialog.h"
#include "app/dockarea.h"
#include "app/noticebar.h"
#include "app/opener.h"
#include "app/runkeeper.h"
#include "app/savepanel.h"
#include "app/session.h"
#include "core/engine/rowfile.h"
#include "core/engine/runfolder.h"
#include "core/files/said.h"
#include "core/ssl/method.h"
#include "jobfixture.h"
#include "widgets/controls/numberspin.h"
#include "widgets/metrics/curveplot.h"
#include "widgets/metrics/differencetable.h"
#include "widgets/selection.h"
#include "widgets/workbench.h"
#include "windowfixture.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDialog>
#include <QDockWidget>
#include <QDir>
#include <QDropEvent>
#include <QFileDialog>
#include <QImage>
#include <QLabel>
#include <QLayout>
#include <QLineEdit>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QPointer>
#include <QProcess>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabBar>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <sys/stat.h>

using namespace pretext;

class TestMainWindow : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void cleanup();
    void cleanupTestCase();

    void theDefaultLayoutShowsFourPanelsWithinTheWindow();
    void layoutComesBackAsItWasLeft();
    void aSmallWindowKeepsALayoutOfItsOwn();
    void controlsAreAsWideAsBeforeOnceTheWindowIs();
    void aSizeThatIsAskedForIsKept();
    void aBatchAsLargeAsTheDataSaysSo();
    void keysDriveTheJobButNotWhileTyping();
    void digitsRaisePanels();
    void aHiddenPanelWantsNothing();
    void badDataLeavesTheRunningJob();
    void answersComeBeforeOffers();
    void whatIsOpenIsNotOffered();
    void aNoticeMovesNothingAndIsReachedByKey();
    void rewindingAsksWhereStepsAreSetAside();
    void archivesAndArraysOpenWhenDroppedAndPipesDoNot();
    void aSessionBringsItsKnobs();
    void aControlSaysSinceWhichStep();
    void aRestartKnobShowsWhatRuns();
    void methodsStandUnderTheirFamilies();
    void anotherMethodKeepsDataEncoderAndLayout();
    void anEncoderComesBackAfterAMethodThatCannotTrainIt();
    void theStrengthOfNoNoiseCannotBeDragged();
    void aNumberOutOfRangeIsRefusedInWords();
    void aMethodBringsDataThatItCanLearnFrom();
    void panelsAreSavedAsPictureAndNumbers();
    void aRunDroppedOnMetricsIsComparedWithTheRunningOne();
    void aRunTrainedElsewhereIsShownReadOnly();
    void whatIsNoSessionSaysWhatCanBeOpened();
    void spaceOnAnEndedRunSaysWhatCanBeDone();
    void aSmallPlotKeepsItsCurveFree();
    void dialogsFitASmallScreenAndEscapeClosesThem_data();
    void dialogsFitASmallScreenAndEscapeClosesThem();
    void curvesComeBackAfterARewindAndWithTheNextJob();
    void aStepIsForkedAndGoneBackTo();
    void aMillionPointsKeepTheirExtremes();
    void aLogAxisSaysWhatItLeavesOut();
    void ticksOfNearlyEqualValuesDiffer();
    void sharesAreReadInPercent();
    void allRowsShowTheStepsOfAll();
    void aKilledRunThatIsOpenedKeepsItsRows();
    void aForkHasTheKnobsOfItsStep();
    void spacePlaysAfterAChoice();

private:
    void startPaused();
    KnobEditor *editor(const std::string &knob) const { return test::editorOf(*m_window, knob); }
    std::unique_ptr<MainWindow> m_window;
};

void TestMainWindow::initTestCase()
{
    test::useOwnSettings("pretext-tst-mainwindow");
}

void TestMainWindow::init()
{
    m_window = std::make_unique<MainWindow>();
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
}

void TestMainWindow::cleanup()
{
    m_window.reset();
    settings().clear();
}

void TestMainWindow::cleanupTestCase()
{
    std::filesystem::remove_all(runsRoot().parent_path());
}

void TestMainWindow::startPaused()
{
    m_window->run().start(test::shapesJob());
    QTRY_COMPARE_WITH_TIMEOUT(m_window->run().status().state, TrainerState::paused, 30000);
}

void TestMainWindow::theDefaultLayoutShowsFourPanelsWithinTheWindow()
{
    m_window->resize(1280, 720);
    m_window->docks().applyDefault();
    QTest::qWait(50);
    if (m_window->size() != QSize(1280, 720))
        QSKIP("this screen is smaller than 1280 x 720");
    for (const char *name : {"controls", "viewpairs", "similarity", "metrics"}) {
        const Panel *panel = m_window->docks().panel(name);
        const QRect place(panel->mapTo(m_window.get(), QPoint(0, 0)), panel->size());
        QVERIFY2(m_window->rect().contains(place), name);
        QVERIFY2(place.width() >= 200 && place.height() >= 120, name);
        QVERIFY2(panel->isShowing(), name);
    }
    for (const QTabBar *tabs : m_window->findChildren<QTabBar *>(Qt::FindDirectChildrenOnly))
        for (int i = 0; i < tabs->count(); ++i) {
            const QString title = tabs->tabText(i);
            QVERIFY2(tabs->tabRect(i).width() > tabs->fontMetrics().horizontalAdvance(title), qPrintable(title)); // whole
            QVERIFY2(tabs->rect().contains(tabs->tabRect(i)), qPrintable(title));                                 // without scrolling
        }
    QVERIFY(!m_window->docks().panel("histogram")->isShowing());
}

void TestMainWindow::aSizeThatIsAskedForIsKept()
{
    m_window->resize(1900, 1060);
    QDockWidget *before = nullptr;
    for (const PanelType &type : panelTypes()) { // all side by side
        QDockWidget *dock = m_window->docks().dock(type.name);
        before ? m_window->splitDockWidget(before, dock, Qt::Horizontal) : m_window->addDockWidget(Qt::LeftDockWidgetArea, dock);
        dock->show();
        before = dock;
    }
    QVERIFY2(m_window->minimumSizeHint().width() > 1280, qPrintable(QString::number(m_window->minimumSizeHint().width())));
    m_window->resizeWith({1280, 720});
    QCOMPARE(m_window->size(), QSize(1280, 720));
    m_window->docks().dock("histogram")->setFloating(true);
    m_window->resizeWith({1300, 740}); // which needs no other layout
    QCOMPARE(m_window->size(), QSize(1300, 740));
    QVERIFY(m_window->docks().dock("histogram")->isFloating());
}

void TestMainWindow::aBatchAsLargeAsTheDataSaysSo()
{
    QTemporaryDir folder;
    for (int i = 0; i < 24; ++i) {
        QImage image(8, 8, QImage::Format_RGB32);
        image.fill(QColor(10 * i, 250 - 10 * i, 7 * i));
        QVERIFY(image.save(folder.filePath(QString("%1.png").arg(i))));
    }
    m_window->opener().setStartPaused(true);
    m_window->opener().openData(folder.path());
    QTRY_VERIFY_WITH_TIMEOUT(m_window->run().hasJob() && m_window->run().config().dataset == folder.path().toStdString(), 30000);
    const int64_t samples = m_window->run().dataset()->size(Split::train);
    QVERIFY(samples < 24);
    const auto *note = editor("batch")->findChild<QLabel *>("note");
    QCOMPARE(note->text(), QString("all %1 samples that there are to train on; the recipe's batch is 256").arg(samples));
    QVERIFY(!note->isHidden());
    emit editor("batch")->edited(8.0);
    QTRY_VERIFY(note->isHidden());
}

void TestMainWindow::layoutComesBackAsItWasLeft()
{
    m_window->docks().dock("lesson")->setFloating(true);
    m_window->docks().dock("histogram")->hide();
    m_window->close();
    m_window = std::make_unique<MainWindow>();
    m_window->restoreLast();
    m_window->show();
    QVERIFY(m_window->docks().dock("lesson")->isFloating());
    QVERIFY(m_window->docks().dock("histogram")->isHidden());
    QVERIFY(!m_window->docks().restore("no state at all"));
}

void TestMainWindow::aSmallWindowKeepsALayoutOfItsOwn()
{
    const QSize small(900, 500);
    m_window->resize(1900, 1060);
    m_window->docks().applyDefault(); // three columns
    QVERIFY(m_window->minimumSizeHint().width() > small.width());
    const auto reopen = [this](std::optional<QSize> asked) {
        m_window->close();
        m_window = std::make_unique<MainWindow>();
        m_window->restoreLast();
        if (asked)
            m_window->resizeWith(*asked);
        m_window->show();
    };
    reopen(small);
    QCOMPARE(m_window->size(), small);
    m_window->docks().dock("lesson")->setFloating(true);
    reopen(small);
    QVERIFY(m_window->docks().dock("lesson")->isFloating()); // as it was left at this size
    reopen({});
    QVERIFY(!m_window->docks().dock("lesson")->isFloating()); // and the large one as that was
    QVERIFY(m_window->minimumSizeHint().width() > small.width());
}

void TestMainWindow::controlsAreAsWideAsBeforeOnceTheWindowIs()
{
    m_window->resize(1600, 900);
    QTest::qWait(100);
    m_window->docks().applyDefault();
    QTest::qWait(100);
    const QDockWidget *controls = m_window->docks().dock("controls");
    const int width = controls->width();
    m_window->resize(900, 600);
    QTest::qWait(100);
    m_window->resize(1600, 900);
    QTest::qWait(100);
    QVERIFY2(std::abs(controls->width() - width) <= 2, qPrintable(QString("%1, before %2").arg(controls->width()).arg(width)));
}

void TestMainWindow::keysDriveTheJobButNotWhileTyping()
{
    startPaused();
    m_window->activateWindow();
    QApplication::setActiveWindow(m_window.get());
    Run &run = m_window->run();
    auto *spin = editor("temperature")->findChild<NumberSpin *>();
    spin->setFocus();
    QTest::keyClick(spin, Qt::Key_Period);
    QTest::keyClick(spin, Qt::Key_1);
    QTest::qWait(50);
    QCOMPARE(run.status().step, 0);
    m_window->docks().panel("viewpairs")->setFocus();
    m_window->setFocus();
    QTest::keyClick(m_window.get(), Qt::Key_Period);
    QTRY_COMPARE_WITH_TIMEOUT(run.status().step, 1, 30000);
    QTRY_COMPARE_WITH_TIMEOUT(run.status().state, TrainerState::paused, 30000);
    QTest::keyClick(m_window.get(), Qt::Key_R);
    QTRY_COMPARE_WITH_TIMEOUT(run.status().step, 0, 30000);
    QTest::keyClick(m_window.get(), Qt::Key_Space);
    QTRY_VERIFY_WITH_TIMEOUT(run.status().step > 1, 30000);
}

void TestMainWindow::digitsRaisePanels()
{
    QApplication::setActiveWindow(m_window.get());
    m_window->setFocus();
    for (int digit = 1; digit <= 9; ++digit) {
        const QString name = panelTypes()[digit - 1].name;
        m_window->setFocus();
        QTest::keyClick(m_window.get(), static_cast<Qt::Key>(Qt::Key_0 + digit));
        QTRY_VERIFY2(m_window->docks().panel(name)->isShowing(), qPrintable(name));
    }
}

void TestMainWindow::aHiddenPanelWantsNothing()
{
    startPaused();
    for (const PanelType &type : panelTypes())
        m_window->docks().dock(type.name)->hide();
    m_window->run().stepOnce();
    QTRY_COMPARE_WITH_TIMEOUT(m_window->run().status().step, 1, 30000);
    QTest::qWait(100);
    QVERIFY(!m_window->run().snapshot() || m_window->run().snapshot()->channels.empty() || m_window->run().snapshot()->step == 0);
    m_window->docks().raise("similarity");
    QTRY_VERIFY_WITH_TIMEOUT(m_window->run().snapshot() && m_window->run().snapshot()->channel<Matrix>("similarity"), 30000); // also while paused
}

void TestMainWindow::badDataLeavesTheRunningJob()
{
    startPaused();
    QSignalSpy stopped(&m_window->run(), &Run::jobStopped);
    QTemporaryDir folder;
    m_window->opener().openData(folder.path());
    QTRY_VERIFY_WITH_TIMEOUT(m_window->notices().text().contains(folder.path()), 10000);
    m_window->opener().openSession(folder.filePath("absent.json"));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->notices().text().contains("absent.json"), 10000);
    QVERIFY(!m_window->notices().text().contains('\n'));
    QCOMPARE(stopped.size(), 0);
    QVERIFY(m_window->run().hasJob());
}

void TestMainWindow::answersComeBeforeOffers()
{
    startPaused();
    QTemporaryDir folder;
    NoticeBar &notices = m_window->notices();
    const auto button = [&](const QString &text) {
        const auto all = notices.findChildren<QPushButton *>();
        return std::any_of(all.begin(), all.end(), [&](QPushButton *one) { return one->text() == text && !one->isHidden(); });
    };
    emit m_window->runs().crashedFound(folder.filePath("lost-run"));
    QVERIFY2(notices.text().contains("lost-run"), qPrintable(notices.text()));
    QVERIFY(button("Leave it"));
    m_window->opener().openData(folder.filePath("absent.png"));
    QTRY_VERIFY_WITH_TIMEOUT(notices.text().contains("absent.png"), 10000);
    QVERIFY(!button("Leave it"));
    emit m_window->runs().crashedFound(folder.filePath("lost-run")); // found only later
    QVERIFY2(notices.text().contains("absent.png"), qPrintable(notices.text()));
    notices.dismiss("refused");
    QVERIFY2(notices.text().contains("lost-run"), qPrintable(notices.text()));
    QVERIFY(button("Leave it"));
    notices.dismiss("crash");
    QVERIFY(notices.text().isEmpty());
}

void TestMainWindow::whatIsOpenIsNotOffered()
{
    startPaused();
    TrainerOptions options = test::shapesJob();
    options.out = runsRoot() / "was-lost";
    const QString run = QString::fromStdString(options.out.string());
    emit m_window->runs().crashedFound(run);
    QVERIFY(m_window->notices().text().contains("was-lost"));
    m_window->run().start(options);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->run().path() == options.out && m_window->notices().text().isEmpty(), 30000);
    emit m_window->runs().crashedFound(run);
    QVERIFY(m_window->notices().text().isEmpty());
}

void TestMainWindow::aNoticeMovesNothingAndIsReachedByKey()
{
    startPaused();
    QApplication::setActiveWindow(m_window.get());
    const auto places = [&] {
        QList<QRect> all;
        for (const PanelType &type : panelTypes())
            all << m_window->docks().dock(type.name)->geometry();
        return all;
    };
    QTest::qWait(50);
    const QList<QRect> before = places();
    NoticeBar &notices = m_window->notices();
    bool done = false;
    notices.notify("offer", QString(300, u'a').replace(10, 1, u' ').replace(150, 1, u' '), {{"Do it", [&done] { done = true; }}}, Urgency::offer);
    QTest::qWait(50);
    QVERIFY(notices.isVisible() && m_window->rect().contains(notices.geometry()));
    QCOMPARE(places(), before);
    const QRect help = m_window->menuBar()->actionGeometry(m_window->menuBar()->actions().back());
    QVERIFY(!notices.geometry().intersects(help));
    const auto key = [&](Qt::Key which) { QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : m_window.get(), which); };
    key(Qt::Key_F6);
    auto *first = qobject_cast<QPushButton *>(QApplication::focusWidget());
    QVERIFY(first && first->text() == "Do it");
    key(Qt::Key_Tab);
    QVERIFY(notices.isAncestorOf(QApplication::focusWidget()) && QApplication::focusWidget() != first);
    QCOMPARE(notices.accessibleName(), notices.text());
    key(Qt::Key_Escape);
    QVERIFY(!notices.isVisible() && !done);
    notices.notify("offer", "again", {{"Do it", [&done] { done = true; }}}, Urgency::offer);
    key(Qt::Key_F6);
    key(Qt::Key_Space);
    QVERIFY(done && !notices.isVisible());
}

void TestMainWindow::rewindingAsksWhereStepsAreSetAside()
{
    QTemporaryDir folder;
    TrainerOptions job = test::shapesJob((folder.path() + "/run").toStdString());
    job.config.steps = 4;
    job.startPaused = false;
    Run &run = m_window->run();
    run.start(std::move(job));
    QTRY_COMPARE_WITH_TIMEOUT(run.status().state, TrainerState::ended, 30000);
    const auto question = [&] { return m_window->findChild<QMessageBox *>("rewind"); };
    run.askToRewind();
    QVERIFY(question() && question()->informativeText().contains("metrics.lost.csv") && question()->informativeText().contains(folder.path()));
    question()->reject();
    QTRY_VERIFY(!question());
    QCOMPARE(run.status().step, 4);
    run.askToRewind();
    QTest::keyClick(question()->defaultButton(), Qt::Key_Space); // of a text that was meant for another place
    QTRY_VERIFY(!question());
    QCOMPARE(run.status().step, 4);
    run.askToRewind();
    question()->checkBox()->setChecked(true);
    for (QMessageBox *box = question(); QAbstractButton * button : box->buttons())
        if (box->buttonRole(button) == QMessageBox::AcceptRole)
            button->click();
    QTRY_COMPARE_WITH_TIMEOUT(run.status().step, 0, 30000);
    QVERIFY(QFileInfo::exists(folder.filePath("run/metrics.lost.csv")));
    run.askToRewind(); // nothing would be set aside
    QTRY_VERIFY(!question());
    run.stepOnce();
    QTRY_COMPARE_WITH_TIMEOUT(run.status().step, 1, 30000);
    run.askToRewind(); // it was told not to ask again
    QTRY_COMPARE_WITH_TIMEOUT(run.status().step, 0, 30000);
}

void TestMainWindow::archivesAndArraysOpenWhenDroppedAndPipesDoNot()
{
    startPaused();
    m_window->opener().setStartPaused(true);
    QTemporaryDir folder;
    qputenv("XDG_CACHE_HOME", folder.filePath("cache").toLocal8Bit());
    const auto drop = [&](const QString &name) {
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(folder.filePath(name))});
        QDragEnterEvent enter({10, 10}, Qt::CopyAction, &data, Qt::LeftButton, {});
        QCoreApplication::sendEvent(m_window.get(), &enter);
        QDropEvent event({10, 10}, Qt::CopyAction, &data, Qt::LeftButton, {});
        QCoreApplication::sendEvent(m_window.get(), &event);
    };
    QDir(folder.path()).mkdir("pictures");
    QImage picture(12, 12, QImage::Format_RGB32);
    for (int i = 0; i < 60; ++i) {
        picture.fill(QColor(4 * i, 90, 30));
        QVERIFY(picture.save(folder.filePath(QString("pictures/%1.png").arg(i))));
    }
    QCOMPARE(QProcess::execute("tar", {"-czf", folder.filePath("a.tar.gz"), "-C", folder.path(), "pictures"}), 0);
    QFile array(folder.filePath("b.npy"));
    QVERIFY(array.open(QIODevice::WriteOnly));
    array.write(QByteArray("\x93NUMPY\x01\x00\x40\x00", 10) + QByteArray("{'descr': '|u1', 'fortran_order': False, 'shape': (60, 8, 8)}").leftJustified(63)
                + '\n' + QByteArray(60 * 64, 'a'));
    array.close();
    for (const QString &name : {QString("a.tar.gz"), QString("b.npy")}) {
        drop(name);
        QTRY_VERIFY2_WITH_TIMEOUT(QString::fromStdString(m_window->run().config().dataset) == folder.filePath(name), qPrintable(m_window->notices().text()),
                                  30000);
    }
    QCOMPARE(::mkfifo(folder.filePath("pipe.png").toLocal8Bit().constData(), 0600), 0);
    drop("pipe.png");
    QTRY_VERIFY_WITH_TIMEOUT(m_window->notices().text().contains("it is a pipe"), 10000);
    QCOMPARE(QString::fromStdString(m_window->run().config().dataset), folder.filePath("b.npy"));
    m_window->run().stop();
}

void TestMainWindow::aSessionBringsItsKnobs()
{
    startPaused();
    QTemporaryDir folder;
    Session session;
    session.config = m_window->request().config();
    session.config->knobs.set("temperature", 0.77);
    session.panels = {"histogram"};
    session.pair = 3;
    writeSession(folder.filePath("a.json"), session);
    m_window->opener().setStartPaused(true);
    m_window->opener().openSession(folder.filePath("a.json"));
    QTRY_COMPARE_WITH_TIMEOUT(m_window->run().config().knobs.real("temperature"), 0.77, 30000);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->docks().panel("histogram")->isShowing(), 30000);
    QTRY_COMPARE_WITH_TIMEOUT(m_window->run().status().state, TrainerState::paused, 30000);
}

void TestMainWindow::aControlSaysSinceWhichStep()
{
    startPaused();
    KnobEditor *temperature = editor("temperature");
    QCOMPARE(temperature->badgeText(), QString("live"));
    m_window->request().setKnob("temperature", 0.9);
    QCOMPARE(temperature->badgeText(), QString("pending"));
    QTRY_COMPARE_WITH_TIMEOUT(temperature->badgeText(), QString("since step 1"), 30000);
    QCOMPARE(temperature->findChild<NumberSpin *>()->value(), 0.9);
}

void TestMainWindow::aRestartKnobShowsWhatRuns()
{
    startPaused();
    KnobEditor *batch = editor("batch");
    QVERIFY(batch);
    batch->findChild<NumberSpin *>()->setValue(32);
    QCOMPARE(batch->badgeText(), QString("pending"));
    QVERIFY(m_window->request().needsRestart());
    QCOMPARE(m_window->run().config().batch, 8);
    m_window->request().discardPending();
    QCOMPARE(batch->badgeText(), QString("restart"));
    QCOMPARE(batch->findChild<NumberSpin *>()->value(), 8.0);
}

/// Headings and methods with a line each; the keys pass over headings.
void TestMainWindow::methodsStandUnderTheirFamilies()
{
    startPaused();
    auto *box = editor("method")->findChild<QComboBox *>();
    QStringList headings, methods;
    for (int i = 0; i < box->count(); ++i) {
        const QModelIndex index = box->model()->index(i, 0);
        (index.flags() & Qt::ItemIsEnabled ? methods : headings) << box->itemText(i);
        QVERIFY2(index.data(Qt::ToolTipRole).toString().endsWith(u'.'), qPrintable(box->itemText(i)));
    }
    QCOMPARE(methods.size(), qsizetype(methodTypes().size()));
    QCOMPARE(headings.first(), QStringLiteral("Contrastive"));
    QVERIFY(headings.contains(QStringLiteral("Pretext tasks")) && headings.contains(QStringLiteral("With labels")));
    QCOMPARE(box->itemText(0), QStringLiteral("Contrastive"));
    QCOMPARE(box->currentText(), QStringLiteral("simclr"));
    const QModelIndex last = box->model()->index(box->findText(QStringLiteral("nnclr")), 0);
    box->setCurrentIndex(last.row());
    QTest::keyClick(box, Qt::Key_Down); // over the next heading
    QVERIFY(methods.contains(box->currentText()) && box->currentText() != QStringLiteral("nnclr"));
    QTest::keyClick(box, Qt::Key_Up);
    QCOMPARE(box->currentText(), QStringLiteral("nnclr"));
    QCOMPARE(m_window->request().config().method, std::string("nnclr"));
}

/// From family to family, by the list of Controls, and each starts.
void TestMainWindow::anotherMethodKeepsDataEncoderAndLayout()
{
    const auto data = openDataset("shapes");
    TrainerOptions options;
    options.dataset = data;
    options.config = recommendedConfig(*data, "simclr", "mlp");
    options.config.batch = 8;
    options.config.seed = 7;
    m_window->run().start(std::move(options));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->run().status().state == TrainerState::playing, 30000);
    const auto tabs = [this] { // which dock lies over which
        QStringList all;
        for (const QDockWidget *dock : m_window->findChildren<QDockWidget *>())
            for (const QDockWidget *other : m_window->tabifiedDockWidgets(const_cast<QDockWidget *>(dock)))
                all << dock->objectName() + u'|' + other->objectName();
        all.sort();
        return all;
    };
    const QStringList layout = tabs();
    QVERIFY(layout.size() > 10);
    std::vector<std::string> methods;
    for (const MethodGroup &group : methodGroups())
        for (const MethodType *type : group.methods)
            if (suits(*type, encoderType("mlp"))) {
                methods.push_back(type->name);
                break;
            }
    QVERIFY(methods.size() >= 5);
    std::ranges::rotate(methods, methods.begin() + 1); // the running one last
    for (const std::string &method : methods) {
        auto *box = editor("method")->findChild<QComboBox *>();
        box->setCurrentText(QString::fromStdString(method));
        const RunConfig &asked = m_window->request().config();
        QVERIFY2(asked.method == method && asked.encoder == "mlp" && asked.dataset == "shapes" && asked.batch == 8 && asked.seed == 7, method.c_str());
        QCOMPARE(m_window->request().dataset(), data);
        m_window->request().applyAndRestart();
        QTRY_VERIFY2_WITH_TIMEOUT(m_window->run().config().method == method && m_window->run().status().state == TrainerState::playing,
                                  (method + ": " + m_window->run().status().failure).c_str(), 30000);
        QCOMPARE(tabs(), layout);
        const auto showing = [this](const char *panel) { return m_window->docks().panel(QString::fromLatin1(panel))->isShowing(); };
        if (methodType(method).panel == "taskpredictions")
            QVERIFY(showing("taskpredictions") && !showing("similarity"));
        if (method == "simclr")
            QVERIFY(showing("similarity") && showing("viewpairs"));
    }
}

/// Whose name two methods share; what it keeps from collapsing is not carried over unseen.
/// mae trains the vit alone: the methods after it have the encoder of before again, unless another one was chosen meanwhile.
void TestMainWindow::anEncoderComesBackAfterAMethodThatCannotTrainIt()
{
    startPaused();
    const auto asked = [this]() -> const RunConfig & { return m_window->request().config(); };
    auto *method = editor("method")->findChild<QComboBox *>();
    const std::string before = asked().encoder;
    QVERIFY(before != "vit");
    method->setCurrentText(QStringLiteral("mae"));
    QCOMPARE(asked().encoder, std::string("vit"));
    method->setCurrentText(QStringLiteral("byol"));
    QCOMPARE(asked().encoder, before);
    method->setCurrentText(QStringLiteral("mae"));
    for (KnobEditor *encoders : m_window->findChildren<KnobEditor *>())
        if (auto *box = encoders->findChild<QComboBox *>(); box && box->isVisibleTo(m_window.get()) && box->findText(QStringLiteral("vit")) >= 0)
            emit encoders->edited(std::string("vit"));
    method->setCurrentText(QStringLiteral("simclr"));
    QCOMPARE(asked().encoder, std::string("vit"));
}

void TestMainWindow::theStrengthOfNoNoiseCannotBeDragged()
{
    startPaused();
    QCOMPARE(m_window->request().config().knobs.choice("noise"), std::string("none"));
    QVERIFY(!editor("noise.strength")->isEnabled());
    m_window->request().setKnob("noise", std::string("gaussian"));
    QVERIFY(editor("noise.strength")->isEnabled());
    m_window->request().undoStack()->undo();
    QVERIFY(!editor("noise.strength")->isEnabled());
}

void TestMainWindow::aNumberOutOfRangeIsRefusedInWords()
{
    startPaused();
    KnobEditor *temperature = editor("temperature");
    auto *spin = temperature->findChild<NumberSpin *>();
    auto *note = temperature->findChild<QLabel *>(QStringLiteral("note"));
    const double before = spin->value();
    const auto type = [spin](const char *number) {
        spin->selectAll();
        QTest::keyClicks(spin, QLatin1String(number));
        QTest::keyClick(spin, Qt::Key_Return);
    };
    type("3000");
    QCOMPARE(spin->value(), before);
    QVERIFY(note->isVisibleTo(temperature));
    QVERIFY2(note->text().contains(QStringLiteral("“3000” is not within")) && note->text().endsWith(QStringLiteral("it stays ") + spin->textFromValue(before)),
             qPrintable(note->text()));
    type(qPrintable(spin->textFromValue(before))); // as it was is no change, and in range
    QVERIFY(!note->isVisibleTo(temperature));
    type("0,2"); // as half the world writes it
    QCOMPARE(m_window->request().config().knobs.real("temperature"), 0.2);
    type("3000");
    type("0.3");
    QCOMPARE(m_window->request().config().knobs.real("temperature"), 0.3);
    QVERIFY(!note->isVisibleTo(temperature));
}

/// It is proposed, and the running job goes on; the other way round data bring a method.
void TestMainWindow::aMethodBringsDataThatItCanLearnFrom()
{
    startPaused();
    const auto asked = [this]() -> const RunConfig & { return m_window->request().config(); };
    editor("method")->findChild<QComboBox *>()->setCurrentText(QStringLiteral("next-frame"));
    QTRY_COMPARE_WITH_TIMEOUT(asked().dataset, std::string("moving-shapes"), 60000);
    QCOMPARE(asked().method, std::string("next-frame"));
    QCOMPARE(m_window->run().config().dataset, std::string("shapes"));
    QVERIFY(m_window->run().hasJob() && m_window->request().needsRestart());
    QVERIFY2(m_window->notices().text().contains(QStringLiteral("next-frame cannot learn from shapes")), qPrintable(m_window->notices().text()));
    m_window->request().applyAndRestart();
    QTRY_VERIFY_WITH_TIMEOUT(m_window->run().config().method == "next-frame" && m_window->run().status().state == TrainerState::paused, 60000);
    m_window->opener().openData(QStringLiteral("shapes"));
    QTRY_COMPARE_WITH_TIMEOUT(asked().dataset, std::string("shapes"), 60000);
    QVERIFY(asked().method != "next-frame" && m_window->run().config().method == "next-frame");
    QVERIFY2(m_window->notices().text().contains(QStringLiteral("next-frame cannot learn from shapes")), qPrintable(m_window->notices().text()));
}

void TestMainWindow::panelsAreSavedAsPictureAndNumbers()
{
    startPaused();
    m_window->run().stepOnce();
    QTRY_COMPARE_WITH_TIMEOUT(m_window->run().history().size(), size_t(1), 30000);
    QTemporaryDir folder;
    Panel *metrics = m_window->docks().panel("metrics");
    QTest::qWait(300);
    for (const char *name : {"a.png", "a.svg", "a.csv"})
        savePanel(*metrics, "Metrics", folder.filePath(name));
    QCOMPARE(QImage(folder.filePath("a.png")).size(), metrics->size() * metrics->devicePixelRatio());
    QFile csv(folder.filePath("a.csv")), svg(folder.filePath("a.svg"));
    QVERIFY(csv.open(QIODevice::ReadOnly) && svg.open(QIODevice::ReadOnly));
    const QList<QByteArray> lines = csv.readAll().trimmed().split('\n');
    QCOMPARE(lines.size(), 2);
    QVERIFY(lines[0].startsWith("step,seconds,") && lines[0].contains("loss/total"));
    QVERIFY(svg.readAll().contains("<text"));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, savePanel(*metrics, "Metrics", folder.filePath("a.bmp")));
}

void TestMainWindow::aRunDroppedOnMetricsIsComparedWithTheRunningOne()
{
    startPaused();
    m_window->run().stepOnce();
    QTRY_COMPARE_WITH_TIMEOUT(m_window->run().history().size(), size_t(1), 30000);
    QTemporaryDir folder;
    const QString other = folder.filePath("other");
    RunConfig config = m_window->run().config();
    config.knobs.set("temperature", 0.77);
    {
        RunFolder run = RunFolder::create(other.toStdString(), config);
        for (int64_t step = 1; step <= 3; ++step)
            run.append(ScalarRow{step, 0.1 * double(step), {{"loss/total", 5.0 - double(step)}}});
    }
    Panel *metrics = m_window->docks().panel("metrics");
    auto *plot = metrics->findChild<CurvePlot *>();
    auto *table = metrics->findChild<DifferenceTable *>();
    QTRY_COMPARE_WITH_TIMEOUT(plot->graphCount(), 1, 30000);
    QVERIFY(!table->isVisible());

    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(other)});
    QDragEnterEvent enter({10, 10}, Qt::CopyAction, &data, Qt::LeftButton, {});
    QCoreApplication::sendEvent(metrics, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop({10, 10}, Qt::CopyAction, &data, Qt::LeftButton, {});
    QCoreApplication::sendEvent(metrics, &drop);

    QTRY_COMPARE_WITH_TIMEOUT(plot->graphCount(), 2, 30000);
    QCOMPARE(plot->graph(1)->data()->size(), 3);
    QVERIFY(plot->graph(1)->name().startsWith("other"));
    QVERIFY(table->isVisible());
    QCOMPARE(table->rowCount(), 1); // nothing else differs
    QCOMPARE(table->item(0, 0)->text(), QString("temperature"));
    QCOMPARE(table->item(0, 2)->text(), QString("0.77"));
}

void TestMainWindow::aRunTrainedElsewhereIsShownReadOnly()
{
    QTemporaryDir folder;
    const QString path = folder.filePath("elsewhere");
    const TrainerOptions job = test::shapesJob();
    auto run = std::make_unique<RunFolder>(RunFolder::create(path.toStdString(), job.config));
    const auto append = [&](int64_t step) { run->append(ScalarRow{step, 0.1 * double(step), {{"loss/total", 5.0 / double(step)}, {"gradient/norm", 1.0}}}); };
    const auto filesOf = [&] { return QDir(path).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot); };
    append(1);
    append(2);
    const QStringList files = filesOf();
    m_window->opener().openAny(path);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->notices().text().contains("is being trained elsewhere, by process"), 30000);
    QVERIFY(m_window->notices().text().contains("read only"));
    auto *metrics = m_window->docks().panel("metrics");
    auto *plot = metrics->findChild<CurvePlot *>();
    QTRY_COMPARE_WITH_TIMEOUT(plot->graphCount(), 1, 30000);
    QCOMPARE(plot->graph(0)->data()->size(), 2);
    QVERIFY(!m_window->run().hasJob());
    auto *table = metrics->findChild<DifferenceTable *>();
    QVERIFY(table->isVisible()); // its settings, since there is no other run to differ from
    QCOMPARE(table->columnCount(), 2);
    QVERIFY(!table->findItems("temperature", Qt::MatchExactly).empty());
    QTRY_VERIFY_WITH_TIMEOUT(m_window->request().config().knobs.find("temperature"), 30000); // by the first look
    run->append(Event{3, "knob", "temperature", "0.2", "0.45", ""});
    QTRY_COMPARE_WITH_TIMEOUT(m_window->request().config().knobs.real("temperature"), 0.45, 30000);
    QCOMPARE(editor("batch")->findChild<NumberSpin *>()->value(), double(job.config.batch));
    QCOMPARE(editor("temperature")->findChild<NumberSpin *>()->value(), 0.45);
    QVERIFY(!editor("temperature")->isEnabled() && !editor("batch")->isEnabled()); // it is not this window's to change
    m_window->request().setKnob("temperature", 0.9);
    QCOMPARE(m_window->request().config().knobs.real("temperature"), 0.45);
    append(3);
    const auto marks = [&] {
        QStringList texts;
        for (int i = 0; i < plot->itemCount(); ++i)
            if (const auto *text = qobject_cast<QCPItemText *>(plot->item(i)))
                texts << text->text();
        return texts.join("; ");
    };
    QTRY_VERIFY_WITH_TIMEOUT(marks().contains("0.45"), 30000);
    for (QToolButton *button : m_window->notices().findChildren<QToolButton *>())
        if (button->accessibleName() == "Dismiss")
            button->click();
    QVERIFY(!m_window->notices().text().contains("elsewhere"));
    QApplication::setActiveWindow(m_window.get());
    m_window->setFocus();
    QTest::keyClick(m_window.get(), Qt::Key_Space);
    QTRY_VERIFY(m_window->notices().text().contains("is being trained elsewhere, by process"));
    QTRY_COMPARE_WITH_TIMEOUT(plot->graph(0)->data()->size(), 3, 30000);
    QCOMPARE(filesOf(), files); // nothing was written
    run->append(Event{3, "pause", "", "", "", ""});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->notices().text().contains("is open elsewhere, in process"), 30000);
    QVERIFY(m_window->notices().text().contains("paused or has ended") && !m_window->notices().text().contains("being trained"));
    run->append(Event{3, "play", "", "", "", ""});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->notices().text().contains("is being trained elsewhere, by process"), 30000);
    run.reset();
    QTRY_VERIFY_WITH_TIMEOUT(m_window->notices().text().contains("is no longer open elsewhere"), 30000);
}

void TestMainWindow::whatIsNoSessionSaysWhatCanBeOpened()
{
    QTemporaryDir folder;
    const auto write = [&](const char *name, const QByteArray &content) {
        QFile file(folder.filePath(name));
        file.open(QIODevice::WriteOnly);
        file.write(content);
        return file.fileName();
    };
    for (const QString &path :
         {write("notes.txt", "a"), write("deep.json", QByteArray(100000, '[')), write("other.json", "{\"a\": 1}"), write("noise.bin", QByteArray(1000, '\7')),
          write("noise.pdf", "a"), write("broken.safetensors", "abc"), folder.filePath("absent"), folder.path()}) {
        m_window->notices().dismiss("refused");
        m_window->opener().openAny(path);
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->notices().text().isEmpty(), 30000);
        const QString line = m_window->notices().text();
        for (const char *part : {"session (.json)", "run's folder or checkpoint (.safetensors)", ".txt", ".npy"})
            QVERIFY2(line.contains(part), qPrintable(path + " gives: " + line));
        QVERIFY2(line.contains(QFileInfo(path).fileName()), qPrintable(line));
    }
    m_window->notices().dismiss("refused");
    setTranslation([](const char *text) { return "<" + std::string(text) + ">"; });
    m_window->opener().openAny(write("notes.pdf", "a"));
    QTRY_VERIFY_WITH_TIMEOUT(!m_window->notices().text().isEmpty(), 30000);
    setTranslation(nullptr);
    const QString line = m_window->notices().text();
    QVERIFY2(line.contains("notes.pdf: no session (.json), no run that was shared (.pretext)") && line.contains("choose one of those, or <a folder of images"),
             qPrintable(line));
}

void TestMainWindow::spaceOnAnEndedRunSaysWhatCanBeDone()
{
    TrainerOptions job = test::shapesJob();
    job.config.steps = 1;
    job.startPaused = false;
    m_window->run().start(std::move(job));
    QTRY_COMPARE_WITH_TIMEOUT(m_window->run().status().state, TrainerState::ended, 30000);
    QVERIFY(m_window->notices().text().isEmpty());
    QApplication::setActiveWindow(m_window.get());
    m_window->setFocus();
    QTest::keyClick(m_window.get(), Qt::Key_Space);
    QTRY_VERIFY(m_window->notices().text().contains("has ended, at step 1"));
    QStringList offers;
    for (const QPushButton *button : m_window->notices().findChildren<QPushButton *>())
        offers << button->text();
    QVERIFY(offers.join('|').contains("Train past the end") && offers.contains("Start anew"));
    m_window->run().extend(3, ScheduleChange::hold);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->run().status().step > 1, 30000);
    QVERIFY(m_window->notices().text().isEmpty()); // it goes on: nothing is left to say
}

/// From top to bottom, and in a row from left to right.
void verifyTabFollowsTheEye(const QDialog *dialog)
{
    QStringList walked;
    QRect before;
    for (const QWidget *at = dialog->nextInFocusChain(); at != dialog; at = at->nextInFocusChain()) {
        if (!at->isVisibleTo(dialog) || !dialog->isAncestorOf(at) || !(at->focusPolicy() & Qt::TabFocus) || at->focusProxy())
            continue;
        const QRect place(at->mapTo(dialog, QPoint(0, 0)), at->size());
        walked << QString("%1 at %2, %3").arg(at->metaObject()->className()).arg(place.x()).arg(place.y());
        const bool sameRow = !before.isNull() && place.top() < before.bottom() && before.top() < place.bottom();
        QVERIFY2(before.isNull() || (sameRow ? place.left() > before.left() : place.top() > before.top()), qPrintable(walked.join("; ")));
        before = place;
    }
    QVERIFY(walked.size() >= 2);
}

void TestMainWindow::dialogsFitASmallScreenAndEscapeClosesThem_data()
{
    QTest::addColumn<QString>("action");
    for (const char *action :
         {"&Glossary …", "&About Pretext …", "&Export encoder …", "&Train past the end …", "&Open session …", "Open &run …", "Open data &folder …"})
        QTest::newRow(action) << QString::fromUtf8(action);
}

void TestMainWindow::dialogsFitASmallScreenAndEscapeClosesThem()
{
    QFETCH(QString, action);
    startPaused();
    const auto shown = [this] {
        for (QDialog *dialog : m_window->findChildren<QDialog *>())
            if (dialog->isVisible())
                return dialog;
        return static_cast<QDialog *>(nullptr);
    };
    for (QAction *candidate : m_window->findChildren<QAction *>())
        if (candidate->text() == action)
            candidate->trigger();
    QTRY_VERIFY(shown());
    QPointer<QDialog> dialog = shown();
    QTest::qWait(200);
    constexpr QSize kScreen(960, 540);
    QVERIFY2(dialog->width() <= kScreen.width() && dialog->height() <= kScreen.height(),
             qPrintable(QString("%1 x %2").arg(dialog->width()).arg(dialog->height())));
    const QSize least = dialog->layout()->totalMinimumSize();
    QVERIFY2(least.width() <= dialog->width() && least.height() <= dialog->height(),
             qPrintable(QString("needs %1 x %2").arg(least.width()).arg(least.height())));
    if (!qobject_cast<QFileDialog *>(dialog)) // Qt's own
        for (const QWidget *child : dialog->findChildren<QWidget *>(Qt::FindDirectChildrenOnly))
            QVERIFY2(child->isHidden() || child->isWindow() || dialog->rect().contains(child->geometry()), child->metaObject()->className());
    if (!qobject_cast<QFileDialog *>(dialog))
        verifyTabFollowsTheEye(dialog);
    QWidget *first = dialog->focusWidget() ? dialog->focusWidget() : dialog->nextInFocusChain();
    QTest::keyClick(first, Qt::Key_Escape);
    QTRY_VERIFY(!dialog || !dialog->isVisible());
}

void TestMainWindow::aSmallPlotKeepsItsCurveFree()
{
    startPaused();
    m_window->run().stepOnce();
    QTRY_COMPARE_WITH_TIMEOUT(m_window->run().history().size(), size_t(1), 30000);
    Panel *metrics = m_window->docks().panel("metrics");
    auto *plot = metrics->findChild<CurvePlot *>();
    auto *button = metrics->findChild<QToolButton *>("legend");
    QTRY_COMPARE_WITH_TIMEOUT(plot->graphCount(), 1, 30000);
    QDockWidget *dock = m_window->docks().dock("metrics");
    dock->setFloating(true);
    const auto overTheCurve = [&] {
        int over = 0;
        for (int i = 0; i < plot->itemCount(); ++i)
            over += qobject_cast<QCPItemText *>(plot->item(i)) && plot->item(i)->visible();
        for (const QCPAxisRect *rect : plot->axisRects())
            for (int i = 0; i < rect->insetLayout()->elementCount(); ++i)
                over += rect->insetLayout()->elementAt(i)->visible();
        return over;
    };
    dock->resize(700, 500);
    QTRY_COMPARE_WITH_TIMEOUT(overTheCurve(), 2, 5000); // the legend and the best
    QTRY_VERIFY(!button->isVisible());
    dock->resize(560, 150);
    QTRY_COMPARE_WITH_TIMEOUT(overTheCurve(), 0, 5000);
    QTRY_VERIFY(button->isVisible());
    QVERIFY(plot->legendHtml().contains("loss/total") && plot->legendHtml().contains("best "));
}

void TestMainWindow::curvesComeBackAfterARewindAndWithTheNextJob()
{
    auto *plot = m_window->docks().panel("metrics")->findChild<CurvePlot *>();
    Run &run = m_window->run();
    const auto stepsDrawn = [&] { return plot->graphCount() == 1 ? plot->graph(0)->data()->size() : 0; };
    startPaused();
    run.stepOnce();
    QTRY_COMPARE_WITH_TIMEOUT(stepsDrawn(), 1, 30000);
    run.rewind();
    QTRY_COMPARE_WITH_TIMEOUT(stepsDrawn(), 0, 30000);
    QTest::qWait(300); // the panel has drawn that there is nothing
    run.stepOnce();
    QTRY_COMPARE_WITH_TIMEOUT(stepsDrawn(), 1, 30000);
    startPaused();
    QTRY_COMPARE_WITH_TIMEOUT(stepsDrawn(), 0, 30000);
    QTest::qWait(300);
    run.stepOnce();
    QTRY_COMPARE_WITH_TIMEOUT(stepsDrawn(), 1, 30000);
}

void TestMainWindow::aStepIsForkedAndGoneBackTo()
{
    Run &run = m_window->run();
    TrainerOptions options = test::shapesJob();
    options.out = runsRoot() / "forked-here";
    run.start(options);
    QTRY_COMPARE_WITH_TIMEOUT(run.status().state, TrainerState::paused, 30000);
    for (int i = 1; i <= 3; ++i) {
        run.stepOnce();
        QTRY_COMPARE_WITH_TIMEOUT(run.status().step, int64_t(i), 30000);
    }
    const auto choose = [&](int step, const char *button) {
        m_window->workbench().requestStep(step);
        StepDialog *dialog = nullptr;
        QTRY_VERIFY_WITH_TIMEOUT((dialog = m_window->findChild<StepDialog *>()), 10000);
        auto *box = dialog->findChild<QSpinBox *>();
        QCOMPARE(box->value(), step);
        box->setValue(4);
        QVERIFY(!dialog->findChild<QPushButton *>(button)->isEnabled()); // it never was there
        box->setValue(step);
        dialog->findChild<QPushButton *>(button)->click();
        QTRY_VERIFY(!m_window->findChild<StepDialog *>());
    };
    const auto at = [&](int64_t step) { return run.hasJob() && run.status().state == TrainerState::paused && run.status().step == step; };
    choose(2, "fork");
    QTRY_VERIFY_WITH_TIMEOUT(run.path() != options.out && at(2), 30000);
    QVERIFY(run.config().parent == (Parent{options.out, 2}));
    auto *plot = m_window->docks().panel("metrics")->findChild<CurvePlot *>();
    QTRY_VERIFY_WITH_TIMEOUT(plot->legendHtml().contains("forked-here"), 10000); // its parent's curve

    m_window->opener().openRun(QString::fromStdString(options.out.string()));
    QTRY_VERIFY_WITH_TIMEOUT(run.path() == options.out && at(3), 30000);
    choose(1, "goBack");
    QTRY_VERIFY_WITH_TIMEOUT(run.path() == options.out && at(1), 30000);
    QCOMPARE(readMetrics(options.out / "metrics.csv").rows.size(), size_t(1));
    QTRY_COMPARE_WITH_TIMEOUT(run.history().steps, std::vector<double>{1}, 10000); // and so are the curves
    run.stepOnce();
    QTRY_COMPARE_WITH_TIMEOUT(run.history().steps, (std::vector<double>{1, 2}), 30000);
    run.rewind();
    QTRY_VERIFY_WITH_TIMEOUT(run.history().empty() && at(0), 30000);
    run.stepOnce();
    QTRY_VERIFY_WITH_TIMEOUT(at(1) && run.history().size() == 1, 30000);

    const QString parent = QString::fromStdString(options.out.string()); // as the list of runs asks, first while it is open
    m_window->workbench().requestFork(parent, false);
    QTRY_VERIFY_WITH_TIMEOUT(run.path() != options.out && at(1), 30000);
    const std::filesystem::path first = run.path();
    m_window->workbench().requestFork(parent, false);
    QTRY_VERIFY_WITH_TIMEOUT(run.path() != options.out && run.path() != first && at(1), 30000);
    QVERIFY(run.config().parent == (Parent{options.out, 1}));
    m_window->workbench().requestFork(parent, true);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->findChild<StepDialog *>(), 10000);
    QCOMPARE(m_window->findChild<StepDialog *>()->findChild<QSpinBox *>()->value(), 1);
    m_window->findChild<StepDialog *>()->reject();
    QVERIFY(std::filesystem::exists(options.out / "metrics.lost.csv"));
}

void TestMainWindow::aMillionPointsKeepTheirExtremes()
{
    std::vector<double> steps(1'000'000), values(steps.size());
    for (size_t i = 0; i < steps.size(); ++i) {
        steps[i] = double(i + 1);
        values[i] = std::sin(double(i) * 1e-5);
    }
    values[654'321] = 40; // one step in a million
    CurvePlot plot;
    plot.resize(600, 300);
    plot.setCurves({{"total", "loss", Qt::red, Qt::SolidLine, &steps, &values}});
    const QImage picture = plot.toPixmap(600, 300).toImage();
    const QCPAxisRect *rect = plot.axisRect(0);
    const int x = int(rect->axis(QCPAxis::atBottom)->coordToPixel(654'322)), y = int(rect->axis(QCPAxis::atLeft)->coordToPixel(20));
    bool spike = false;
    for (int near = x - 3; near <= x + 3; ++near) {
        const QColor colour = picture.pixelColor(near, y);
        spike |= colour.red() > colour.green() + 60;
    }
    QVERIFY(spike);
}

void TestMainWindow::aLogAxisSaysWhatItLeavesOut()
{
    const std::vector<double> steps = {1, 2, 3, 4}, values = {2, 0, -1, 3};
    CurvePlot plot;
    plot.setCurves({{"total", "loss", Qt::red, Qt::SolidLine, &steps, &values}});
    QVERIFY(plot.omission().isEmpty());
    plot.setLogarithmic(true);
    QVERIFY2(plot.omission().startsWith("2 "), qPrintable(plot.omission()));
    QVERIFY(plot.axisRect(0)->axis(QCPAxis::atLeft)->range().lower > 0);
}

void TestMainWindow::ticksOfNearlyEqualValuesDiffer()
{
    for (const std::vector<double> &values : {std::vector<double>{3.4339871, 3.4339873, 3.4339876}, {1234567, 1234568, 1234569}, {0.25, 0.5, 1}}) {
        const std::vector<double> steps = {1, 2, 3};
        CurvePlot plot;
        plot.resize(400, 300);
        plot.setCurves({{"total", "loss", Qt::red, Qt::SolidLine, &steps, &values}});
        plot.toPixmap(400, 300);
        const QVector<QString> labels = plot.axisRect(0)->axis(QCPAxis::atLeft)->tickVectorLabels();
        QVERIFY(labels.size() >= 3);
        for (const QString &label : labels)
            QVERIFY2(labels.count(label) == 1 && label.size() < 12, qPrintable(label));
    }
}

void TestMainWindow::sharesAreReadInPercent()
{
    const std::vector<double> steps = {1, 2, 3}, values = {0.25, 0.5, 0.75};
    const auto labelsOf = [&](const QString &group) {
        CurvePlot plot;
        plot.resize(400, 300);
        plot.setCurves({{"kNN", group, Qt::red, Qt::SolidLine, &steps, &values}});
        plot.toPixmap(400, 300);
        return plot.axisRect(0)->axis(QCPAxis::atLeft)->tickVectorLabels();
    };
    QVERIFY2(labelsOf("evaluation").contains("50 %"), qPrintable(labelsOf("evaluation").toList().join(u'|')));
    QVERIFY(labelsOf("loss").contains("0.5"));
}

/// What was looked at once, at the last step, has a row of its own, and leaves the loss its steps.
void TestMainWindow::allRowsShowTheStepsOfAll()
{
    const std::vector<double> steps = {1, 600, 1200}, losses = {3, 2, 1}, last = {1200}, knn = {0.5};
    CurvePlot plot;
    plot.resize(400, 300);
    plot.setCurves({{"total", "loss", Qt::red, Qt::SolidLine, &steps, &losses}, {"kNN", "evaluation", Qt::blue, Qt::SolidLine, &last, &knn}});
    for (int row = 0; row < 2; ++row) {
        const QCPRange shown = plot.axisRect(row)->axis(QCPAxis::atBottom)->range();
        QVERIFY2(shown.lower <= 1 && shown.upper > 1200 && shown.upper < 1300, qPrintable(QString("%1 .. %2").arg(shown.lower).arg(shown.upper)));
    }
}

/// The steps since its newest checkpoint are taken again, so that to look at it sets none of them aside.
void TestMainWindow::aKilledRunThatIsOpenedKeepsItsRows()
{
    QTemporaryDir folder;
    const QString path = folder.filePath("killed");
    TrainerOptions job = test::shapesJob(path.toStdString());
    job.config.steps = 20;
    Run &run = m_window->run();
    run.start(std::move(job));
    QTRY_COMPARE_WITH_TIMEOUT(run.status().state, TrainerState::paused, 30000);
    for (int step = 1; step <= 3; ++step) {
        run.stepOnce();
        QTRY_VERIFY_WITH_TIMEOUT(run.status().step == step && run.status().state == TrainerState::paused, 30000);
    }
    run.stop();
    const std::vector<std::filesystem::path> kept = checkpointsIn(path.toStdString());
    QCOMPARE(stepOf(kept.back()), 3);
    for (const std::filesystem::path &checkpoint : kept) // those of after the kill were never written
        if (stepOf(checkpoint) > 1)
            std::filesystem::remove(checkpoint);
    const MetricsTable before = readMetrics((path + "/metrics.csv").toStdString());
    m_window->opener().openAny(path);
    QTRY_VERIFY_WITH_TIMEOUT(run.path() == std::filesystem::path(path.toStdString()) && run.status().state == TrainerState::paused, 30000);
    QCOMPARE(run.status().step, 3);
    QTRY_COMPARE_WITH_TIMEOUT(run.history().size(), size_t(3), 30000);
    QVERIFY(readMetrics((path + "/metrics.csv").toStdString()).rows == before.rows);
    QVERIFY(!QFileInfo::exists(path + "/metrics.lost.csv"));
}

/// Of a step after a change of which no checkpoint is kept.
void TestMainWindow::aForkHasTheKnobsOfItsStep()
{
    QTemporaryDir folder;
    TrainerOptions job = test::shapesJob((folder.path() + "/parent").toStdString());
    job.config.steps = 20;
    Run &run = m_window->run();
    run.start(std::move(job));
    QTRY_COMPARE_WITH_TIMEOUT(run.status().state, TrainerState::paused, 30000);
    const double begun = run.config().knobs.real("temperature");
    m_window->request().setKnob("temperature", 0.77);
    QTRY_COMPARE_WITH_TIMEOUT(run.config().knobs.real("temperature"), 0.77, 30000);
    for (int step = 1; step <= 2; ++step) {
        run.stepOnce();
        QTRY_VERIFY_WITH_TIMEOUT(run.status().step == step && run.status().state == TrainerState::paused, 30000);
    }
    run.saveCheckpoint();
    for (const std::filesystem::path &checkpoint : checkpointsIn(run.path()))
        if (stepOf(checkpoint) == 1)
            std::filesystem::remove(checkpoint);
    m_window->opener().openStep(QString::fromStdString(run.path().string()), 1, true);
    QTRY_VERIFY_WITH_TIMEOUT(run.config().parent && run.status().step == 1 && run.status().state == TrainerState::paused, 30000);
    QVERIFY(begun != 0.77);
    QCOMPARE(run.config().knobs.real("temperature"), 0.77);
    QCOMPARE(editor("temperature")->findChild<NumberSpin *>()->value(), 0.77);
    QCOMPARE(loadConfig(run.path() / "config.json", Contradictions::settle).knobs.real("temperature"), 0.77);
}

/// Only Tab gives a choice or a button the focus, so that Space plays and pauses after a click on one.
void TestMainWindow::spacePlaysAfterAChoice()
{
    startPaused();
    for (const char *panel : {"embeddingmap", "similarity", "evaluation"}) {
        m_window->docks().raise(panel);
        QTest::qWait(50);
        for (const QComboBox *box : m_window->docks().panel(panel)->findChildren<QComboBox *>())
            QVERIFY2(!(box->focusPolicy() & Qt::ClickFocus) || !box->isVisible(), panel);
    }
    m_window->docks().raise("embeddingmap");
    auto *method = m_window->docks().panel("embeddingmap")->findChild<QComboBox *>("method");
    for (QComboBox *box : m_window->docks().panel("embeddingmap")->findChildren<QComboBox *>())
        method = !method && box->isVisible() ? box : method;
    QVERIFY(method);
    m_window->activateWindow();
    method->showPopup();
    QTest::qWait(50);
    QTest::keyClick(method->view(), Qt::Key_Down);
    QTest::keyClick(method->view(), Qt::Key_Return);
    QTest::qWait(50);
    QVERIFY(!method->view()->isVisible());
    QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : m_window.get(), Qt::Key_Space);
    QTRY_COMPARE_WITH_TIMEOUT(m_window->run().status().state, TrainerState::playing, 30000);
}

QTEST_MAIN(TestMainWindow)
#include "tst_mainwindow.moc"
