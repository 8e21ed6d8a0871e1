// Parallel coordinates: what a brush chooses, where lines meet their axes, and which axes runs have.
#include "core/engine/runsummary.h"
#include "painting.h"
#include "widgets/plots/parallelplot.h"
#include "widgets/runs/runaxes.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace pretext;
using namespace pretext::test;

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

QImage drawn(ParallelPlot &plot)
{
    return painted(QSize(800, 300), [&](Canvas &canvas) {
        canvas.fill(QRectF(QPointF(0, 0), canvas.size()), Qt::white);
        plot.place(QRectF(QPointF(0, 0), canvas.size()), canvas);
        plot.draw(canvas, -1);
    });
}

/// Five lines; the last lacks a value on the first axis.
ParallelPlot fiveLines()
{
    ParallelPlot plot;
    plot.setLines({{"rate", {0.001, 0.01, 0.1, 1, kNone}, {}, true}, {"width", {1, 2, 3, 4, 5}}, {"kind", {0, 1, 0, 1, 0}, {"a", "b"}}},
                  {0.1, 0.2, kNone, 0.4, 0.5}, {ColourMap::sequential, 0.1, 0.5, true}, "kNN");
    drawn(plot);
    return plot;
}

std::vector<int> passing(const ParallelPlot &plot)
{
    std::vector<int> lines;
    for (int line = 0; line < plot.lines(); ++line)
        if (plot.passes(line))
            lines.push_back(line);
    return lines;
}

void dragAlong(ParallelPlot &plot, QPointF from, QPointF to)
{
    plot.drag(from, (from + to) / 2);
    plot.drag(from, to);
    plot.release();
}

RunSummary runWith(const std::string &temperature, const std::string &optimizer, double knn)
{
    RunSummary run;
    run.path = "/runs/" + temperature + optimizer;
    run.method = "simclr";
    run.encoder = "convnet";
    run.knobs = {{"optimizer", optimizer}, {"temperature", temperature}, {"weight_decay", "0.1"}};
    run.step = 100;
    if (!std::isnan(knn))
        run.results = {{"knn", knn}};
    return run;
}

} // namespace

class TestParallelPlot : public QObject
{
    Q_OBJECT
private slots:
    void valuesLieOnTheirAxes();
    void aBrushCountsItsEnds();
    void severalBrushesChooseTogether();
    void whatHasNoValueIsBrushedByItself();
    void axesAreMovedAndKeepTheirBrushes();
    void aLineIsFoundUnderThePointer();
    void manyLinesAreDrawn();
    void runsHaveTheAxesInWhichTheyDiffer();
};

void TestParallelPlot::valuesLieOnTheirAxes()
{
    const ParallelPlot plot = fiveLines();
    const double bottom = plot.point(0, 0).y(), top = plot.point(0, 3).y();
    QVERIFY(bottom > top);
    QVERIFY(std::abs(plot.point(0, 1).y() - (bottom + (top - bottom) / 3)) < 1e-6); // a logarithmic axis
    QVERIFY(std::abs(plot.point(1, 1).y() - (bottom + (top - bottom) / 4)) < 1e-6); // a straight one
    QVERIFY(plot.point(0, 4).y() > bottom + 5);                                     // below the axis
    QCOMPARE(plot.point(2, 1).y(), top);
    QCOMPARE(plot.valueText(2, 1), QString("b"));
    QCOMPARE(plot.valueText(0, 4), QString("–"));
}

void TestParallelPlot::aBrushCountsItsEnds()
{
    ParallelPlot plot = fiveLines();
    QVERIFY(!plot.isBrushed());
    dragAlong(plot, plot.point(1, 1), plot.point(1, 3)); // from the very value to the very value
    QVERIFY(plot.isBrushed());
    QCOMPARE(passing(plot), (std::vector<int>{1, 2, 3}));
    plot.clearAt(plot.point(1, 2));
    QVERIFY(!plot.isBrushed());
    dragAlong(plot, plot.point(1, 0) + QPointF(0, 8), plot.point(1, 1)); // from beyond the end
    QCOMPARE(passing(plot), (std::vector<int>{0, 1}));
}

