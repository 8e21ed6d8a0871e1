#include "widgets/panels/mapchosen.h"

#include "core/data/modalitytype.h"
#include "widgets/plots/textlayout.h"

#include <QObject>

#include <algorithm>
#include <map>

namespace pretext {

namespace {

QString wordsOfSample(const Dataset &dataset, int64_t sample)
{
    return QString::fromStdString(modalityType(dataset.info().modality).words(dataset, Split::test, sample)).simplified();
}

/// Quoted where it has to be; in tables by tabs those become spaces.
QString cell(QString text, QChar separator)
{
    if (separator == u'\t')
        return text.replace(u'\t', u' ').replace(u'\n', u' ');
    if (!text.contains(u',') && !text.contains(u'"') && !text.contains(u'\n'))
        return text;
    return u'"' + text.replace(u'"', QStringLiteral("\"\"")) + u'"';
}

QString labelCell(const Dataset &dataset, int64_t sample, int column)
{
    const float value = dataset.label(Split::test, sample, column);
    return dataset.info().columns[size_t(column)].classes.empty() ? QString::number(double(value), 'g', 7) : labelText(dataset, sample, column);
}

} // namespace

void MapChosen::set(std::vector<int64_t> samples, QString how)
{
    m_samples = std::move(samples);
    m_how = std::move(how);
    m_grid = {};
}

bool MapChosen::contains(int64_t sample) const
{
    return std::binary_search(m_samples.begin(), m_samples.end(), sample);
}

QString MapChosen::summary(const Dataset &dataset) const
{
    constexpr size_t kNamed = 4;
    const QString many = m_samples.size() == 1 ? QObject::tr("%1: 1 sample").arg(m_how) : QObject::tr("%1: %2 samples").arg(m_how).arg(m_samples.size());
    if (!hasClasses(dataset.info()) || m_samples.empty())
        return many;
    std::map<QString, int> times;
    for (const int64_t sample : m_samples)
        ++times[labelText(dataset, sample)];
    std::vector<std::pair<int, QString>> order;
    for (const auto &[name, count] : times)
        order.emplace_back(count, name);
    std::stable_sort(order.begin(), order.end(), [](const auto &a, const auto &b) { return a.first > b.first; });
    QStringList named;
    for (size_t i = 0; i < std::min(kNamed, order.size()); ++i)
        named << QStringLiteral("%1 %2").arg(order[i].first).arg(order[i].second);
    if (order.size() > kNamed) {
        int others = 0;
        for (size_t i = kNamed; i < order.size(); ++i)
            others += order[i].first;
        named << QObject::tr("and %1 of %2 other classes").arg(others).arg(order.size() - kNamed);
    }
    return many + QStringLiteral("; ") + named.join(QStringLiteral(", "));
}

void MapChosen::draw(Canvas &canvas, QRectF area, HeldOutSamples &samples, const std::function<QColor(int64_t)> &colourOf)
{
    const Theme &theme = canvas.theme();
    canvas.clip(area);
    if (samples.dataset())
        area.setTop(area.top() + drawWrapped(canvas, area, summary(*samples.dataset()), theme.text, kSmall) + theme.spacing / 2);
    const qreal line = lineHeight(canvas, kSmall), gap = theme.spacing;
    const qreal side = samples.inPictures()
                           ? sharpSide(std::clamp(area.width() / 6, 2 * theme.fontSize, 4 * theme.fontSize), samples.imageSize(), canvas.devicePixelRatio())
                           : 0;
    samples.inPictures() ? m_grid.place(area, int(m_samples.size()), side + gap, side + gap)
                         : m_grid.place(area, int(m_samples.size()), area.width(), 2 * line + gap / 2);
    for (int i = m_grid.firstVisible(); i < m_grid.endVisible(); ++i) {
        const int64_t sample = m_samples[size_t(i)];
        const HeldOutSample &shown = samples.at(sample);
        const QRectF tile = m_grid.tile(i);
        if (samples.inPictures()) {
            const QRectF place(tile.left() + 2, tile.top() + 2, side, side);
            if (!shown.image.image.isNull())
                drawSharp(canvas, place, shown.image);
            canvas.rectangle(place.adjusted(-2, -2, 2, 2), colourOf(sample), 2);
        } else {
            canvas.fill(QRectF(tile.left(), tile.top() + 2, 4, 2 * line - 4), colourOf(sample));
            const QString words = shown.label.isEmpty() ? shown.text : shown.label + QStringLiteral(": ") + shown.text;
            drawWrapped(canvas, QRectF(tile.left() + 8, tile.top(), tile.width() - 8, 2 * line), words, theme.mutedText, kSmall);
        }
    }
    m_grid.drawScrollBar(canvas);
    canvas.unclip();
}

int64_t MapChosen::at(QPointF position) const
{
    const int tile = m_grid.area().contains(position) ? m_grid.tileAt(position) : -1;
    return tile < 0 || tile >= int(m_samples.size()) ? -1 : m_samples[size_t(tile)];
}

QString mapTable(const Dataset &dataset, const EmbeddingMap &map, const std::vector<int64_t> &samples, QChar separator)
{
    const std::vector<LabelColumn> &columns = dataset.info().columns;
    QStringList heading{QStringLiteral("index")};
    for (const LabelColumn &column : columns)
        heading << cell(QString::fromStdString(column.name), separator);
    heading << QString::fromStdString(modalityType(dataset.info().modality).wordsAre) << QStringLiteral("x") << QStringLiteral("y");
    if (map.kind.dimensions > 2)
        heading << QStringLiteral("z");
    QString text = heading.join(separator) + u'\n';
    for (const int64_t sample : samples) {
        QStringList cells{QString::number(sample)};
        for (int c = 0; c < int(columns.size()); ++c)
            cells << cell(labelCell(dataset, sample, c), separator);
        cells << cell(wordsOfSample(dataset, sample), separator);
        const int64_t row = map.rowOf(sample);
        for (int axis = 0; axis < map.kind.dimensions; ++axis)
            cells << (row < 0 ? QString() : QString::number(double(map.points.at(row, axis)), 'g', 7));
        text += cells.join(separator) + u'\n';
    }
    return text;
}

std::vector<int64_t> samplesWith(const QString &words, const Dataset &dataset, const EmbeddingMap &map)
{
    std::vector<int64_t> found;
    for (int64_t row = 0; row < map.samples(); ++row) {
        const int64_t sample = map.sample(row);
        bool holds = wordsOfSample(dataset, sample).contains(words, Qt::CaseInsensitive);
        for (int c = 0; c < int(dataset.info().columns.size()) && !holds; ++c)
            holds = !dataset.info().columns[size_t(c)].classes.empty() && labelText(dataset, sample, c).contains(words, Qt::CaseInsensitive);
        if (holds)
            found.push_back(sample);
    }
    return found;
}

} // namespace pretext
