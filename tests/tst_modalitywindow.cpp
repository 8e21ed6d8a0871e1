// The window serves a kind of data that it has no word for: every panel shows a run on waves, or says what it waits for, and what is for texts
// or images alone says so.
#include "app/dockarea.h"
#include "app/exportdialog.h"
#include "app/runs.h"
#include "core/files/said.h"
#include "signals.h"
#include "toydata.h"
#include "widgets/canvaswidget/canvascontent.h"
#include "widgets/panel.h"
#include "widgets/run.h"
#include "widgets/selection.h"
#include "windowfixture.h"

#include <QCheckBox>
#include <QComboBox>
#include <QStandardItemModel>
#include <QtTest>

using namespace pretext;

class TestModalityWindow : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        signal::add();
        test::useOwnSettings("pretext-tst-modalitywindow");
        m_window = test::shownWindow();
        QVERIFY(m_window);
        TrainerOptions options;
        options.dataset = std::make_shared<signal::Waves>();
        options.config = recommendedConfig(*options.dataset);
        options.config.steps = 5;
        options.config.threads = 2;
        options.loaderAhead = 0;
        run().start(std::move(options));
        QTRY_COMPARE_WITH_TIMEOUT(run().status().state, TrainerState::ended, 60000);
    }
    void cleanupTestCase()
    {
        m_window.reset();
        settings().clear();
        std::filesystem::remove_all(runsRoot().parent_path());
    }

    void everyPanelShowsIt_data()
    {
        QTest::addColumn<QString>("name");
        for (const PanelType &type : panelTypes())
            QTest::newRow(qPrintable(type.name)) << type.name;
    }
    void everyPanelShowsIt()
    {
        QFETCH(QString, name);
        m_window->docks().raise(name);
        QTest::qWait(80);
        QVERIFY(!m_window->docks().panel(name)->grab().isNull());
        if (auto *content = dynamic_cast<CanvasContent *>(m_window->docks().panel(name)))
            QVERIFY(!content->description().isEmpty());
    }

    void similarityIsOfItsViews()
    {
        m_window->docks().raise("similarity");
        QTRY_VERIFY(run().snapshot() && run().snapshot()->channel<Matrix>("similarity"));
        QCOMPARE(run().snapshot()->channel<Matrix>("similarity")->rows, int64_t(64));
        QTRY_VERIFY2(said("similarity").contains("64 rows"), qPrintable(said("similarity")));
    }

    /// As curves, two of each sample.
    void itsViewsAreDrawn()
    {
        m_window->docks().raise("viewpairs");
        QTRY_VERIFY2(said("viewpairs").startsWith("Pair 1 of 32:"), qPrintable(said("viewpairs")));
        const auto drawn = [this] {
            QImage picture(900, 600, QImage::Format_RGB32);
            QPainter painter(&picture);
            m_window->docks().panel("viewpairs")->paintTo(painter, picture.size());
            painter.end();
            if (const QByteArray file = qgetenv("PRETEXT_PICTURE"); !file.isEmpty())
                picture.save(QString::fromLocal8Bit(file));
            return picture;
        };
        const QImage first = drawn();
        m_window->selection().hover({1, -1});
        QVERIFY(drawn() != first); // the second pair stands large
        m_window->selection().hover({});
        QVERIFY(drawn() == first);
    }

    void theSimilarityOfADataKindIsThatOfSimClr()
    {
        QCOMPARE(run().config().method, std::string("simclr"));
        m_window->docks().raise("controls");
        const auto *encoder = test::editorOf(*m_window, "encoder");
        QVERIFY(encoder);
    }

    void panelsOfOtherKindsSaySo()
    {
        m_window->docks().raise("tokenpredictions");
        QTRY_VERIFY2(said("tokenpredictions").contains("this job trains on signals"), qPrintable(said("tokenpredictions")));
        for (const PanelType &type : panelTypes())
            if (type.of)
                QVERIFY2(*type.of != signal::modality, qPrintable(type.name));
    }

    void theFormKnowsItsKnobs()
    {
        m_window->docks().raise("controls");
        QVERIFY(test::editorOf(*m_window, "signal.noise"));
        QVERIFY(test::editorOf(*m_window, "temperature"));
        QVERIFY(!test::editorOf(*m_window, "crop") && !test::editorOf(*m_window, "tokenizer"));
    }

    void theExportOffersWhatThereIs()
    {
        const ExportDialog dialog(&run(), m_window.get());
        const auto *format = dialog.findChild<QComboBox *>();
        const auto *model = qobject_cast<QStandardItemModel *>(format->model());
        const int folder = format->findData("huggingface"), onnx = format->findData("onnx"), weights = format->findData("safetensors");
        QVERIFY(!model->item(folder)->isEnabled() && !model->item(onnx)->isEnabled() && model->item(weights)->isEnabled());
        QCOMPARE(format->currentData().toString(), QStringLiteral("safetensors"));
        QCOMPARE(format->itemData(folder, Qt::ToolTipRole).toString(), QStringLiteral("Is for encoders of text; this one reads signals."));
        QVERIFY(dialog.findChild<QCheckBox *>()->isEnabled());
    }

private:
    Run &run() const { return m_window->run(); }
    QString said(const char *panel) const { return dynamic_cast<CanvasContent &>(*m_window->docks().panel(panel)).description(); }

    std::unique_ptr<MainWindow> m_window;
};

QTEST_MAIN(TestModalityWindow)
#include "tst_modalitywindow.moc"
