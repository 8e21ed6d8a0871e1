#include "widgets/panels/confusionview.h"

#include "core/analysis/judge.h"
#include "core/analysis/spread.h"
#include "widgets/plots/textlayout.h"

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

constexpr qreal kTileFonts = 3.4, kNameShare = 0.28,
                kTiny = 0.65; // a sample's side in font sizes; of the matrix, for the classes' names; text where small does not fit

QString confusionNumber(int64_t count)
{
    return QString::number(count);
}

} // namespace

void ConfusionView::show(const EvaluationRow &row, GuessedBy by, std::shared_ptr<const Dataset> dataset)
{
    m_samples.setDataset(std::move(dataset));
    m_classes.clear();
    for (const ClassScore &score : row.classes)
        m_classes.push_back(QString::fromStdString(score.name));
    m_truth = row.guesses.truth;
    m_guessed = by == GuessedBy::knn ? row.guesses.knn : row.guesses.probe;
    m_counts = confusion(m_truth, m_guessed, m_classes.size());
    const QString features = QString::fromStdString(row.features), column = QString::fromStdString(row.column);
    m_title =
        by == GuessedBy::knn
            ? tr("Held-out samples by their %1 (rows), and what their nearest neighbours by the features of %2 take them for (columns)").arg(column, features)
            : tr("Held-out samples by their %1 (rows), and what a linear probe on the features of %2 takes them for (columns)").arg(column, features);
    std::vector<float> shares;
    for (int truth = 0; truth < classes(); ++truth)
        for (int guess = 0; guess < classes(); ++guess)
            shares.push_back(ofClass(truth) > 0 ? float(count({truth, guess})) / float(ofClass(truth)) : std::nanf(""));
    m_map.setValues(classes(), classes(), std::move(shares));
    m_map.setScale({ColourMap::sequential, 0, 1, true});
    if (m_cell.row < 0 || m_cell.row >= classes() || m_cell.column >= classes()) { // what is mistaken most often is looked at first
        m_cell = {0, 0};
        int64_t most = -1;
        for (int truth = 0; truth < classes(); ++truth)
            for (int guess = 0; guess < classes(); ++guess)
                if (truth != guess && count({truth, guess}) > most) {
                    most = count({truth, guess});
                    m_cell = {truth, guess};
                }
    }
    choose(m_cell);
}

int64_t ConfusionView::ofClass(int row) const
{
    int64_t sum = 0;
    for (const int64_t number : m_counts[size_t(row)])
        sum += number;
    return sum;
}

QString ConfusionView::words(HeatCell cell) const
{
    const QString truth = m_classes[size_t(cell.row)], guess = m_classes[size_t(cell.column)];
    const int64_t of = ofClass(cell.row);
    const QString share = of > 0 ? percentText(double(count(cell)) / double(of)) : QStringLiteral("–");
    return cell.row == cell.column ? tr("%1: %2 of %3 (%4) are told rightly").arg(truth).arg(count(cell)).arg(of).arg(share)
                                   : tr("%1: %2 of %3 (%4) are taken for %5").arg(truth).arg(count(cell)).arg(of).arg(share, guess);
}

void ConfusionView::choose(HeatCell cell)
{
    m_cell = cell;
    m_chosen.clear();
    const int64_t judged = int64_t(m_truth.size()), whole = m_samples.dataset() ? m_samples.dataset()->size(Split::test) : judged;
    for (int64_t i = 0; i < judged; ++i)
        if (m_truth[size_t(i)] == cell.row && m_guessed[size_t(i)] == cell.column)
            m_chosen.push_back(spreadIndex(i, judged, whole));
    m_grid = {};
}

