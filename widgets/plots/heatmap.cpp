#include "widgets/plots/heatmap.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

namespace pretext {

namespace {

constexpr qreal kLabelBand = 5, kBandGap = 2, kFewestCells = 4, kHatch = 6;

/// The value of a texel's cells that lies farthest from the mean; NaN where all of them are.
struct Extreme
{
    float value = std::numeric_limits<float>::quiet_NaN();
    double distance = -1;
};

/// One row of cells, `level` of them a texel.
void takeExtremes(const float *values, int count, int level, double mean, Extreme *best)
{
    for (int first = 0; first < count; first += level, ++best)
        for (int i = first; i < std::min(first + level, count); ++i)
            if (const double distance = std::abs(values[i] - mean); distance > best->distance) // false where it is NaN
                *best = {values[i], distance};
}

double meanOf(const std::vector<float> &values)
{
    double sum = 0;
    size_t count = 0;
    for (float value : values)
        if (std::isfinite(value)) {
            sum += value;
            ++count;
        }
    return count ? sum / double(count) : 0;
}

} // namespace

void HeatMap::setValues(int rows, int columns, std::vector<float> values)
{
    if (rows < 0 || columns < 0 || values.size() != size_t(rows) * columns)
        throw std::invalid_argument("[heat map] " + std::to_string(rows) + " x " + std::to_string(columns) + " cells but " + std::to_string(values.size())
                                    + " values");
    const bool resized = rows != m_rows || columns != m_columns;
    m_rows = rows;
    m_columns = columns;
    m_values = std::move(values);
    m_mean = meanOf(m_values);
    m_blanks = std::any_of(m_values.begin(), m_values.end(), [](float v) { return std::isnan(v); });
    m_part = {};
    if (resized)
        resetView();
}

void HeatMap::takeContent(HeatMap &other)
{
    const bool resized = other.m_rows != m_rows || other.m_columns != m_columns;
    for (const auto &[mine, theirs] : {std::pair(&m_image, &other.m_image), {&m_rowBand, &other.m_rowBand}, {&m_columnBand, &other.m_columnBand}}) {
        mine->image.swap(theirs->image);
        ++mine->version;
    }
    m_values.swap(other.m_values);
    std::swap(m_rows, other.m_rows);
    std::swap(m_columns, other.m_columns);
    std::swap(m_scale, other.m_scale);
    std::swap(m_part, other.m_part);
    std::swap(m_mean, other.m_mean);
    std::swap(m_blanks, other.m_blanks);
    if (resized)
        resetView();
}

void HeatMap::setScale(const ColourScale &scale)
{
    if (scale == m_scale)
        return;
    m_scale = scale;
    m_part = {};
}

void HeatMap::setBands(const std::vector<QRgb> &colours)
{
    QImage column(int(colours.size()), 1, QImage::Format_ARGB32), row(1, int(colours.size()), QImage::Format_ARGB32);
    for (int i = 0; i < int(colours.size()); ++i) {
        column.setPixel(i, 0, colours[i]);
        row.setPixel(0, i, colours[i]);
    }
    if (column == m_columnBand.image)
        return;
    m_columnBand.image = column;
    m_rowBand.image = row;
    ++m_columnBand.version;
    ++m_rowBand.version;
}

void HeatMap::place(const QRectF &area, qreal devicePixelRatio)
{
    m_ratio = devicePixelRatio;
    m_bandWidth = m_columnBand.image.isNull() ? 0 : kLabelBand + kBandGap;
    const qreal width = area.width() - m_bandWidth, height = area.height() - m_bandWidth;
    if (!(width > 0 && height > 0) || m_rows == 0 || m_columns == 0) {
        m_rect = {};
        return;
    }
    const qreal cell = std::min(width / m_columns, height / m_rows);
    const auto whole = [this](qreal x) { return std::round(x * m_ratio) / m_ratio; };
    m_rect =
        QRectF(whole(area.left() + m_bandWidth), whole(area.top() + m_bandWidth), std::max(1., whole(cell * m_columns)), std::max(1., whole(cell * m_rows)));
}

int HeatMap::cellsPerPixel() const
{
    const qreal pixels = m_rect.width() * m_ratio / std::max(1., m_view.width());
    int level = 1;
    while (pixels > 0 && level * pixels < 0.999)
        level *= 2;
    return level;
}

HeatMap::Part HeatMap::partInView() const
{
    const int level = cellsPerPixel();
    return {level, QRectF(m_view.topLeft() / level, m_view.size() / level).toAlignedRect()};
}

/// `count` texels of a row, from the `first` on.
void HeatMap::colourTexels(int row, int first, int count, int level, QRgb *colours) const
{
    const int begin = first * level, end = std::min((first + count) * level, m_columns);
    const auto cells = [&](int cellRow) { return m_values.data() + size_t(cellRow) * m_columns + begin; };
    if (level == 1)
        return m_scale.colours(cells(row), count, colours);
    std::vector<Extreme> best(static_cast<size_t>(count));
    for (int cellRow = row * level; cellRow < std::min((row + 1) * level, m_rows); ++cellRow)
        takeExtremes(cells(cellRow), end - begin, level, m_mean, best.data());
    std::vector<float> values;
    for (const Extreme &extreme : best)
        values.push_back(extreme.value);
    m_scale.colours(values.data(), count, colours);
}

/// Of the cells in view alone: a matrix of millions would take the window's thread too long each time that the level changes.
void HeatMap::makeImage(const Part &part)
{
    const int level = part.level;
    if (level < 1)
        return;
    const QRect texels = part.texels & QRect(0, 0, (m_columns + level - 1) / level, (m_rows + level - 1) / level);
    if (level == m_part.level && m_part.texels.contains(texels))
        return;
    QImage image(texels.size(), QImage::Format_ARGB32);
    for (int y = 0; y < texels.height(); ++y)
        colourTexels(texels.top() + y, texels.left(), texels.width(), level, reinterpret_cast<QRgb *>(image.scanLine(y)));
    m_part = {level, texels};
    m_image.image = image;
    ++m_image.version;
}

void HeatMap::drawHatching(Canvas &canvas) const
{
    for (qreal x = m_rect.left() - m_rect.height(); x < m_rect.right(); x += kHatch)
        canvas.line(QPointF(x, m_rect.bottom()), QPointF(x + m_rect.height(), m_rect.top()), canvas.theme().grid);
}

void HeatMap::drawBands(Canvas &canvas)
{
    if (m_bandWidth <= 0)
        return;
    canvas.image(QRectF(m_rect.left(), m_rect.top() - m_bandWidth, m_rect.width(), kLabelBand), m_columnBand, QRectF(m_view.left(), 0, m_view.width(), 1));
    canvas.image(QRectF(m_rect.left() - m_bandWidth, m_rect.top(), kLabelBand, m_rect.height()), m_rowBand, QRectF(0, m_view.top(), 1, m_view.height()));
}

void HeatMap::draw(Canvas &canvas)
{
    if (m_rect.isEmpty())
        return;
    makeImage(partInView());
    canvas.clip(m_rect);
    if (m_blanks)
        drawHatching(canvas);
    // The last texel may reach beyond the matrix, where its side is no multiple of the level; the clip cuts it.
    const int level = m_part.level;
    const QRectF texels = QRectF(m_view.topLeft() / level, m_view.size() / level) & QRectF(m_part.texels);
    const QSizeF texel(m_rect.width() / m_view.width() * level, m_rect.height() / m_view.height() * level);
    const QPointF origin = cellRect({0, 0}).topLeft();
    canvas.image(QRectF(origin.x() + texels.left() * texel.width(), origin.y() + texels.top() * texel.height(), texels.width() * texel.width(),
                        texels.height() * texel.height()),
                 m_image, texels.translated(-m_part.texels.topLeft()));
    canvas.unclip();
    drawBands(canvas);
}

QRectF HeatMap::cellRect(HeatCell cell) const
{
    const qreal width = m_rect.width() / m_view.width(), height = m_rect.height() / m_view.height();
    return QRectF(m_rect.left() + (cell.column - m_view.left()) * width, m_rect.top() + (cell.row - m_view.top()) * height, width, height);
}

std::optional<HeatCell> HeatMap::cellAt(QPointF position) const
{
    if (m_rect.isEmpty() || !m_rect.contains(position))
        return {};
    const int row = int(m_view.top() + (position.y() - m_rect.top()) * m_view.height() / m_rect.height());
    const int column = int(m_view.left() + (position.x() - m_rect.left()) * m_view.width() / m_rect.width());
    return HeatCell{std::clamp(row, 0, m_rows - 1), std::clamp(column, 0, m_columns - 1)};
}

void HeatMap::zoom(QPointF at, qreal factor)
{
    if (m_rect.isEmpty() || !(factor > 0))
        return;
    const qreal fewest = std::min<qreal>(kFewestCells, m_columns);
    const qreal width = std::clamp(m_view.width() / factor, fewest, qreal(m_columns));
    const qreal change = width / m_view.width();
    const QPointF fixed(m_view.left() + (at.x() - m_rect.left()) / m_rect.width() * m_view.width(),
                        m_view.top() + (at.y() - m_rect.top()) / m_rect.height() * m_view.height());
    m_view = QRectF(fixed + (m_view.topLeft() - fixed) * change, m_view.size() * change);
    clampView();
}

void HeatMap::pan(QPointF change)
{
    if (m_rect.isEmpty())
        return;
    m_view.translate(-change.x() * m_view.width() / m_rect.width(), -change.y() * m_view.height() / m_rect.height());
    clampView();
}

void HeatMap::setView(const QRectF &view)
{
    m_view = view;
    clampView();
}

void HeatMap::resetView()
{
    m_view = QRectF(0, 0, std::max(1, m_columns), std::max(1, m_rows));
}

void HeatMap::reveal(HeatCell cell)
{
    m_view.moveLeft(std::clamp(m_view.left(), cell.column + 1 - m_view.width(), qreal(cell.column)));
    m_view.moveTop(std::clamp(m_view.top(), cell.row + 1 - m_view.height(), qreal(cell.row)));
    clampView();
}

void HeatMap::clampView()
{
    m_view.moveLeft(std::clamp(m_view.left(), 0., std::max(0., m_columns - m_view.width())));
    m_view.moveTop(std::clamp(m_view.top(), 0., std::max(0., m_rows - m_view.height())));
}

} // namespace pretext
