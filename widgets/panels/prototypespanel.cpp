// Prototypes: of methods that share views out among prototypes, how evenly these are used over the batch, and how the selected sample is shared out:
// what its first view is to be, and what the student foretells of that from the second, and the other way round.
#include "widgets/panels/canvaspanel.h"
#include "widgets/panels/viewdrawing.h"
#include "widgets/plots/barplot.h"
#include "widgets/plots/textlayout.h"
#include "widgets/run.h"
#include "widgets/selection.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

namespace pretext {

namespace {

constexpr int kMostPrototypes = 6; // of a view, those with the largest shares

bool isWholeMatrix(const Matrix *matrix)
{
    return matrix && matrix->rows > 0 && matrix->columns > 0 && int64_t(matrix->values.size()) == matrix->rows * matrix->columns;
}

/// What is not known counts as none.
float known(float share)
{
    return std::isfinite(share) ? share : 0;
}

/// Of each prototype the mean over all views, the largest first.
std::vector<double> sortedMeans(const Matrix &shares)
{
    std::vector<double> means(size_t(shares.columns), 0);
    for (int64_t row = 0; row < shares.rows; ++row)
        for (int64_t k = 0; k < shares.columns; ++k)
            means[size_t(k)] += known(shares.at(row, k)) / double(shares.rows);
    std::ranges::sort(means, std::greater<>());
    return means;
}

/// As many as are really used: the exponential of the entropy of the mean share.
double inUse(const std::vector<double> &means)
{
    double entropy = 0;
    for (const double share : means)
        entropy -= share > 0 ? share * std::log(share) : 0;
    return std::exp(entropy);
}

} // namespace

class PrototypesPanel : public CanvasPanel
{
    Q_DECLARE_TR_FUNCTIONS(pretext::PrototypesPanel)
public:
    explicit PrototypesPanel(const PanelContext &context) : CanvasPanel(context, tr("Prototypes")) {}

    std::set<std::string> wantedChannels() const override { return {"prototypes/shares", "prototypes/foretold", "views/pixels", "views/drawings"}; }
    QString csv() const override;

protected:
    std::function<Adopt()> preparation(const BatchView &batch) override;
    void draw(Canvas &canvas) override;
    bool key(int key, Qt::KeyboardModifiers modifiers) override;
    QString description() const override;

private:
    QString waiting() const;
    const Matrix &shares() const { return *batch().snapshot()->channel<Matrix>("prototypes/shares"); }
    const Matrix *foretold() const;
    int sharedViews() const { return int(shares().rows / batch().pairs()); } // of each sample, those that have shares
    int shownPair() const { return std::max(0, selectedPair()); }
    int foretellerOf(int view) const { return view == 0 ? 1 : 0; }
    QString summary() const;
    std::vector<int64_t> largest(int row) const;
    struct Part
    {
        int64_t prototype;
        float share, foretold;
    };
    std::vector<Part> partsOf(int view) const;
    void drawMeans(Canvas &canvas, QRectF area) const;
    void drawSample(Canvas &canvas, QRectF area) const;
    void drawParts(Canvas &canvas, QRectF area, const std::vector<Part> &parts) const;
    void drawSharedView(Canvas &canvas, QRectF area, int view) const;