void ConfusionView::draw(Canvas &canvas, const QRectF &area, int64_t selected)
{
    const qreal gap = canvas.theme().spacing, line = lineHeight(canvas);
    QRectF rest = area;
    canvas.text({rest.left(), rest.top() + line / 2}, elided(canvas, m_title, rest.width()), canvas.theme().text);
    rest.setTop(rest.top() + line + gap);
    QRectF matrix = rest, samples = rest;
    if (rest.width() > 1.2 * rest.height()) {
        matrix.setWidth(std::min(1.15 * rest.height(), 0.62 * rest.width()));
        samples.setLeft(matrix.right() + 2 * gap);
    } else {
        matrix.setHeight(std::min(0.85 * rest.width(), 0.62 * rest.height()));
        samples.setTop(matrix.bottom() + gap);
    }
    drawMatrix(canvas, matrix);
    drawSamples(canvas, samples, selected);
}

void ConfusionView::drawMatrix(Canvas &canvas, QRectF area)
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas, kSmall), gap = theme.spacing;
    qreal widest = 0;
    for (const QString &name : m_classes)
        widest = std::max(widest, canvas.textWidth(name, kSmall));
    const qreal names = std::min(widest + gap, kNameShare * area.width());
    canvas.text({area.left() + names, area.top() + line / 2}, elided(canvas, tr("taken for …"), area.width() - names, kSmall), theme.mutedText, Align::left,
                kSmall);
    area.setTop(area.top() + 2 * line);
    area.setLeft(area.left() + names);
    m_map.place(area, canvas.devicePixelRatio());
    const bool fit = widest <= m_map.cellRect({0, 0}).width() - 4;
    const qreal heads = fit ? 0 : std::min(widest + gap, kNameShare * area.height()); // upright then, from the bottom to the top
    if (!fit) {
        area.setTop(area.top() - line + heads);
        m_map.place(area, canvas.devicePixelRatio());
    }
    m_map.draw(canvas);
    m_matrix = m_map.rect();
    drawNames(canvas, names, heads);
    const qreal room = m_map.cellRect({0, 0}).width() - 2;
    for (int row = 0; row < classes(); ++row)
        for (int column = 0; column < classes(); ++column) {
            const HeatCell cell{row, column};
            const QString text = confusionNumber(count(cell));
            const qreal size = canvas.textWidth(text, kSmall) > room ? kTiny : kSmall;
            if (count(cell) == 0 || m_map.cellRect(cell).height() < size * line || canvas.textWidth(text, size) > room)
                continue;
            const QColor under = QColor::fromRgb(m_map.scale().colour(double(m_map.value(cell))));
            canvas.text(m_map.cellRect(cell).center(), text, qGray(under.rgb()) > 128 ? Qt::black : Qt::white, Align::centre, size);
        }
    canvas.rectangle(m_map.cellRect(m_cell), theme.accent, 3);
}

/// heads: the height of the columns' names where they stand upright; 0: they lie.
void ConfusionView::drawNames(Canvas &canvas, qreal names, qreal heads) const
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas, kSmall), gap = theme.spacing, side = m_map.cellRect({0, 0}).width();
    const int every = std::max(1, int(std::ceil(line / std::max(1., side)))); // of many classes some are named
    for (int i = 0; i < classes(); ++i) {
        const QRectF row = m_map.cellRect({i, 0}), column = m_map.cellRect({0, i});
        const bool chosen = i == m_cell.row || i == m_cell.column;
        if (i % every != 0 && !chosen)
            continue;
        if (i % every == 0 || i == m_cell.row)
            canvas.text({row.left() - gap / 2, row.center().y()}, elided(canvas, m_classes[size_t(i)], names - gap / 2, kSmall),
                        i == m_cell.row ? theme.text : theme.mutedText, Align::right, kSmall);
        if (i % every != 0 && i != m_cell.column)
            continue;
        const QColor colour = i == m_cell.column ? theme.text : theme.mutedText;
        if (heads > 0)
            canvas.textUp({column.center().x(), column.top() - gap / 2}, elided(canvas, m_classes[size_t(i)], heads - gap / 2, kSmall), colour, kSmall);
        else
            canvas.text({column.center().x(), column.top() - line / 2}, elided(canvas, m_classes[size_t(i)], side - 2, kSmall), colour, Align::centre, kSmall);
    }
}

