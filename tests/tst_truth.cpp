// No panel shows what did not happen: trains twenty steps through the window and holds what its panels draw against the snapshot's embeddings
// and against the augmenter's own output.
#include "app/dockarea.h"
#include "app/runs.h"
#include "core/engine/config.h"
#include "widgets/canvaswidget/canvaswidget.h"
#include "widgets/panel.h"
#include "widgets/plots/colourmap.h"
#include "widgets/selection.h"
#include "widgets/run.h"
#include "windowfixture.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <vector>

using namespace pretext;

namespace {

constexpr int kPairs = 16;

double cosine(const Matrix &rows, int64_t a, int64_t b)
{
    double dot = 0, squareA = 0, squareB = 0;
    for (int64_t i = 0; i < rows.columns; ++i) {
        dot += double(rows.at(a, i)) * rows.at(b, i);
        squareA += double(rows.at(a, i)) * rows.at(a, i);
        squareB += double(rows.at(b, i)) * rows.at(b, i);
    }
    return dot / std::sqrt(squareA * squareB);
}

/// Largest difference of a drawn view from the augmenter's, in 1/255.
int difference(const QImage &shown, const std::vector<float> &view, ImageShape shape)
{
    int largest = 0;
    for (int y = 0; y < shape.height; ++y)
        for (int x = 0; x < shape.width; ++x)
            for (int c = 0; c < shape.channels; ++c) {
                const QRgb pixel = shown.pixel(x, y);
                const int channels[] = {qRed(pixel), qGreen(pixel), qBlue(pixel)};
                const float value = std::clamp(view[size_t(y * shape.width + x) * shape.channels + c], 0.f, 1.f);
                largest = std::max(largest, int(std::abs(channels[c] - std::lround(255 * value))));
            }
    return largest;
}

} // namespace

