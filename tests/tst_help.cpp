// Help, and the first window: every declaration has a term, F1 opens the one of a control, search finds; and the default layout fits small screens.
#include "app/dockarea.h"
#include "app/helppages.h"
#include "app/helpdialog.h"
#include "app/mainwindow.h"
#include "app/opener.h"
#include "core/backend/backend.h"
#include "core/data/augment/augment.h"
#include "core/data/augment/imagenoise.h"
#include "core/engine/config.h"
#include "core/engine/tokenizing.h"
#include "core/nn/optimizer.h"
#include "core/ssl/datakinds.h"
#include "core/ssl/method.h"
#include "jobfixture.h"
#include "widgets/help/glossary.h"
#include "widgets/panel.h"
#include "widgets/workbench.h"
#include "windowfixture.h"

#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenuBar>
#include <QRegularExpression>
#include <QStatusBar>
#include <QTabBar>
#include <QTemporaryDir>
#include <QTextBrowser>
#include <QToolButton>

#include <fstream>

using namespace pretext;

class TestHelp : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { test::useOwnSettings("pretext-tst-help"); }
    void cleanup();
    void everyDeclarationHasATerm();
    void linksLeadToTerms();
    void searchFinds();
    void everythingShownIsFound();
    void f1OpensWhatThePointerWasMovedTo();
    void f1OpensTheTermOfTheControl();
    void theGlossarySaysWhatRecipesBeginWith();
    void theKeyboardIsEnough();
    void everyShortcutIsListed();
    void aboutSaysWhatComputes();
    void theFirstWindowFits_data();
    void theFirstWindowFits();
    void aLayoutThatShowsNothingIsNotRestored();
    void aFoldersSizeCanBeChosen();

private:
    HelpDialog *shownHelp() const;

    std::unique_ptr<MainWindow> m_window;
};

void TestHelp::cleanup()
{
    m_window.reset();
    settings().clear();
}

HelpDialog *TestHelp::shownHelp() const
{
    HelpDialog *help = m_window->findChild<HelpDialog *>();
    return help && help->isVisible() ? help : nullptr;
}

void TestHelp::everyDeclarationHasATerm()
{
    const auto verifyKnobs = [](const std::vector<Knob> &knobs) {
        for (const Knob &knob : knobs) {
            const Term *term = termNamed("knob/" + QString::fromStdString(knob.name));
            QVERIFY2(term, knob.name.c_str());
            QVERIFY2(term->html.contains(QString::fromStdString(knob.help).toHtmlEscaped()), knob.name.c_str());
        }
    };
    for (const MethodType &type : methodTypes()) {
        verifyKnobs(type.knobs({}));
        QVERIFY2(termNamed("method/" + QString::fromStdString(type.name)), type.name.c_str());
    }
    for (const EncoderType &type : encoderTypes()) {
        verifyKnobs(type.knobs());
        QVERIFY2(termNamed("encoder/" + QString::fromStdString(type.name)), type.name.c_str());
    }
    for (const DatasetType &type : datasetTypes())
        QVERIFY2(termNamed("data/" + QString::fromStdString(type.name)), type.name.c_str());
    for (const PanelType &type : panelTypes())
        QVERIFY2(termNamed("panel/" + type.name), qPrintable(type.name));
    for (const auto &knobs : {optimizerKnobs(), augmentationKnobs({32, 32, 3}), augmentationKnobs({28, 28, 1}), tokenizerKnobs(), jobKnobs()})
        verifyKnobs(knobs);
    QVERIFY(termNamed("word/projector"));
}

void TestHelp::linksLeadToTerms()
{
    static const QRegularExpression link("href='([^']+)'");
    int links = 0;
    for (const Term &term : glossary())
        for (auto match = link.globalMatch(term.html); match.hasNext(); ++links) {
            const QString key = match.next().captured(1);
            QVERIFY2(termNamed(key), qPrintable(term.key + " leads to " + key));
        }
    QVERIFY(links > 20);
}