void ConfusionView::drawSamples(Canvas &canvas, QRectF area, int64_t selected)
{
    const Theme &theme = canvas.theme();
    area.setTop(area.top() + drawWrapped(canvas, area, words(m_cell) + u'.', theme.text) + theme.spacing);
    if (m_chosen.empty() || area.height() < lineHeight(canvas))
        return;
    const bool pictures = m_samples.inPictures();
    const qreal side = pictures ? sharpSide(kTileFonts * theme.fontSize, m_samples.imageSize(), canvas.devicePixelRatio()) : 0;
    m_grid.place(area, int(m_chosen.size()), pictures ? side + theme.spacing : area.width() - theme.spacing,
                 pictures ? side + theme.spacing : 1.3 * lineHeight(canvas));
    canvas.clip(area);
    for (int tile = m_grid.firstVisible(); tile < m_grid.endVisible(); ++tile)
        drawSample(canvas, m_grid.tile(tile), m_chosen[size_t(tile)], m_chosen[size_t(tile)] == selected);
    m_grid.drawScrollBar(canvas);
    canvas.unclip();
}

void ConfusionView::drawSample(Canvas &canvas, const QRectF &box, int64_t sample, bool selected)
{
    const Theme &theme = canvas.theme();
    const HeldOutSample &shown = m_samples.at(sample);
    if (m_samples.inPictures()) {
        const QRectF inside = box.adjusted(2, 2, -2, -2);
        if (!shown.image.image.isNull())
            drawSharp(canvas, inside, shown.image);
        else
            canvas.rectangle(inside, theme.grid);
    } else {
        canvas.text({box.left() + 2, box.center().y()}, elided(canvas, shown.text, box.width() - 4), theme.text);
    }
    if (selected)
        canvas.rectangle(box, theme.accent, 2);
}

int64_t ConfusionView::click(QPointF position)
{
    if (m_matrix.contains(position)) {
        if (const std::optional<HeatCell> cell = m_map.cellAt(position))
            choose(*cell);
        return -1;
    }
    const int tile = m_grid.area().contains(position) ? m_grid.tileAt(position) : -1;
    return tile >= 0 && size_t(tile) < m_chosen.size() ? m_chosen[size_t(tile)] : -1;
}

void ConfusionView::scroll(QPointF position, qreal pixels)
{
    if (!m_matrix.contains(position))
        m_grid.scroll(pixels);
}

bool ConfusionView::key(int key)
{
    HeatCell cell = m_cell;
    switch (key) {
    case Qt::Key_Up: --cell.row; break;
    case Qt::Key_Down: ++cell.row; break;
    case Qt::Key_Left: --cell.column; break;
    case Qt::Key_Right: ++cell.column; break;
    case Qt::Key_PageUp: m_grid.scroll(-m_grid.area().height()); return true;
    case Qt::Key_PageDown: m_grid.scroll(m_grid.area().height()); return true;
    default: return false;
    }
    choose({std::clamp(cell.row, 0, classes() - 1), std::clamp(cell.column, 0, classes() - 1)});
    return true;
}

QString ConfusionView::description() const
{
    return tr("%1. %2.").arg(m_title, words(m_cell));
}

QString ConfusionView::csv() const
{
    const auto quoted = [](QString text) { return u'"' + text.replace(u'"', QStringLiteral("\"\"")) + u'"'; };
    QString text = QStringLiteral("class");
    for (const QString &name : m_classes)
        text += u',' + quoted(name);
    text += u'\n';
    for (int row = 0; row < classes(); ++row) {
        text += quoted(m_classes[size_t(row)]);
        for (int column = 0; column < classes(); ++column)
            text += u',' + QString::number(count({row, column}));
        text += u'\n';
    }
    return text;
}

} // namespace pretext
