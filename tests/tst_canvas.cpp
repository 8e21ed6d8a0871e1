// The canvas and its plots: both ends show the same, nothing is blurred or hidden by scaling, and a lost OpenGL context is made up for.
#include "painting.h"
#include "widgets/canvaswidget/canvaswidget.h"
#include "widgets/imguiview/imguiinput.h"
#include "widgets/plots/fontmeasure.h"
#include "widgets/plots/heatmap.h"
#include "widgets/plots/histogram.h"
#include "widgets/plots/imagegrid.h"
#include "widgets/plots/scalebar.h"
#include "widgets/plots/textlayout.h"

#include <QFontInfo>
#include <QPainter>
#include <QSet>
#include <QSvgGenerator>
#include <QtTest>

#include <imgui.h>

#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>

using namespace pretext;

namespace {

const float kNan = std::numeric_limits<float>::quiet_NaN();

/// A little of everything that plots draw, and a record of what it was told.
struct Scene : CanvasContent
{
    Scene()
    {
        std::vector<float> values;
        for (int i = 0; i < 16 * 16; ++i)
            values.push_back(i % 16 == i / 16 ? kNan : std::sin(i * 0.37f));
        map.setValues(16, 16, values);
        map.setBands(std::vector<QRgb>(16, labelColour(3).rgba()));
    }
    void draw(Canvas &canvas) override
    {
        map.place(QRectF(10, 10, 150, 150), canvas.devicePixelRatio());
        map.draw(canvas);
        drawScaleBar(canvas, QRectF(175, 10, 50, 140), map.scale());
        canvas.text(QPointF(240, 20), QStringLiteral("τ = 0.2 ×"), canvas.theme().text);
        canvas.rectangle(QRectF(240, 40, 60, 30), canvas.theme().accent, 2);
        canvas.clip(QRectF(240, 80, 30, 30));
        canvas.fill(QRectF(230, 70, 60, 60), canvas.theme().text);
        canvas.unclip();
        if (extra)
            extra(canvas);
    }
    void hover(QPointF p) override { hovered = p; }
    void click(QPointF) override { ++clicks; }
    void doubleClick(QPointF) override { ++doubleClicks; }
    void drag(QPointF, QPointF change) override { dragged += change; }
    void wheel(QPointF, qreal steps) override { wheeled += steps; }
    bool key(int key, Qt::KeyboardModifiers) override
    {
        keys << key;
        return key != Qt::Key_Tab;
    }
    QString description() const override { return QStringLiteral("cell %1").arg(keys.size()); }

    HeatMap map;
    std::function<void(Canvas &)> extra;
    QPointF hovered, dragged;
    QList<int> keys;
    int clicks = 0, doubleClicks = 0;
    qreal wheeled = 0;
};

QImage painted(CanvasWidget &widget, QSize size)
{
    QImage image(size, QImage::Format_RGB32);
    QPainter painter(&image);
    widget.paintTo(painter, size);
    return image;
}

double shareThatDiffers(const QImage &a, const QImage &b, int tolerance)
{
    int differing = 0;
    for (int y = 0; y < a.height(); ++y)
        for (int x = 0; x < a.width(); ++x) {
            const QRgb p = a.pixel(x, y), q = b.pixel(x, y);
            differing += std::abs(qRed(p) - qRed(q)) > tolerance || std::abs(qGreen(p) - qGreen(q)) > tolerance || std::abs(qBlue(p) - qBlue(q)) > tolerance;
        }
    return double(differing) / (a.width() * a.height());
}

double luminance(QRgb colour)
{
    const auto linear = [](int c) { return std::pow(c / 255., 2.2); };
    return 0.2126 * linear(qRed(colour)) + 0.7152 * linear(qGreen(colour)) + 0.0722 * linear(qBlue(colour));
}

} // namespace

class CanvasTest : public QObject
{
    Q_OBJECT
private slots:
    void sequentialMapRises()
    {
        for (int i = 1; i <= 64; ++i)
            QVERIFY(luminance(colourAt(ColourMap::sequential, i / 64.)) > luminance(colourAt(ColourMap::sequential, (i - 1) / 64.)));
    }