void TestHelp::searchFinds()
{
    const auto first = [](const QString &text) { return termsMatching(text, glossary()).at(0)->key; };
    QCOMPARE(first("temperature"), QString("knob/temperature"));
    QCOMPARE(first("weight decay"), QString("knob/weight_decay"));
    QCOMPARE(first("SIMCLR"), QString("method/simclr"));
    QCOMPARE(first("hardest negatives alone"), QString("knob/temperature")); // by what its help says
    for (const ImageNoise &noise : imageNoises())
        QVERIFY2(std::ranges::count(termsMatching(QString::fromStdString(noise.name), glossary()), termNamed("knob/noise")), noise.name.c_str());
    QVERIFY(termsMatching("no such word anywhere", glossary()).empty());
    QCOMPARE(termsMatching("", glossary()).size(), glossary().size());
    for (const auto &[plural, key] : {std::pair("logits", "word/logit"),
                                      {"embeddings", "word/embedding"},
                                      {"losses", "word/loss"},
                                      {"negatives", "word/negative"},
                                      {"vocabularies", "word/vocabulary"},
                                      {"classes", "word/class"},
                                      {"accuracy", "word/accuracy"},
                                      {"perplexities", "word/perplexity"}})
        QCOMPARE(first(plural), QString(key));
}

/// What a student reads in the window and looks up.
void TestHelp::everythingShownIsFound()
{
    QStringList shown{"loss/total",
                      "loss/invariance",
                      "loss/redundancy",
                      "cross-correlation",
                      "gradient/norm",
                      "learning_rate",
                      "similarity/positive",
                      "similarity/negative",
                      "accuracy/contrastive",
                      "accuracy/masked",
                      "accuracy/next",
                      "perplexity",
                      "fine-tuned",
                      "kNN",
                      "probe",
                      "linear probe",
                      "TF-IDF",
                      "PCA",
                      "raw pixels",
                      "untrained",
                      "baselines",
                      "chance",
                      "bigram",
                      "unigram",
                      "in-context",
                      "few-shot",
                      "held-out",
                      "recall",
                      "@1",
                      "retrieval",
                      "ridge regression",
                      "hardest negatives",
                      "gradient share",
                      "softmax",
                      "cosine",
                      "alignment",
                      "uniformity",
                      "effective rank",
                      "spectrum",
                      "rank",
                      "truth",
                      "probability",
                      "nats",
                      "mask",
                      "[MASK]",
                      "[UNK]",
                      "corruption",
                      "deleted",
                      "replaced",
                      "decoder",
                      "attention heads",
                      "layers",
                      "causal",
                      "may see",
                      "prompt",
                      "continuation",
                      "greedy",
                      "top k",
                      "top p",
                      "temperature",
                      "context",
                      "vocabulary",
                      "tokenizer",
                      "logits",
                      "cross-entropy",
                      "weights",
                      "bf16",
                      "f32",
                      "threads",
                      "samples/s",
                      "forward",
                      "backward",
                      "optimizer",
                      "snapshot",
                      "pending",
                      "checkpoint",
                      "epoch",
                      "overfitting",
                      "supervised",
                      "pre-training",
                      "transformer",
                      "label",
                      "class"};
    m_window = test::shownWindow();
    QVERIFY(m_window);
    m_window->run().start(test::shapesJob());
    QTRY_VERIFY_WITH_TIMEOUT(test::editorOf(*m_window, "temperature"), 30000);
    for (KnobEditor *editor : m_window->findChildren<KnobEditor *>())
        shown << QString::fromStdString(editor->knob().name);
    m_window->run().stepOnce();
    QTRY_VERIFY_WITH_TIMEOUT(!m_window->run().history().empty(), 30000);
    for (const auto &[name, column] : m_window->run().history().columns)
        shown << QString::fromStdString(name);
    for (const QAbstractButton *button : m_window->docks().panel("metrics")->findChildren<QAbstractButton *>())
        if (!button->text().isEmpty())
            shown << button->text().remove('&');
    QVERIFY(shown.contains("Show all"));
    for (const PanelType &type : panelTypes())
        shown << type.title;
    for (const QString &label : shown)
        QVERIFY2(!termsMatching(label, glossary()).empty(), qPrintable(label));
}