void TestParallelPlot::severalBrushesChooseTogether()
{
    ParallelPlot plot = fiveLines();
    dragAlong(plot, plot.point(1, 0), plot.point(1, 1));
    dragAlong(plot, plot.point(1, 3), plot.point(1, 4)); // another of the same axis: either
    QCOMPARE(passing(plot), (std::vector<int>{0, 1, 3, 4}));
    dragAlong(plot, plot.point(2, 0) + QPointF(0, 3), plot.point(2, 0) - QPointF(0, 3)); // of another one: both
    QCOMPARE(passing(plot), (std::vector<int>{0, 4}));
    dragAlong(plot, plot.point(1, 3) - QPointF(0, 5), plot.point(1, 2) - QPointF(0, 5)); // from within: is moved
    QCOMPARE(passing(plot), (std::vector<int>{0, 2}));
    plot.clearAt(QPointF(plot.point(1, 0).x() + 40, plot.point(1, 0).y())); // off all axes
    QCOMPARE(passing(plot).size(), size_t(5));
}

void TestParallelPlot::whatHasNoValueIsBrushedByItself()
{
    ParallelPlot plot = fiveLines();
    dragAlong(plot, plot.point(0, 4) - QPointF(0, 1), plot.point(0, 4) + QPointF(0, 2));
    QCOMPARE(passing(plot), (std::vector<int>{4}));
    plot.clearBrushes();
    dragAlong(plot, plot.point(0, 0), plot.point(0, 3));
    QCOMPARE(passing(plot), (std::vector<int>{0, 1, 2, 3}));
}

void TestParallelPlot::axesAreMovedAndKeepTheirBrushes()
{
    ParallelPlot plot = fiveLines();
    dragAlong(plot, plot.point(0, 0), plot.point(0, 1));
    const QPointF name(plot.point(0, 0).x(), 4);
    dragAlong(plot, name, QPointF(plot.point(2, 0).x(), 4));
    QCOMPARE(plot.axis(0).name, QString("width"));
    QCOMPARE(plot.axis(2).name, QString("rate"));
    QCOMPARE(passing(plot), (std::vector<int>{0, 1}));
    plot.setLines({{"rate", {0.001, 1}}, {"width", {1, 2}}, {"new", {1, 2}}}, {0, 1}, {}, "kNN"); // a newer list
    QCOMPARE(plot.axis(0).name, QString("width"));
    QCOMPARE(plot.axis(1).name, QString("rate"));
    QCOMPARE(passing(plot), (std::vector<int>{0}));
}

void TestParallelPlot::aLineIsFoundUnderThePointer()
{
    ParallelPlot plot = fiveLines();
    const auto between = [&](int line) { return (plot.point(1, line) + 3 * plot.point(0, line)) / 4; };
    for (int line = 0; line < 5; ++line)
        QCOMPARE(plot.lineAt(between(line)), line);
    QCOMPARE(plot.lineAt(between(3) - QPointF(0, 20)), -1);
    plot.mark({false, true, false, false, false});
    QCOMPARE(plot.lineAt(between(1)), 1);
    QCOMPARE(plot.lineAt(between(3)), -1); // it is behind
}

void TestParallelPlot::manyLinesAreDrawn()
{
    constexpr int kLines = 5000;
    std::vector<double> values, colours;
    for (int i = 0; i < kLines; ++i) {
        values.push_back(double(i) / kLines);
        colours.push_back(i % 2 ? kNone : 0.9);
    }
    ParallelPlot plot;
    plot.setLines({{"a", values}, {"b", values}, {"c", values}}, colours, {ColourMap::sequential, 0, 1, true}, "kNN");
    const QImage image = drawn(plot);
    const QPointF middle = (plot.point(0, kLines / 2) + plot.point(1, kLines / 2)) / 2;
    QVERIFY(image.pixelColor(middle.toPoint()) != QColor(Qt::white));
    QCOMPARE(image.pixelColor(middle.x(), image.height() - 1), QColor(Qt::white));
}

void TestParallelPlot::runsHaveTheAxesInWhichTheyDiffer()
{
    const std::vector<ParallelAxis> axes = axesOf({runWith("0.1", "adamw", 0.5), runWith("0.2", "sgd", 0.6), runWith("0.5", "adamw", kNone)});
    QCOMPARE(axes.size(), size_t(3)); // neither the weight decay nor the step
    QCOMPARE(axes[0].name, QString("optimizer"));
    QVERIFY(axes[0].names.size() == 2 && axes[0].names[int(axes[0].values[1])] == "sgd" && axes[0].values[0] == axes[0].values[2]);
    QCOMPARE(axes[1].name, QString("temperature"));
    QVERIFY(axes[1].logarithmic && axes[1].values == (std::vector<double>{0.1, 0.2, 0.5}));
    QVERIFY(axes[2].percent && std::isnan(axes[2].values[2]));
    QVERIFY(axesOf({}).empty());
    QVERIFY(axesOf({runWith("0.1", "adamw", 0.5)}).empty());
}

QTEST_MAIN(TestParallelPlot)
#include "tst_parallelplot.moc"
