// Similarity: every view of the batch against every other as a heat map: the cosine, the softmax at the current temperature, or the share of
// the gradient that each negative gets. Rows stand in batch order (all first views, then all second ones) or by label.
#include "widgets/panels/similaritypanel.h"

#include "core/ssl/share.h"
#include "widgets/plots/textlayout.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>

#include <algorithm>
#include <numeric>

namespace pretext {

namespace {

std::optional<float> temperatureOf(const Snapshot &snapshot)
{
    const auto it = snapshot.knobs.find("temperature");
    const double *value = it == snapshot.knobs.end() ? nullptr : std::get_if<double>(&it->second);
    return value && *value > 0 ? std::optional<float>(float(*value)) : std::nullopt;
}

} // namespace

SimilarityPanel::SimilarityPanel(const PanelContext &context) : CanvasPanel(context, tr("Similarity heat map"))
{
    m_shownChoice = addChoice(tr("Sho&ws"), {tr("Cosine"), tr("Softmax at τ"), tr("Gradient share")},
                              tr("Cosine: how alike two views are to the encoder. Softmax: the same as probabilities at the current temperature τ. "
                                 "Gradient share: how much of a view's repulsion each negative causes."));
    m_orderChoice = addChoice(tr("Orde&r"), {tr("Batch"), tr("By label")},
                              tr("Batch: all first views, then all second views. By label: views of one class side by side. "
                                 "Labels only order the rows; the encoder never sees them."));
    toolbar().addStretch(1);
}

QComboBox *SimilarityPanel::addChoice(const QString &label, const QStringList &choices, const QString &help)
{
    auto *box = new QComboBox;
    box->addItems(choices);
    box->setToolTip(help);
    auto *name = new QLabel(label);
    name->setBuddy(box);
    toolbar().addWidget(name);
    toolbar().addWidget(box);
    connect(box, &QComboBox::currentIndexChanged, this, [this] { prepareAgain(); });
    return box;
}

/// What is shown of a batch, computed without the panel.
struct SimilarityPanel::Prepared
{
    std::vector<int> rows, places;
    std::optional<float> temperature;
    bool ready = false;
    HeatMap map;

    void order(const BatchView &batch, Order order);
    void fill(const BatchView &batch, Shown shown);
};

void SimilarityPanel::Prepared::order(const BatchView &batch, Order order)
{
    rows.resize(size_t(batch.rows()));
    std::iota(rows.begin(), rows.end(), 0);
    if (order == Order::label) // the views of a sample stand together
        std::stable_sort(rows.begin(), rows.end(), [&batch](int a, int b) {
            const int pairA = batch.pairOf(a), pairB = batch.pairOf(b);
            return std::pair(batch.label(pairA), pairA) < std::pair(batch.label(pairB), pairB);
        });
    places.resize(rows.size());
    for (size_t place = 0; place < rows.size(); ++place)
        places[rows[place]] = int(place);
}

void SimilarityPanel::Prepared::fill(const BatchView &batch, Shown shown)
{
    Matrix computed;
    const Matrix *matrix = batch.similarity();
    if (shown != Shown::cosine) {
        computed = shown == Shown::softmax ? softmaxRows(*matrix, *temperature, batch.contrast()) : gradientShare(*matrix, *temperature, batch.contrast());
        matrix = &computed;
    }
    const size_t side = rows.size();
    std::vector<float> values;
    values.reserve(side * side);
    std::vector<QRgb> bands;
    float largest = 0;
    for (const int row : rows) {
        if (const int label = batch.label(batch.pairOf(row)); label >= 0)
            bands.push_back(labelColour(label).rgba());
        for (const int column : rows) {
            values.push_back(matrix->at(row, column));
            largest = std::max(largest, values.back()); // false where it is NaN
        }
    }
    map.setScale(shown == Shown::cosine ? ColourScale{ColourMap::diverging, -1, 1} : ColourScale{ColourMap::sequential, 0, roundedUp(largest), true});
    map.setValues(int(side), int(side), std::move(values));
    map.setBands(bands);
}

std::function<CanvasPanel::Adopt()> SimilarityPanel::preparation(const BatchView &batch)
{
    return [this, batch, shown = Shown(m_shownChoice->currentIndex()), order = Order(m_orderChoice->currentIndex()), part = m_map.part()] {
        auto prepared = std::make_shared<Prepared>();
        prepared->temperature = batch.snapshot() ? temperatureOf(*batch.snapshot()) : std::nullopt;
        prepared->ready = batch.similarity() && (shown == Shown::cosine || prepared->temperature);
        if (prepared->ready) {
            prepared->order(batch, order);
            prepared->fill(batch, shown);
            prepared->map.makeImage(part);
        }
        return Adopt([this, prepared, shown, order] {
            m_shown = shown;
            m_order = order;
            m_ready = prepared->ready;
            m_temperature = prepared->temperature;
            if (!m_ready)
                return;
            m_rows.swap(prepared->rows);
            m_places.swap(prepared->places);
            m_map.takeContent(prepared->map);
        });
    };
}

std::optional<Cell> SimilarityPanel::valid(Cell cell) const
{
    const int rows = int(m_rows.size());
    if (!m_ready || cell.row < 0 || cell.row >= rows || cell.column >= rows)
        return {};
    return cell.column < 0 ? Cell{cell.row, batch().partnerOf(cell.row)} : cell;
}

std::optional<Cell> SimilarityPanel::currentCell() const
{
    if (const auto hovered = valid(selection().hovered()))
        return hovered;
    if (const auto selected = valid(selection().cell()))
        return selected;
    return valid({selection().pair(), -1});
}

void SimilarityPanel::click(QPointF position)
{
    if (!m_ready)
        return;
    if (const auto at = m_map.cellAt(position))
        selection().selectCell(toCell(at), batch().pairs());
}

void SimilarityPanel::drag(QPointF from, QPointF change)
{
    if (m_map.rect().contains(from))
        m_map.pan(change);
}

void SimilarityPanel::moveBy(int rows, int columns)
{
    const int last = int(m_rows.size()) - 1;
    HeatCell place = placeOf(currentCell().value_or(toCell(HeatCell{})));
    place.row = std::clamp(place.row + rows, 0, last);
    place.column = std::clamp(place.column + columns, 0, last);
    m_map.reveal(place);
    selection().hover(toCell(place));
}

bool SimilarityPanel::key(int key, Qt::KeyboardModifiers modifiers)
{
    if (!m_ready)
        return false;
    const int step = modifiers & Qt::ShiftModifier ? 10 : 1;
    const QPointF middle = m_map.rect().center();
    switch (key) {
    case Qt::Key_Left: moveBy(0, -step); return true;
    case Qt::Key_Right: moveBy(0, step); return true;
    case Qt::Key_Up: moveBy(-step, 0); return true;
    case Qt::Key_Down: moveBy(step, 0); return true;
    case Qt::Key_Plus: m_map.zoom(middle, 1.25); return true;
    case Qt::Key_Minus: m_map.zoom(middle, 0.8); return true;
    case Qt::Key_Home: m_map.resetView(); return true;
    case Qt::Key_Escape: selection().clear(); return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (const auto cell = currentCell())
            selection().selectCell(*cell, batch().pairs());
        return true;
    default: return false;
    }
}

Panel *makeSimilarityPanel(const PanelContext &context)
{
    return new SimilarityPanel(context);
}

} // namespace pretext