class TruthTest : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase()
    {
        test::useOwnSettings("pretext-tst-truth");
        m_window = test::shownWindow();
        QVERIFY(m_window);
        m_similarity = m_window->docks().panel("similarity");
        m_views = m_window->docks().panel("viewpairs");
        QVERIFY(m_similarity->isShowing() && m_views->isShowing());
        m_dataset = openDataset("shapes");
        m_config = makeConfig("simclr", "convnet", "shapes", m_dataset->info());
        m_config.batch = kPairs;
        m_config.seed = 5;
        m_config.steps = 20;
        m_config.threads = 2;
        TrainerOptions options;
        options.config = m_config;
        options.dataset = m_dataset;
        options.loaderAhead = 0;
        run().start(options);
        QTRY_COMPARE_WITH_TIMEOUT(run().status().state, TrainerState::ended, 120000);
        QCOMPARE(run().status().failure, std::string());
        QTRY_VERIFY(run().snapshot() && run().snapshot()->step == 20);
        m_snapshot = run().snapshot();
        QTest::qWait(100);
    }

    void cleanupTestCase()
    {
        m_window.reset();
        settings().clear();
        std::filesystem::remove_all(runsRoot().parent_path());
    }

    void similarityShowsTheCosineOfTheEmbeddings()
    {
        const Matrix *embeddings = m_snapshot->channel<Matrix>("embeddings");
        QVERIFY(embeddings);
        QCOMPARE(embeddings->rows, int64_t(2 * kPairs));
        const QStringList lines = m_similarity->csv().split(u'\n', Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), 2 * kPairs + 1);
        for (int row = 0; row < 2 * kPairs; ++row)
            for (int column = 0; column < 2 * kPairs; ++column) {
                const double shown = lines[row + 1].split(u',')[column + 1].toDouble();
                const double truth = cosine(*embeddings, row, column);
                QVERIFY2(std::abs(shown - truth) < 1e-5, qPrintable(QStringLiteral("%1 %2: %3 %4").arg(row).arg(column).arg(shown).arg(truth)));
            }
    }

    void thePixelUnderThePointerHasTheCellsColour()
    {
        const Matrix *embeddings = m_snapshot->channel<Matrix>("embeddings");
        QVERIFY(embeddings);
        auto *canvas = m_similarity->findChild<CanvasWidget *>();
        QVERIFY(canvas);
        const QImage drawn = canvas->grab().toImage();
        QCOMPARE(drawn.devicePixelRatio(), 1.0);
        const ColourScale scale{ColourMap::diverging, -1, 1};
        int checked = 0;
        for (int y = 61; y < canvas->height(); y += 53)
            for (int x = 31; x < canvas->width(); x += 47) {
                const QPointF at(x + 0.5, y + 0.5); // the pixel's middle
                QMouseEvent move(QEvent::MouseMove, at, canvas->mapToGlobal(at), Qt::NoButton, Qt::NoButton, {});
                QCoreApplication::sendEvent(canvas, &move);
                const Cell cell = m_window->selection().hovered();
                if (cell.row < 0 || (cell.column + kPairs) % (2 * kPairs) == cell.row)
                    continue; // outside, or a positive, which is framed
                const QRgb expected = scale.colour(cosine(*embeddings, cell.row, cell.column));
                const QRgb shown = drawn.pixel(x, y);
                for (int shift : {0, 8, 16})
                    QVERIFY(std::abs(int(expected >> shift & 255) - int(shown >> shift & 255)) <= 1);
                ++checked;
            }
        QVERIFY2(checked > 20, qPrintable(QString::number(checked)));
    }

    void viewPairsShowTheAugmentersOutput()
    {
        test::CatchingCanvas catcher({900, 20000}, Theme::of(m_views));
        auto *content = dynamic_cast<CanvasContent *>(m_views);
        QVERIFY(content);
        content->draw(catcher);
        QVERIFY(catcher.images.size() >= 3 * kPairs);
        const std::vector<QImage> list(catcher.images.end() - 3 * kPairs, catcher.images.end()); // below the large pair
        const Augmenter augmenter(m_config.knobs, m_dataset->info().image);
        const ImageShape shape = m_dataset->info().image;
        for (int pair = 0; pair < kPairs; ++pair) {
            const Image original = m_dataset->image(Split::train, m_snapshot->indices[pair]);
            const std::vector<float> pixels = [&] {
                std::vector<float> values;
                for (uint8_t p : original.pixels)
                    values.push_back(p / 255.f);
                return values;
            }();
            QCOMPARE(difference(list[3 * pair], pixels, shape), 0);
            for (uint32_t view = 0; view < 2; ++view) {
                std::vector<float> made(size_t(shape.height) * shape.width * shape.channels);
                augmenter.make(original, {m_config.seed, m_snapshot->epoch, uint32_t(m_snapshot->indices[pair]), view}, made);
                const int off = difference(list[3 * pair + 1 + view], made, shape);
                QVERIFY2(off <= 1, qPrintable(QStringLiteral("pair %1 view %2 is off by %3/255").arg(pair).arg(view + 1).arg(off)));
            }
        }
    }

    void thePairsCosineIsThatOfItsEmbeddings()
    {
        const Matrix *embeddings = m_snapshot->channel<Matrix>("embeddings");
        QVERIFY(embeddings);
        const QStringList lines = m_views->csv().split(u'\n', Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), kPairs + 1);
        for (int pair = 0; pair < kPairs; ++pair) {
            const QStringList fields = lines[pair + 1].split(u',');
            QCOMPARE(fields[1].toLongLong(), m_snapshot->indices[pair]);
            QVERIFY(std::abs(fields[3].toDouble() - cosine(*embeddings, pair, pair + kPairs)) < 1e-5);
        }
    }

private:
    Run &run() const { return m_window->run(); }

    std::unique_ptr<MainWindow> m_window;
    Panel *m_similarity = nullptr, *m_views = nullptr;
    std::shared_ptr<const Dataset> m_dataset;
    RunConfig m_config;
    SnapshotPtr m_snapshot;
};

QTEST_MAIN(TruthTest)
#include "tst_truth.moc"