    void divergingMapIsNeutralAtZero()
    {
        const ColourScale scale{ColourMap::diverging, -1, 1};
        const QColor zero = QColor::fromRgb(scale.colour(0));
        QVERIFY(zero.saturation() < 8);
        QVERIFY(qBlue(scale.colour(-1)) > qRed(scale.colour(-1)));
        QVERIFY(qRed(scale.colour(1)) > qBlue(scale.colour(1)));
        QVERIFY(luminance(scale.colour(0)) > luminance(scale.colour(0.5)) && luminance(scale.colour(0.5)) > luminance(scale.colour(1)));
        QCOMPARE(qAlpha(scale.colour(std::nan(""))), 0);
        QCOMPARE(scale.colour(std::numeric_limits<double>::infinity()), scale.colour(1));
    }

    void manyColoursAtOnceAreTheSame()
    {
        std::vector<float> values{kNan, -std::numeric_limits<float>::infinity(), std::numeric_limits<float>::infinity(), -7, 7};
        for (int i = 0; i <= 3000; ++i)
            values.push_back(-1.5f + 0.001f * float(i));
        for (const ColourScale &scale : {ColourScale(), ColourScale{ColourMap::sequential, 0, 0.3}, ColourScale{ColourMap::diverging, 1, 1}}) {
            std::vector<QRgb> colours(values.size());
            scale.colours(values.data(), int(values.size()), colours.data());
            for (size_t i = 0; i < values.size(); ++i)
                QCOMPARE(colours[i], scale.colour(values[i]));
        }
    }

    void labelColoursDiffer()
    {
        QSet<QRgb> seen;
        for (int i = 0; i < kLabelColours; ++i)
            seen.insert(labelColour(i).rgb());
        QCOMPARE(seen.size(), kLabelColours);
        QCOMPARE(labelColour(kLabelColours + 3), labelColour(3));
    }

    void ticksAreRoundAndInside()
    {
        const std::vector<double> expected{-1, -0.5, 0, 0.5, 1};
        QCOMPARE(roundTicks(-1, 1, 4), expected);
        QVERIFY(roundTicks(1, 1, 4).empty());
        QVERIFY(roundTicks(0, std::numeric_limits<double>::infinity(), 4).empty());
        QCOMPARE(roundedUp(0.0021), 0.005);
        QCOMPARE(roundedUp(0.2), 0.2);
        QCOMPARE(roundedUp(0), 1.);
        QCOMPARE(numberText(-0.25), QStringLiteral("−0.25"));
        QCOMPARE(numberText(std::nan("")), QStringLiteral("–"));
    }

    void textMeasuredAgainIsAsWideAsItIs()
    {
        QWidget widget;
        Theme theme = Theme::of(&widget);
        const QString text = QStringLiteral("crop 62 %, Τὸ καλόν, 春眠不覺曉");
        for (const qreal points : {9., 14., 9.}) {
            theme.font.setPointSizeF(points);
            theme.fontSize = QFontInfo(theme.font).pixelSize();
            for (const qreal scale : {1., kSmall, 1.})
                for (int again = 0; again < 2; ++again) {
                    const QFontMetricsF metrics(theme.scaledFont(scale));
                    QCOMPARE(FontMeasure::of(theme, scale).width(text), metrics.horizontalAdvance(text));
                    QCOMPARE(FontMeasure::of(theme, scale).elided(text, 60), metrics.elidedText(text, Qt::ElideRight, 60));
                    QCOMPARE(FontMeasure::of(theme, scale).elided(text, 1000), text);
                }
        }
    }

    void wrappedTextFits()
    {
        test::painted({100, 100}, [](Canvas &canvas) {
            const QString text = QStringLiteral("crop 62 %, flipped, rotated 8°, brightness ×1.3, and aVeryLongWordThatFitsNowhereAtAll");
            const QStringList lines = wrapped(canvas, text, 90, 4);
            QVERIFY(lines.size() > 1 && lines.size() <= 4);
            for (const QString &line : lines)
                QVERIFY2(canvas.textWidth(line) <= 90, qPrintable(line));
        });
    }