/// The pointer speaks where it moved since the focus did.
void TestHelp::f1OpensWhatThePointerWasMovedTo()
{
    m_window = test::shownWindow();
    QVERIFY(m_window);
    m_window->run().start(test::shapesJob());
    QTRY_VERIFY_WITH_TIMEOUT(test::editorOf(*m_window, "temperature"), 30000);
    QApplication::setActiveWindow(m_window.get());
    const auto helpAt = [this](const QWidget *widget, QPoint at) {
        QApplication::setActiveWindow(m_window.get()); // the help had it
        QCursor::setPos(m_window->mapToGlobal(QPoint(1, 1)));
        m_window->docks().raise("controls");
        m_window->docks().raise("metrics");
        QCursor::setPos(widget->mapToGlobal(at));
        QTest::keyClick(m_window.get(), Qt::Key_F1);
        const QString key = shownHelp() ? shownHelp()->shownKey() : QString();
        if (shownHelp())
            shownHelp()->close();
        return key;
    };
    const auto centre = [&](const QWidget *widget) { return helpAt(widget, widget->rect().center()); };
    const Panel *similarity = m_window->docks().panel("similarity");
    QCOMPARE(centre(similarity), QString("panel/similarity"));
    for (const auto &[button, term] : {std::pair("step", "part/one step"), {"rewind", "part/rewind"}, {"undo", "part/undo"}})
        QCOMPARE(centre(m_window->findChild<QToolButton *>(button)), QString(term));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->statusBar()->findChild<QLabel *>()->width() > 20, 30000); // it says on what the job computes
    QCOMPARE(centre(m_window->statusBar()->findChild<QLabel *>()), QString("part/device, threads and precision"));
    QCOMPARE(helpAt(m_window->menuBar(), {3, 3}), QString("page/keys"));
    for (const QTabBar *tabs : m_window->findChildren<QTabBar *>())
        for (int tab = 0; tab < tabs->count(); ++tab)
            if (tabs->isVisible() && tabs->tabText(tab) == "Histogram")
                QCOMPARE(helpAt(tabs, tabs->tabRect(tab).center()), QString("panel/histogram"));
    // A click on a tab, while a control of the panel that it covers has the focus.
    int clicked = 0;
    for (QTabBar *tabs : m_window->findChildren<QTabBar *>())
        for (int tab = 0; tab < tabs->count(); ++tab) {
            const auto typed = [&](int index) {
                const auto found = std::ranges::find(panelTypes(), tabs->tabText(index), &PanelType::title);
                return found == panelTypes().end() ? QString() : found->name;
            };
            const QString name = typed(tab), other = typed((tab + 1) % tabs->count());
            if (!tabs->isVisible() || name.isEmpty() || other.isEmpty())
                continue;
            for (QWidget *child : m_window->docks().panel(other)->findChildren<QWidget *>()) {
                m_window->docks().raise(other);
                if (!child->isVisible() || !child->isEnabled() || !(child->focusPolicy() & Qt::TabFocus) || child->focusProxy())
                    continue;
                QApplication::setActiveWindow(m_window.get());
                QCursor::setPos(m_window->mapToGlobal(QPoint(1, 1)));
                child->setFocus();
                QTRY_VERIFY(m_window->isActiveWindow() && QApplication::focusWidget() == child);
                const QPoint at = tabs->mapTo(m_window.get(), tabs->tabRect(tab).center());
                QCursor::setPos(m_window->mapToGlobal(at));
                QTest::mouseClick(m_window->windowHandle(), Qt::LeftButton, {}, at);
                QTRY_VERIFY(m_window->docks().panel(name)->isShowing() && !m_window->docks().panel(other)->isShowing());
                QTest::keyClick(m_window.get(), Qt::Key_F1);
                QVERIFY2(shownHelp(), qPrintable(name));
                QCOMPARE(shownHelp()->shownKey(), "panel/" + name);
                shownHelp()->close();
                ++clicked;
            }
        }
    QVERIFY(clicked > 0);
}

/// What recipes begin with is another value than the default, for whom and on which data.
void TestHelp::theGlossarySaysWhatRecipesBeginWith()
{
    const auto html = [](const char *knob) { return termNamed(QString("knob/") + knob)->html; };
    QVERIFY2(html("temperature").contains("recipes begin with 0.1 (simclr"), qPrintable(html("temperature")));
    QVERIFY2(html("flip").contains("false (simclr on fashion-mnist, shapes"), qPrintable(html("flip")));
    for (const MethodType &type : methodTypes())
        for (const DataKind &kind : dataKinds(type)) {
            const Recipe recipe = type.recipe(kind.info);
            const KnobSet declared(knobsOf(type.name, recipe.encoder, kind.info.image));
            for (const auto &[name, value] : recipe.knobs) {
                const Knob *knob = declared.find(name);
                const QString said = QString::fromStdString(toText(value) + " (");
                if (knob && knob->defaultValue != value)
                    QVERIFY2(html(name.c_str()).section("recipes begin with", 1).contains(said), qPrintable(html(name.c_str())));
            }
        }
    QVERIFY(!html("seed").contains("recipes"));
}