    std::vector<double> m_means; // sorted; empty where there are no shares
};

std::function<CanvasPanel::Adopt()> PrototypesPanel::preparation(const BatchView &batch)
{
    return [this, batch] {
        const Matrix *shares = batch.snapshot() ? batch.snapshot()->channel<Matrix>("prototypes/shares") : nullptr;
        const bool fits = isWholeMatrix(shares) && batch.pairs() > 0 && shares->rows % batch.pairs() == 0 && shares->rows <= batch.rows();
        const std::vector<double> means = fits ? sortedMeans(*shares) : std::vector<double>();
        return Adopt([this, means] { m_means = means; });
    };
}

/// Null where it does not fit the shares.
const Matrix *PrototypesPanel::foretold() const
{
    const Matrix *matrix = batch().snapshot()->channel<Matrix>("prototypes/foretold");
    return isWholeMatrix(matrix) && matrix->columns == shares().columns && matrix->rows == batch().rows() && batch().views() > 1 ? matrix : nullptr;
}

QString PrototypesPanel::waiting() const
{
    const QString what = tr("how the views are shared out");
    if (run().hasJob() && batch().snapshot() && !batch().snapshot()->offered.contains("prototypes/shares"))
        return tr("This panel shows methods that share views out among prototypes: swav and dino, under Clustering and distillation in Controls' list of "
                  "methods. The first training step of one of them brings %1.")
            .arg(what);
    return waitingText(run(), what);
}

QString PrototypesPanel::summary() const
{
    return tr("Step %1: as good as %2 of %3 prototypes are in use; the fullest one has %4 of the batch, an even share is %5.")
        .arg(batch().snapshot()->step)
        .arg(numberText(inUse(m_means)))
        .arg(m_means.size())
        .arg(percentText(m_means.front()), percentText(1. / double(m_means.size())));
}

std::vector<int64_t> PrototypesPanel::largest(int row) const
{
    std::vector<int64_t> order(size_t(shares().columns));
    std::iota(order.begin(), order.end(), 0);
    const size_t shown = std::min<size_t>(kMostPrototypes, order.size());
    std::ranges::partial_sort(order, order.begin() + std::ptrdiff_t(shown),
                              [&](int64_t a, int64_t b) { return std::pair(-known(shares().at(row, a)), a) < std::pair(-known(shares().at(row, b)), b); });
    order.resize(shown);
    return order;
}

/// Prototypes from the fullest to the emptiest; of several in one pixel the first. The line is what each would have if all had the same.
void PrototypesPanel::drawMeans(Canvas &canvas, QRectF area) const
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas, kSmall);
    area.setTop(area.top() + drawWrapped(canvas, QRectF(area.topLeft(), QSizeF(area.width(), 2 * line)), summary(), theme.text, kSmall) + line / 2);
    const double even = 1. / double(m_means.size()), top = std::max(m_means.front(), 2 * even);
    const QString high = percentText(top);
    const QRectF plot = area.adjusted(canvas.textWidth(high, kSmall) + 6, 0, 0, -1.5 * line);
    if (plot.height() < line || plot.width() < 4 * line)
        return;
    const auto y = [&](double share) { return plot.bottom() - plot.height() * share / top; };
    const qreal step = plot.width() / double(m_means.size()), width = std::max(1 / canvas.devicePixelRatio(), step > 4 ? 0.8 * step : step);
    qreal drawn = -1;
    for (size_t i = 0; i < m_means.size(); ++i) {
        const qreal x = std::floor((plot.left() + double(i) * step) * canvas.devicePixelRatio()) / canvas.devicePixelRatio();
        if (x > drawn)
            canvas.fill(QRectF(x, y(m_means[i]), std::max(width, 1 / canvas.devicePixelRatio()), plot.bottom() - y(m_means[i])), theme.accent);
        drawn = x;
    }
    canvas.line(plot.bottomLeft(), plot.bottomRight(), theme.mutedText);
    canvas.line({plot.left(), y(even)}, {plot.right(), y(even)}, theme.text);
    canvas.text({plot.right(), y(even) - line / 2}, tr("an even share"), theme.text, Align::right, kSmall);
    canvas.text({plot.left() - 4, plot.top() + line / 2}, high, theme.mutedText, Align::right, kSmall);
    canvas.text({plot.left() - 4, plot.bottom()}, percentText(0), theme.mutedText, Align::right, kSmall);
    canvas.text({plot.center().x(), plot.bottom() + 0.8 * line},
                elided(canvas, tr("prototypes, from the fullest to the emptiest: their mean share of the batch's views"), plot.width(), kSmall),
                theme.mutedText, Align::centre, kSmall);
}

/// Of a view the prototypes with its largest shares, and what another view foretells of each; NaN where that is not known.
std::vector<PrototypesPanel::Part> PrototypesPanel::partsOf(int view) const
{
    const int row = batch().rowOf(shownPair(), view);
    const Matrix *guessed = foretold();
    std::vector<Part> parts;
    for (const int64_t k : largest(row))
        parts.push_back({k, shares().at(row, k), guessed ? guessed->at(batch().rowOf(shownPair(), foretellerOf(view)), k) : NAN});
    return parts;
}

/// The parts as bars, all of one scale, which reaches beyond the largest.
void PrototypesPanel::drawParts(Canvas &canvas, QRectF area, const std::vector<Part> &parts) const
{
    const Theme &theme = canvas.theme();
    const auto name = [](const Part &part) { return tr("no. %1").arg(part.prototype); };
    const auto number = [](const Part &part) {
        return std::isnan(part.foretold) ? percentText(part.share) : tr("%1 / %2").arg(percentText(part.share), percentText(part.foretold));
    };
    qreal names = 0, numbers = 0;
    float most = 0;
    for (const Part &part : parts) {
        names = std::max(names, canvas.textWidth(name(part), kSmall) + theme.spacing);
        numbers = std::max(numbers, canvas.textWidth(number(part), kSmall) + theme.spacing);
        most = std::max({most, known(part.share), known(part.foretold)});
    }
    const qreal height = std::min(1.6 * lineHeight(canvas, kSmall), area.height() / double(parts.size())), scale = std::min(1., roundedUp(most));
    for (const Part &part : parts) {
        const QRectF track(area.left() + names, area.top() + 0.2 * height, std::max(1., area.width() - names - numbers), 0.6 * height);
        canvas.text({area.left(), track.center().y()}, name(part), theme.text, Align::left, kSmall);
        drawShare(canvas, track, part.share / scale, theme.accent);
        if (std::isfinite(part.foretold))
            canvas.rectangle(QRectF(track.left(), track.top() - 2, std::max(2., track.width() * part.foretold / scale), track.height() + 4), theme.text, 2);
        canvas.text({area.right(), track.center().y()}, number(part), theme.text, Align::right, kSmall);
        area.setTop(area.top() + height);
    }
}