    void anOutlierSurvivesShrinking()
    {
        std::vector<float> values(512 * 512, 0.1f);
        values[311 * 512 + 77] = -1;
        HeatMap map;
        map.setValues(512, 512, values);
        const QImage image = test::painted({100, 100}, [&](Canvas &canvas) {
            map.place(QRectF(0, 0, 100, 100), canvas.devicePixelRatio());
            map.draw(canvas);
        });
        QCOMPARE(map.cellsPerPixel(), 8);
        int found = 0;
        for (int y = 0; y < 100; ++y)
            for (int x = 0; x < 100; ++x)
                found += image.pixel(x, y) == map.scale().colour(-1);
        QVERIFY(found >= 1 && found <= 4);
    }

    void zoomedAndMovedAMapShowsTheCellsThatAreThere()
    {
        constexpr int kSide = 301; // no multiple of a level
        int compared = 0, wrong = 0;
        HeatMap map, next;
        const auto values = [](int seed) {
            std::vector<float> all;
            for (int i = 0; i < kSide * kSide; ++i)
                all.push_back(std::sin(0.37f * float(i * seed)));
            return all;
        };
        const auto compare = [&] {
            const QImage image = test::painted({160, 160}, [&](Canvas &canvas) {
                map.place(QRectF(5, 5, 150, 150), canvas.devicePixelRatio());
                map.draw(canvas);
            });
            for (int y = 0; y < 160; ++y)
                for (int x = 0; x < 160; ++x) {
                    const QPointF middle(x + 0.5, y + 0.5);
                    const auto cell = map.cellAt(middle);
                    if (!cell || map.cellsPerPixel() > 1 || !map.cellRect(*cell).adjusted(0.1, 0.1, -0.1, -0.1).contains(middle))
                        continue;
                    ++compared;
                    wrong += image.pixel(x, y) != map.scale().colour(map.value(*cell));
                }
        };
        map.setValues(kSide, kSide, values(1));
        for (int step = 0; step < 90; ++step) {
            compare();
            step % 30 < 10   ? map.zoom(QPointF(40 + step, 110), 1.25)
            : step % 30 < 20 ? map.pan(QPointF(23 - step % 7 * 9, -17 + step % 5 * 8))
                             : map.zoom(QPointF(90, 60), 0.8);
            if (step % 4 == 3) { // a snapshot, whose picture was begun before the last step
                next.setValues(kSide, kSide, values(step));
                next.makeImage(map.part());
                map.takeContent(next);
            }
        }
        QVERIFY(compared > 100000);
        QCOMPARE(wrong, 0);
    }

    void anOutlierOutsideTheViewIsNotDrawn()
    {
        HeatMap map;
        std::vector<float> values(512 * 512, 0.1f);
        values[3 * 512 + 5] = -1;
        map.setValues(512, 512, values);
        const auto outliers = [&] {
            const QImage image = test::painted({100, 100}, [&](Canvas &canvas) {
                map.place(QRectF(0, 0, 100, 100), canvas.devicePixelRatio());
                map.draw(canvas);
            });
            int found = 0;
            for (int y = 0; y < 100; ++y)
                for (int x = 0; x < 100; ++x)
                    found += image.pixel(x, y) == map.scale().colour(-1);
            return found;
        };
        QVERIFY(outliers() >= 1);
        map.zoom(QPointF(100, 100), 2);
        QCOMPARE(outliers(), 0);
        map.pan(QPointF(1000, 1000));
        QCOMPARE(map.cellsPerPixel(), 4);
        QVERIFY(outliers() >= 1);
    }

    void blankCellsHaveNoColour()
    {
        HeatMap map;
        map.setValues(1, 2, {kNan, 1});
        const QImage image = test::painted({80, 40}, [&](Canvas &canvas) {
            map.place(QRectF(0, 0, 80, 40), 1);
            map.draw(canvas);
        });
        QCOMPARE(image.pixel(60, 20), map.scale().colour(1));
        QSet<QRgb> blank;
        for (int x = 2; x < 38; ++x)
            blank.insert(image.pixel(x, 20));
        QVERIFY(blank.size() > 1); // hatched
        for (double v = -1; v <= 1; v += 0.25)
            QVERIFY(v == 0 || !blank.contains(map.scale().colour(v)));
    }