void TestHelp::f1OpensTheTermOfTheControl()
{
    m_window = test::shownWindow();
    QVERIFY(m_window);
    m_window->run().start(test::shapesJob());
    QTRY_VERIFY_WITH_TIMEOUT(test::editorOf(*m_window, "temperature"), 30000);
    m_window->activateWindow();
    for (const char *knob : {"temperature", "batch", "learning_rate"}) {
        KnobEditor *editor = test::editorOf(*m_window, knob);
        QVERIFY2(editor, knob);
        editor->setFocus();
        QTRY_VERIFY(editor->isAncestorOf(QApplication::focusWidget()));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_F1);
        QVERIFY(shownHelp());
        QCOMPARE(shownHelp()->shownKey(), QString("knob/") + knob);
        shownHelp()->close();
    }
    QCursor::setPos(m_window->mapToGlobal(QPoint(1, 1))); // over no control
    m_window->docks().raise("metrics");
    QTest::keyClick(m_window.get(), Qt::Key_F1);
    QVERIFY(shownHelp());
    QCOMPARE(shownHelp()->shownKey(), QString("panel/metrics"));
}

void TestHelp::theKeyboardIsEnough()
{
    m_window = test::shownWindow();
    QVERIFY(m_window);
    for (QAction *menu : m_window->menuBar()->actions())
        if (menu->text() == "&Help")
            for (QAction *action : menu->menu()->actions())
                if (action->text() == QString::fromUtf8("&Glossary …"))
                    action->trigger();
    QVERIFY(shownHelp());
    auto *search = shownHelp()->findChild<QLineEdit *>();
    auto *list = shownHelp()->findChild<QListWidget *>();
    auto *text = shownHelp()->findChild<QTextBrowser *>();
    QCOMPARE(shownHelp()->focusWidget(), search);
    QTest::keyClicks(search, "negative");
    QVERIFY(list->count() > 2);
    QCOMPARE(shownHelp()->shownKey(), QString("word/negative"));
    QTest::keyClick(search, Qt::Key_Down);
    QCOMPARE(list->currentRow(), 1);
    QVERIFY(text->toPlainText().contains(list->currentItem()->text()));
    QTest::keyClick(search, Qt::Key_Escape);
    QVERIFY(!shownHelp());
}

void TestHelp::everyShortcutIsListed()
{
    m_window = test::shownWindow();
    QVERIFY(m_window);
    for (QAction *action : m_window->findChildren<QAction *>())
        if (action->text() == QString::fromUtf8("&Keys …"))
            action->trigger();
    QVERIFY(shownHelp());
    QCOMPARE(shownHelp()->shownKey(), QString("page/keys"));
    const QString text = shownHelp()->findChild<QTextBrowser *>()->toPlainText();
    for (const char *key : {"Space", "Ctrl+P", "F11", "F1", "Ctrl+Z", "Similarity", "Rewind to the same initial weights"})
        QVERIFY2(text.contains(key), key);
    shownHelp()->open("page/about");
    const QString about = shownHelp()->findChild<QTextBrowser *>()->toPlainText();
    for (const char *part : {"General Public License", "oneDNN", "precision auto", "The machine has", "this process may run on", "--threads"})
        QVERIFY2(about.contains(part), part);
}

/// The processor's lines are the processor's where a card computes, too.
void TestHelp::aboutSaysWhatComputes()
{
    const QRegularExpression filled(
        R"(<p>[^<.]*\w[^<.]*\. .*Instructions \w[^;]*; precision auto takes (f32|bf16) here\. Convolutions by winograd, \w+; oneDNN \d+\.\d)");
    const QString alone = aboutPage(0, Device::cpu).html;
    QVERIFY2(alone.contains(filled), qPrintable(alone));
    QVERIFY(alone.contains(QString::fromStdString(backend(Device::cpu).information().name).toHtmlEscaped()));
    QVERIFY(!alone.contains("The card that computes"));
    const DeviceScope card(Device::cuda);
    const QString beside = aboutPage(0, Device::cuda).html;
    QVERIFY2(beside.contains(filled), qPrintable(beside));
    QVERIFY(beside.contains("The card that computes"));
    if (available(Device::cuda))
        QVERIFY(beside.contains(QString::fromStdString(backend(Device::cuda).information().name).toHtmlEscaped()));
    else
        QVERIFY2(beside.contains(QString::fromStdString(missing(Device::cuda)).toHtmlEscaped()), qPrintable(beside)); // as where a card is lost
}

