// The token strip: every token has its place, marks differ from each other, and what scrolls out of sight can be brought back.
#include "painting.h"
#include "widgets/plots/textlayout.h"
#include "widgets/plots/tokenstrip.h"

#include <QtTest>

#include <set>

using namespace pretext;

namespace {

const QList<TokenMark> kMarks{TokenMark::none,     TokenMark::special, TokenMark::masked,  TokenMark::replaced, TokenMark::unchanged,
                              TokenMark::inserted, TokenMark::moved,   TokenMark::deleted, TokenMark::differs,  TokenMark::generated};

QImage paintedCell(const StripCell &cell)
{
    return test::painted({120, 40}, [&](Canvas &canvas) {
        TokenStrip strip;
        strip.setContent({}, {{cell}});
        strip.place(canvas, QRectF(4, 4, 110, 32));
        strip.draw(canvas);
    });
}

TokenStrip stripOf(int columns, int lanes = 1)
{
    std::vector<std::vector<StripCell>> content;
    for (int i = 0; i < columns; ++i)
        content.emplace_back(lanes, StripCell{QString(QChar(0x2581)) + QStringLiteral("word%1").arg(i)});
    TokenStrip strip;
    strip.setContent(lanes == 1 ? QStringList() : QStringList(lanes, QStringLiteral("lane")), content);
    return strip;
}

} // namespace

class TokenStripTest : public QObject
{
    Q_OBJECT
private slots:
    void everyTokenIsFoundWhereItIsDrawn()
    {
        TokenStrip strip = stripOf(40, 3);
        test::painted({400, 2000}, [&](Canvas &canvas) {
            strip.place(canvas, QRectF(QPointF(), canvas.size()));
            strip.draw(canvas);
        });
        QVERIFY(strip.box(39).top() > strip.box(0).bottom()); // it wraps
        for (int i = 0; i < strip.columns(); ++i) {
            QVERIFY(strip.columnRect(i).right() <= 400);
            for (int lane = 0; lane < 3; ++lane)
                QCOMPARE(strip.columnAt(strip.box(i, lane).center()), i);
            for (int j = 0; j < i; ++j)
                QVERIFY(!strip.columnRect(i).intersects(strip.columnRect(j)));
        }
        QCOMPARE(strip.columnAt({-5, -5}), -1);
    }

    void downAndUpComeBack()
    {
        TokenStrip strip = stripOf(40);
        test::painted({400, 2000}, [&](Canvas &canvas) { strip.place(canvas, QRectF(QPointF(), canvas.size())); });
        const int below = strip.columnInLine(1, 1);
        QVERIFY(strip.box(below).top() > strip.box(1).top());
        QCOMPARE(strip.columnInLine(below, -1), 1);
        QCOMPARE(strip.columnInLine(1, -1), 1); // there is no line above
    }

    void whatScrolledAwayIsBroughtBack()
    {
        TokenStrip strip = stripOf(200);
        test::painted({300, 80}, [&](Canvas &canvas) { strip.place(canvas, QRectF(0, 0, 300, 80)); });
        QVERIFY(strip.contentHeight() > 80);
        for (const int column : {199, 100, 0}) {
            strip.reveal(column);
            QVERIFY(strip.area().contains(strip.box(column).center()));
        }
        strip.scroll(1e9);
        QVERIFY(strip.area().contains(strip.box(199).center()));
    }

    void marksLookDifferent()
    {
        std::set<QByteArray> seen;
        for (const TokenMark mark : kMarks) {
            const QImage image = paintedCell({QStringLiteral("word"), mark});
            seen.insert(QByteArray(reinterpret_cast<const char *>(image.constBits()), image.sizeInBytes()));
        }
        QCOMPARE(int(seen.size()), int(kMarks.size()));
    }

    void marksLookDifferentWithoutColour()
    {
        std::set<QByteArray> seen;
        for (const TokenMark mark : kMarks) {
            const QImage image = paintedCell({QStringLiteral("word"), mark}), plain = paintedCell({QStringLiteral("word")});
            QByteArray changed;
            for (int y = 0; y < image.height(); ++y)
                for (int x = 0; x < image.width(); ++x)
                    changed += image.pixel(x, y) == plain.pixel(x, y) ? '0' : '1';
            seen.insert(changed);
        }
        QCOMPARE(int(seen.size()), int(kMarks.size()) - 1); // of two dashed frames the colour alone differs
    }

    void chineseIsDrawnAndNotABox()
    {
        const QImage moon = paintedCell({QStringLiteral("月")}), wind = paintedCell({QStringLiteral("風")});
        QVERIFY2(moon != wind, "both are drawn as the box of a missing glyph: is a font with Chinese installed?");
        QVERIFY(moon != paintedCell({QString()}));
    }

    void inkCanBeReadOnEveryTint()
    {
        const auto luminance = [](const QColor &colour) {
            const auto linear = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
            return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
        };
        for (int i = 0; i <= 100; ++i) {
            const QColor tint = QColor::fromRgb(colourAt(ColourMap::sequential, i / 100.));
            const double a = luminance(tint) + 0.05, b = luminance(inkOn(tint)) + 0.05;
            QVERIFY2(std::max(a, b) / std::min(a, b) >= 4.4, qPrintable(QString::number(i)));
        }
    }

    void theLegendNeedsTheHeightItSays()
    {
        std::vector<std::pair<TokenMark, QString>> marks;
        for (const TokenMark mark : kMarks)
            marks.emplace_back(mark, QStringLiteral("what it means"));
        test::painted({200, 400}, [&](Canvas &canvas) {
            const qreal measured = drawMarkLegend(canvas, QRectF(0, 0, 200, 400), marks, true);
            QVERIFY(measured > lineHeight(canvas, kSmall)); // it wraps
            QCOMPARE(drawMarkLegend(canvas, QRectF(0, 0, 200, 400), marks), measured);
            QCOMPARE(drawMarkLegend(canvas, QRectF(0, 0, 200, 400), {}), 0.);
        });
    }
};

QTEST_MAIN(TokenStripTest)
#include "tst_tokenstrip.moc"