    void wrongSizeIsRefused()
    {
        HeatMap map;
        QVERIFY_EXCEPTION_THROWN(map.setValues(2, 2, {1, 2, 3}), std::invalid_argument);
    }

    void zoomKeepsTheCellUnderThePointer()
    {
        HeatMap map;
        map.setValues(100, 100, std::vector<float>(10000, 0.f));
        map.place(QRectF(20, 30, 400, 400), 1);
        const QPointF at(111, 223); // inside a cell, away from its edges
        const auto before = map.cellAt(at);
        for (int i = 0; i < 8; ++i) {
            map.zoom(at, 1.4);
            QCOMPARE(map.cellAt(at), before);
        }
        QVERIFY(map.cellRect(*before).contains(at));
        QVERIFY(map.cellRect(*before).width() > 20);
        map.pan(QPointF(1e6, 1e6));
        QCOMPARE(map.cellAt(map.rect().topLeft()), (HeatCell{0, 0}));
        map.reveal({99, 99});
        QVERIFY(map.rect().adjusted(-1, -1, 1, 1).contains(map.cellRect({99, 99})));
        map.resetView();
        QCOMPARE(map.cellRect({0, 0}).width(), 4.);
        QVERIFY(!map.cellAt(QPointF(5, 5)));
    }

    void imagesAreNeverBlurred()
    {
        QImage checker(2, 2, QImage::Format_RGB32);
        checker.setPixel(0, 0, 0xff000000);
        checker.setPixel(1, 1, 0xff000000);
        checker.setPixel(1, 0, 0xffffffff);
        checker.setPixel(0, 1, 0xffffffff);
        const CanvasImage image{newImageKey(), 1, checker};
        const QImage shown = test::painted({90, 90}, [&](Canvas &canvas) { canvas.image(QRectF(0, 0, 90, 90), image); });
        for (int y = 0; y < 90; ++y)
            for (int x = 0; x < 90; ++x)
                QCOMPARE(shown.pixel(x, y) & 0xffffff, (x < 45) == (y < 45) ? 0x000000u : 0xffffffu);
        QCOMPARE(sharpPlace(QRectF(0, 0, 100, 70), QSize(28, 28), 1).size(), QSizeF(56, 56));
        QCOMPARE(sharpPlace(QRectF(0, 0, 100, 70), QSize(28, 28), 2).size(), QSizeF(70, 70));
    }

    void gridShowsWhatIsVisible()
    {
        ImageGrid grid;
        grid.place(QRectF(0, 0, 206, 100), 11, 100, 50);
        QCOMPARE(grid.columns(), 2);
        QCOMPARE(grid.firstVisible(), 0);
        QCOMPARE(grid.endVisible(), 4);
        QCOMPARE(grid.tileAt(QPointF(150, 75)), 3);
        grid.reveal(10);
        QCOMPARE(grid.endVisible(), 11);
        QVERIFY(grid.area().contains(grid.tile(10).center()));
        QCOMPARE(grid.tileAt(QPointF(150, 75)), -1); // the last row has one tile
        grid.place(QRectF(0, 0, 10, 0), 0, 100, 50);
        QCOMPARE(grid.endVisible(), 0);
    }

    void sharesSumToOne()
    {
        const HistogramSeries series = binned({-1, -0.5f, 0.25f, 1, kNan, 3}, {}, -1, 1, 4);
        const std::vector<double> expected{0.2, 0.2, 0.2, 0.4};
        for (size_t i = 0; i < 4; ++i)
            QCOMPARE(series.shares[i], i == 1 ? 0.2 : expected[i]);
        QCOMPARE(series.mean, 0.55);
        const HistogramSeries weighted = binned({-0.9f, 0.9f}, {1, 3}, -1, 1, 2);
        QCOMPARE(weighted.shares[1], 0.75);
        QVERIFY(std::isnan(binned({}, {}, -1, 1, 2).mean));
    }