void TestHelp::theFirstWindowFits_data()
{
    QTest::addColumn<QSize>("size");
    QTest::addColumn<QStringList>("shown");
    QTest::newRow("960 x 540") << QSize(960, 540) << QStringList{"controls"};
    QTest::newRow("1024 x 600") << QSize(1024, 600) << QStringList{"controls"};
    QTest::newRow("1280 x 720") << QSize(1280, 720) << QStringList{"controls", "viewpairs", "similarity", "metrics"};
}

void TestHelp::theFirstWindowFits()
{
    QFETCH(QSize, size);
    QFETCH(QStringList, shown);
    m_window = test::shownWindow(size);
    QVERIFY(m_window);
    m_window->run().start(test::shapesJob());
    QTRY_VERIFY_WITH_TIMEOUT(m_window->run().snapshot(), 30000);
    m_window->docks().applyDefault();
    QTest::qWait(100);
    if (m_window->screen()->availableSize().width() < size.width())
        QSKIP("this screen is smaller");
    QCOMPARE(m_window->size(), size); // its panels do not make it any larger
    const QSize least = m_window->minimumSizeHint();
    QVERIFY2(least.width() <= size.width() && least.height() <= size.height(), qPrintable(QString("%1 x %2").arg(least.width()).arg(least.height())));
    for (const QString &name : shown) {
        const Panel *panel = m_window->docks().panel(name);
        QVERIFY2(panel->isShowing(), qPrintable(name));
        QVERIFY2(m_window->rect().contains(QRect(panel->mapTo(m_window.get(), QPoint(0, 0)), panel->size())), qPrintable(name));
    }
    for (const PanelType &type : panelTypes())
        QVERIFY2(m_window->docks().dock(type.name)->toggleViewAction()->isChecked(), qPrintable(type.name)); // a tab, at least
}

void TestHelp::aLayoutThatShowsNothingIsNotRestored()
{
    m_window = test::shownWindow();
    QVERIFY(m_window);
    const QByteArray good = m_window->docks().state();
    for (const PanelType &type : panelTypes())
        m_window->docks().dock(type.name)->hide();
    const QByteArray nothing = m_window->docks().state();
    QVERIFY(m_window->docks().restore(good));
    QVERIFY(!m_window->docks().restore(nothing));
    QVERIFY(m_window->docks().panel("controls")->isShowing());
    QDockWidget *lesson = m_window->docks().dock("lesson");
    lesson->setFloating(true);
    lesson->move(100000, 100000); // a second screen that will be gone
    const QByteArray beyond = m_window->docks().state();
    lesson->setFloating(false);
    m_window->docks().restore(beyond);
    QVERIFY(!lesson->isFloating() || m_window->screen()->availableGeometry().intersects(lesson->geometry()));
}

void TestHelp::aFoldersSizeCanBeChosen()
{
    QTemporaryDir folder;
    for (int i = 0; i < 60; ++i) {
        const QString path = folder.path() + (i % 2 ? "/even" : "/odd");
        QDir().mkpath(path);
        std::ofstream(QString(path + "/%1.ppm").arg(i).toStdString(), std::ios::binary) << "P6 20 20 255\n" << std::string(1200, char(i * 4));
    }
    m_window = test::shownWindow();
    QVERIFY(m_window);
    m_window->run().start(test::shapesJob());
    QTRY_VERIFY_WITH_TIMEOUT(test::editorOf(*m_window, "size"), 30000);
    QVERIFY(test::editorOf(*m_window, "size")->isHidden()); // drawn shapes have the size they have
    m_window->opener().setStartPaused(true);
    m_window->opener().openData(folder.path());
    QTRY_COMPARE_WITH_TIMEOUT(QString::fromStdString(m_window->run().config().dataset), folder.path(), 30000);
    QTRY_VERIFY(!test::editorOf(*m_window, "size")->isHidden());
    emit test::editorOf(*m_window, "size")->edited(16.0);
    emit test::editorOf(*m_window, "colour")->edited(false);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->request().needsRestart(), 30000);
    QCOMPARE(m_window->request().dataset()->info().image, (ImageShape{16, 16, 1}));
    QCOMPARE(m_window->run().dataset()->info().image, (ImageShape{32, 32, 3})); // the running job goes on with what it has
    m_window->request().applyAndRestart();
    QTRY_COMPARE_WITH_TIMEOUT(m_window->run().config().datasetOptions.size, 16, 30000);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->run().snapshot() || !m_window->run().status().failure.empty(), 30000);
    QCOMPARE(m_window->run().status().failure, std::string());
    QVERIFY(!m_window->request().needsRestart());
}

QTEST_MAIN(TestHelp)
#include "tst_help.moc"
