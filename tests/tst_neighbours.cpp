// Neighbours: those of a slow sort, of samples and of pictures and texts of one's own, and the panel that shows who comes and who leaves.
#include "app/dockarea.h"
#include "core/analysis/features.h"
#include "core/analysis/neighbourbank.h"
#include "core/analysis/spread.h"
#include "tests/windowfixture.h"
#include "toydata.h"
#include "toytext.h"
#include "widgets/elidedlabel.h"
#include "widgets/canvaswidget/canvascontent.h"
#include "widgets/panel.h"
#include "widgets/run.h"
#include "widgets/selection.h"

#include <QDropEvent>
#include <QMimeData>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QUrl>
#include <QtTest>

#include <numeric>

using namespace pretext;

namespace {

double cosineOf(const Matrix &rows, int64_t i, int64_t j)
{
    const float *a = &rows.values[size_t(i * rows.columns)], *b = &rows.values[size_t(j * rows.columns)];
    const auto dot = [&](const float *x, const float *y) { return std::inner_product(x, x + rows.columns, y, 0.); };
    return dot(a, b) / std::sqrt(dot(a, a) * dot(b, b));
}

std::shared_ptr<const EncoderCopy> copyFor(const Dataset &dataset, const char *method)
{
    CheckpointState state;
    state.config = recommendedConfig(dataset, method, dataset.info().modality == Modality::text ? "transformer" : "mlp");
    state.config.seed = 3;
    state.config.precision = "f32"; // as the slow sort
    state.prepared = preparedImages(dataset.info());
    return copyOf(makeModel(state.config, state.input()), state);
}

} // namespace

class NeighboursTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        test::useOwnSettings("pretext-tst-neighbours");
        m_window = test::shownWindow();
        QVERIFY(m_window);
        m_window->docks().show("neighbours");
        m_panel = m_window->docks().panel("neighbours");
        QTRY_VERIFY(m_panel->isShowing());
    }

    void cleanupTestCase()
    {
        m_window.reset();
        settings().clear();
    }

    void theyAreThoseOfASlowSort()
    {
        const auto data = std::make_shared<const ToyData>();
        const auto copy = copyFor(*data, "simclr");
        const int64_t samples = std::min<int64_t>(20, data->size(Split::test));
        NeighbourBank bank(*copy, data, samples);
        QCOMPARE(bank.samples(), samples);
        TrainedEncoder encoder = encoderOf(*copy);
        const Matrix rows = readSamples(*encoder.encoder, *encoder.state.prepared, *spreadSubset(*data, 0, samples), Split::test);
        for (const int64_t row : {int64_t(0), samples / 2}) {
            const int64_t query = spreadIndex(row, samples, data->size(Split::test));
            std::vector<std::pair<double, int64_t>> slow;
            for (int64_t other = 0; other < samples; ++other)
                if (other != row)
                    slow.push_back({-cosineOf(rows, row, other), spreadIndex(other, samples, data->size(Split::test))});
            std::ranges::sort(slow);
            const std::vector<BankNeighbour> found = bank.nearest({.split = Split::test, .index = query}, 5);
            QCOMPARE(found.size(), size_t(5));
            for (size_t i = 0; i < found.size(); ++i)
                QVERIFY(std::abs(double(found[i].cosine) + slow[i].first) < 1e-4);
            QVERIFY(std::ranges::none_of(found, [&](const BankNeighbour &neighbour) { return neighbour.sample == query; }));
        }
        NeighbourQuery own; // the very picture of a held-out sample
        own.picture = data->image(Split::test, spreadIndex(3, samples, data->size(Split::test)));
        const std::vector<BankNeighbour> found = bank.nearest(own, 3);
        QVERIFY(found.front().cosine > 0.9999f);
        QCOMPARE(sameLabel(*data, own, found), -1); // nobody knows it
        QVERIFY(NeighbourBank(*copy, data, samples, [](double) { return false; }).empty());
    }

    void thePanelFollowsTheSelectionAndPicturesOfOnesOwn()
    {
        Run &run = m_window->run();
        QSignalSpy started(&run, &Run::jobStarted);
        TrainerOptions options = toyOptions(3, {});
        options.dataset = std::make_shared<ToyData>();
        run.start(options);
        QTRY_COMPARE_WITH_TIMEOUT(started.size(), 1, 60000);
        QTRY_VERIFY2_WITH_TIMEOUT(said().startsWith("Nearest to ") && said().contains("held-out sample 0"), qPrintable(said()), 60000);
        QCOMPARE(m_panel->csv().count(u'\n'), 11);
        m_window->selection().select({{Split::train, 4}, -1});
        QTRY_VERIFY2_WITH_TIMEOUT(said().contains("training sample 4"), qPrintable(said()), 30000);

        QTemporaryDir folder;
        const QString path = folder.filePath("mine.png");
        QImage image(50, 50, QImage::Format_RGB32);
        image.fill(Qt::red);
        QVERIFY(image.save(path));
        QMimeData picture;
        picture.setUrls({QUrl::fromLocalFile(path)});
        drop(picture);
        QTRY_VERIFY2_WITH_TIMEOUT(said().startsWith("Nearest to mine.png."), qPrintable(said()), 30000);

        QMimeData broken;
        QFile file(folder.filePath("broken.png"));
        QVERIFY(file.open(QFile::WriteOnly));
        file.write("no picture");
        file.close();
        broken.setUrls({QUrl::fromLocalFile(file.fileName())});
        drop(broken);
        const auto *note = m_panel->findChild<ElidedLabel *>();
        QTRY_VERIFY2_WITH_TIMEOUT(note->text().contains("broken.png") && note->text().size() > 20, qPrintable(note->text()), 30000);
        QVERIFY2(said().startsWith("Nearest to mine.png."), qPrintable(said())); // what was asked before stays
        run.start(options);                                                      // on the same data
        QTRY_COMPARE_WITH_TIMEOUT(started.size(), 2, 60000);
        QVERIFY(note->text().isEmpty());
        QTRY_VERIFY2_WITH_TIMEOUT(said().startsWith("Nearest to mine.png."), qPrintable(said()), 60000);
    }

private:
    void drop(const QMimeData &data)
    {
        QDragEnterEvent enter({5, 5}, Qt::CopyAction, &data, Qt::LeftButton, {});
        QCoreApplication::sendEvent(m_panel, &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop({5, 5}, Qt::CopyAction, &data, Qt::LeftButton, {});
        QCoreApplication::sendEvent(m_panel, &drop);
    }
    QString said() const { return dynamic_cast<CanvasContent &>(*m_panel).description(); }

    std::unique_ptr<MainWindow> m_window;
    Panel *m_panel = nullptr;
};

QTEST_MAIN(NeighboursTest)
#include "tst_neighbours.moc"