    void bothEndsShowTheSame()
    {
        Scene scene;
        CanvasWidget widget(scene);
        widget.resize(320, 180);
        widget.show();
        QVERIFY(QTest::qWaitForWindowExposed(&widget));
        if (!widget.usesOpenGL())
            QSKIP("no OpenGL context here; run under Xvfb");
        widget.setFocus();
        widget.clearFocus();
        QTest::qWait(100);
        const QImage shown = widget.grab().toImage().convertToFormat(QImage::Format_RGB32);
        const QImage expected = painted(widget, widget.size());
        QCOMPARE(shown.size(), expected.size());
        const double differing = shareThatDiffers(shown, expected, 24);
        QVERIFY2(differing < 0.02, qPrintable(QString::number(differing)));
    }

    void aNewContextShowsTheSame()
    {
        Scene scene;
        QWidget first, second;
        first.resize(330, 190);
        second.resize(330, 190);
        auto *widget = new CanvasWidget(scene, &first);
        widget->resize(320, 180);
        first.show();
        second.show();
        QVERIFY(QTest::qWaitForWindowExposed(&first) && QTest::qWaitForWindowExposed(&second));
        const QImage expected = painted(*widget, widget->size());
        for (int i = 0; i < 20; ++i) {
            QWidget *parent = i % 3 == 0 ? &second : i % 3 == 1 ? &first : nullptr; // docked elsewhere, docked, detached
            widget->setParent(parent, parent ? Qt::Widget : Qt::Tool);
            widget->resize(320, 180);
            widget->show();
            QTest::qWait(30);
            const QImage shown = widget->grab(QRect(0, 0, 320, 180)).toImage().convertToFormat(QImage::Format_RGB32);
            const double differing = shareThatDiffers(shown, expected, 24);
            QVERIFY2(differing < 0.05, qPrintable(QStringLiteral("move %1: %2 of the pixels differ").arg(i).arg(differing)));
        }
        delete widget;
    }

    void svgHoldsTheTextAsText()
    {
        Scene scene;
        CanvasWidget widget(scene);
        QBuffer buffer;
        QSvgGenerator generator;
        generator.setOutputDevice(&buffer);
        generator.setSize({320, 180});
        QPainter painter(&generator);
        widget.paintTo(painter, {320, 180});
        painter.end();
        QVERIFY(QString::fromUtf8(buffer.data()).contains(QStringLiteral("τ = 0.2 ×")));
    }

    void repaintsAtMostThirtyTimesASecond()
    {
        Scene scene;
        CanvasWidget widget(scene);
        widget.resize(320, 180);
        widget.show();
        QVERIFY(QTest::qWaitForWindowExposed(&widget));
        QTest::qWait(100);
        const int before = widget.paints();
        QElapsedTimer timer;
        timer.start();
        while (timer.elapsed() < 400) {
            widget.repaintSoon();
            QTest::qWait(1);
        }
        const int paints = widget.paints() - before;
        QVERIFY2(paints >= 1 && paints <= timer.elapsed() / CanvasWidget::kFrameMilliseconds + 2, qPrintable(QString::number(paints)));
        widget.hide();
        const int hidden = widget.paints();
        for (int i = 0; i < 20; ++i) {
            widget.repaintSoon();
            QTest::qWait(5);
        }
        QCOMPARE(widget.paints(), hidden);
    }

    void aQuietCanvasPaintsNothing()
    {
        Scene scene;
        CanvasWidget widget(scene);
        widget.show();
        QVERIFY(QTest::qWaitForWindowExposed(&widget));
        QTest::qWait(150);
        const int before = widget.paints();
        QTest::qWait(200);
        QCOMPARE(widget.paints(), before);
    }