void PrototypesPanel::drawSharedView(Canvas &canvas, QRectF area, int view) const
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas, kSmall), side = std::min({area.height(), 0.25 * area.width(), 9 * theme.fontSize});
    drawView(canvas, QRectF(area.topLeft(), QSizeF(side, side)), batch(), batch().rowOf(shownPair(), view));
    area.setLeft(area.left() + side + 2 * theme.spacing);
    const QString words = tr("View %1's shares (filled), and what view %2 foretells (outlined)").arg(view + 1).arg(foretellerOf(view) + 1);
    area.setTop(area.top() + drawWrapped(canvas, QRectF(area.topLeft(), QSizeF(area.width(), 2 * line)), words, theme.mutedText, kSmall) + 0.3 * line);
    drawParts(canvas, area, partsOf(view));
}

void PrototypesPanel::drawSample(Canvas &canvas, QRectF area) const
{
    const qreal line = lineHeight(canvas);
    canvas.text({area.left(), area.top() + line / 2}, elided(canvas, batch().sampleName(shownPair()), area.width()), canvas.theme().text);
    area.setTop(area.top() + 1.3 * line);
    const int views = std::min(2, sharedViews());
    const bool beside = area.width() > 50 * canvas.theme().fontSize;
    const QSizeF part(beside ? area.width() / views : area.width(), beside ? area.height() : area.height() / views);
    for (int view = 0; view < views; ++view) {
        const QPointF corner = area.topLeft() + (beside ? QPointF(view * part.width(), 0) : QPointF(0, view * part.height()));
        drawSharedView(canvas, QRectF(corner, part).adjusted(0, 0, -2 * canvas.theme().spacing, -canvas.theme().spacing), view);
    }
}

void PrototypesPanel::draw(Canvas &canvas)
{
    if (m_means.empty()) {
        drawMessage(canvas, waiting());
        return;
    }
    const qreal gap = canvas.theme().spacing;
    QRectF rest = QRectF(QPointF(), canvas.size()).adjusted(gap, gap, -gap, -gap);
    drawAbsence(canvas, rest);
    const qreal means = 0.42 * rest.height();
    drawMeans(canvas, QRectF(rest.topLeft(), QSizeF(rest.width(), means)));
    rest.setTop(rest.top() + means + gap);
    canvas.line(rest.topLeft(), rest.topRight(), canvas.theme().grid);
    rest.setTop(rest.top() + gap);
    if (rest.height() > 6 * lineHeight(canvas))
        drawSample(canvas, rest);
}

bool PrototypesPanel::key(int key, Qt::KeyboardModifiers)
{
    if (m_means.empty())
        return false;
    switch (key) {
    case Qt::Key_Left:
    case Qt::Key_Up: selectPair(std::max(0, shownPair() - 1)); return true;
    case Qt::Key_Right:
    case Qt::Key_Down: selectPair(std::min(batch().pairs() - 1, shownPair() + 1)); return true;
    case Qt::Key_Escape: selection().clear(); return true;
    default: return false;
    }
}

QString PrototypesPanel::description() const
{
    if (m_means.empty())
        return waiting();
    QStringList parts;
    for (int view = 0; view < std::min(2, sharedViews()); ++view) {
        QStringList shown;
        const int row = batch().rowOf(shownPair(), view);
        for (const int64_t k : largest(row))
            shown << tr("no. %1: %2").arg(k).arg(percentText(shares().at(row, k)));
        parts << tr("View %1's largest shares: %2.").arg(view + 1).arg(shown.join(QStringLiteral(", ")));
    }
    return tr("%1 %2: %3").arg(summary(), batch().sampleName(shownPair()), parts.join(u' '));
}

QString PrototypesPanel::csv() const
{
    if (m_means.empty())
        return {};
    QString text = QStringLiteral("rank,mean share\n");
    for (size_t i = 0; i < m_means.size(); ++i)
        text += QStringLiteral("%1,%2\n").arg(i + 1).arg(m_means[i], 0, 'g', 7);
    return text;
}

Panel *makePrototypesPanel(const PanelContext &context)
{
    return new PrototypesPanel(context);
}

} // namespace pretext