    void pointerAndKeysReachTheContent()
    {
        Scene scene;
        CanvasWidget widget(scene);
        widget.resize(320, 180);
        widget.show();
        QVERIFY(QTest::qWaitForWindowExposed(&widget));
        QTest::mouseMove(&widget, {50, 60});
        QTRY_COMPARE(scene.hovered, QPointF(50, 60));
        QTest::mouseClick(&widget, Qt::LeftButton, {}, {50, 60});
        QCOMPARE(scene.clicks, 1);
        QTest::mousePress(&widget, Qt::LeftButton, {}, {50, 60});
        QMouseEvent move(QEvent::MouseMove, QPointF(90, 80), widget.mapToGlobal(QPointF(90, 80)), Qt::NoButton, Qt::LeftButton, {});
        QCoreApplication::sendEvent(&widget, &move);
        QTest::mouseRelease(&widget, Qt::LeftButton, {}, {90, 80});
        QCOMPARE(scene.dragged, QPointF(40, 20));
        QCOMPARE(scene.clicks, 1); // a drag is no click
        QWheelEvent wheel(QPointF(50, 60), widget.mapToGlobal(QPointF(50, 60)), {}, QPoint(0, 240), Qt::NoButton, {}, Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(&widget, &wheel);
        QCOMPARE(scene.wheeled, 2.);
        QTest::mouseDClick(&widget, Qt::LeftButton, {}, {50, 60});
        QCOMPARE(scene.doubleClicks, 1);
        QTest::keyClick(&widget, Qt::Key_Right);
        QCOMPARE(scene.keys, QList<int>{Qt::Key_Right});
        QCOMPARE(widget.accessibleDescription(), QStringLiteral("cell 1"));
        QVERIFY(widget.focusPolicy() & Qt::TabFocus);
    }

    void themeFollowsThePalette()
    {
        Scene scene;
        CanvasWidget widget(scene);
        widget.resize(320, 180);
        widget.show();
        QVERIFY(QTest::qWaitForWindowExposed(&widget));
        QPalette dark = widget.palette();
        dark.setColor(QPalette::Base, QColor(20, 22, 25));
        dark.setColor(QPalette::Text, Qt::white);
        widget.setPalette(dark);
        QTest::qWait(100);
        const QImage shown = widget.grab().toImage();
        QCOMPARE(shown.pixel(310, 170) & 0xffffff, 0x141619u);
        QVERIFY(Theme::of(&widget).dark);
    }

    void imguiSeesWhatQtSaw()
    {
        ImGuiContext *context = ImGui::CreateContext();
        ImGuiIO &io = ImGui::GetIO();
        ImGuiInput input;
        ImGuiInput::mapKeys(io);
        input.handle(QMouseEvent(QEvent::MouseButtonPress, {5, 7}, {5, 7}, Qt::LeftButton, Qt::LeftButton, {}), io);
        input.handle(QMouseEvent(QEvent::MouseButtonRelease, {5, 7}, {5, 7}, Qt::LeftButton, {}, {}), io);
        input.apply(io);
        QVERIFY(io.MouseDown[0]); // pressed and released between two frames: still a click
        QCOMPARE(io.MousePos.x, 5.f);
        QCOMPARE(io.MousePos.y, 7.f);
        input.apply(io);
        QVERIFY(!io.MouseDown[0]);
        input.handle(QKeyEvent(QEvent::KeyPress, Qt::Key_A, Qt::ShiftModifier, QStringLiteral("A")), io);
        QVERIFY(io.KeysDown[io.KeyMap[ImGuiKey_A]] && io.KeyShift && !io.KeyCtrl);
        QCOMPARE(io.InputQueueCharacters.Size, 1);
        input.handle(QKeyEvent(QEvent::KeyPress, Qt::Key_Left, {}), io);
        QVERIFY(io.KeysDown[io.KeyMap[ImGuiKey_LeftArrow]]);
        input.handle(QFocusEvent(QEvent::FocusOut), io);
        QVERIFY(!io.KeysDown[io.KeyMap[ImGuiKey_LeftArrow]] && !io.KeysDown[io.KeyMap[ImGuiKey_A]]);
        input.handle(QWheelEvent({5, 7}, {5, 7}, {}, QPoint(0, -120), Qt::NoButton, {}, Qt::NoScrollPhase, false), io);
        QCOMPARE(io.MouseWheel, -1.f);
        input.handle(QEvent(QEvent::Leave), io);
        input.apply(io);
        QVERIFY(io.MousePos.x < -1e30f);
        ImGui::DestroyContext(context);
    }
};

QTEST_MAIN(CanvasTest)
#include "tst_canvas.moc"
