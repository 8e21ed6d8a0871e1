// Similarity: every view of the batch against every other as a heat map: the cosine, or what the method's loss makes of it, the softmax at the
// current temperature and the share of the gradient that each negative gets. Rows stand in batch order (all first views, then all second ones) or
// by label. Of methods that have them, the covariance of the embedding's dimensions, and their correlation between the two views.
#include "widgets/panels/similaritypanel.h"

#include "widgets/plots/textlayout.h"
#include "widgets/workbench.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QStandardItemModel>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pretext {

namespace {

/// As far as all but a hundredth of the values are from 0: of a difference a few outliers would leave the rest without colour.
float almostAll(const std::vector<float> &values)
{
    std::vector<float> sizes;
    for (const float value : values)
        if (std::isfinite(value))
            sizes.push_back(std::abs(value));
    if (sizes.empty())
        return 0;
    const auto last = sizes.begin() + std::ptrdiff_t(double(sizes.size() - 1) * 0.99);
    std::nth_element(sizes.begin(), last, sizes.end());
    return *last;
}

} // namespace

const std::vector<SimilarityPanel::Mode> &SimilarityPanel::modes()
{
    static const std::vector<Mode> modes = {
        {.channel = "similarity",
         .choice = tr("Cosine"),
         .name = tr("cosine"),
         .scale = {ColourMap::diverging, -1, 1},
         .help = tr("Cosine: how alike two views are to the encoder.")},
        {.channel = "similarity/softmax",
         .choice = tr("Softmax at τ"),
         .name = tr("softmax"),
         .scale = {ColourMap::sequential, 0, 0, true},
         .help = tr("Softmax: the same as probabilities at the current temperature τ."),
         .tempered = true},
        {.channel = "similarity/gradient",
         .choice = tr("Gradient share"),
         .name = tr("gradient share"),
         .scale = {ColourMap::sequential, 0, 0, true},
         .help = tr("Gradient share: how much of a view's repulsion each negative causes."),
         .tempered = true},
        {.channel = "covariance",
         .choice = tr("Covariance"),
         .name = tr("covariance"),
         .scale = {ColourMap::diverging, 0, 0},
         .help = tr("Covariance: how far two dimensions of the projections say the same, of methods that watch it."),
         .ofViews = false,
         .about = tr("Row i, column j: how dimensions i and j of the projections vary together over the first views of the batch. On the diagonal, the "
                     "variance of each; beside it, 0 where the two say different things."),
         .diagonal = tr("The variance of one dimension over the batch: at 0 it says nothing."),
         .beside = tr("The covariance of two dimensions over the batch: the farther from 0, the more they say the same.")},
        {.channel = "cross-correlation",
         .choice = tr("Cross-correlation"),
         .name = tr("cross-correlation"),
         .scale = {ColourMap::diverging, -1, 1},
         .help = tr("Cross-correlation: how far a dimension of the first views goes with one of the second views, of methods that watch it."),
         .ofViews = false,
         .about = tr("Row i, column j: how dimension i of the first views' projections goes with dimension j of the second views' over the batch. On the "
                     "diagonal, 1 where the two views agree; beside it, 0 where two dimensions say different things."),
         .diagonal = tr("One dimension in both views of each sample: at 1 the two views agree in it."),
         .beside = tr("Two dimensions, one of the first views and one of the second: the farther from 0, the more they say the same.")},
        {.channel = "similarity/teacher",
         .choice = tr("Student and teacher"),
         .name = tr("cosine of student and teacher"),
         .scale = {ColourMap::diverging, -1, 1},
         .help = tr("Student and teacher: how alike what the student makes of one view is to what its teacher makes of another, of methods with a teacher."),
         .about = tr("Row i, column j: how alike what the student makes of view i is to what its teacher makes of view j. The student learns to make of a "
                     "view what the teacher makes of the sample's other one, on the bracketed diagonals; blank where a view is not shown to one of the two."),
         .diagonal = tr("Student and teacher on one view: how far the student is ahead of its teacher."),
         .beside = tr("Student and teacher on views of two samples."),
         .pair = tr("Student and teacher on two views of one sample: what the student is to make alike.")},
    };
    return modes;
}

SimilarityPanel::SimilarityPanel(const PanelContext &context) : CanvasPanel(context, tr("Similarity heat map"))
{
    QStringList choices, helps;
    for (const Mode &mode : modes()) {
        choices << mode.choice;
        helps << mode.help;
    }
    m_shownChoice = addChoice(tr("Sho&ws"), choices, helps.join(u' '));
    m_orderChoice = addChoice(tr("Or&der"), {tr("Batch"), tr("By label")},
                              tr("Batch: all first views, then all second views. By label: views of one class side by side. "
                                 "Labels only order the rows; the encoder never sees them."));
    toolbar().addStretch(1);
    connect(m_shownChoice, &QComboBox::currentIndexChanged, this, [this] { wantedChannelsChanged(); });
}

std::set<std::string> SimilarityPanel::wantedChannels() const
{
    const Mode &asked = modes()[m_shownChoice->currentIndex()];
    if (!asked.ofViews)
        return {asked.channel};
    return {asked.channel, "similarity/gradient", "similarity/softmax", "views/pixels", "views/drawings", "tokens/rows"};
}

void SimilarityPanel::refresh()
{
    offer();
    CanvasPanel::refresh();
}

/// What the method makes none of cannot be chosen, and says so.
void SimilarityPanel::offer()
{
    const SnapshotPtr snapshot = shownSnapshot();
    auto *items = qobject_cast<QStandardItemModel *>(m_shownChoice->model());
    if (!snapshot || !snapshot->offered.contains("similarity"))
        return;
    for (int i = 0; i < items->rowCount(); ++i) {
        const Mode &mode = modes()[size_t(i)];
        const bool made = snapshot->offered.contains(mode.channel);
        items->item(i)->setEnabled(made);
        items->item(i)->setToolTip(made ? mode.help : noneOf(mode));
    }
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
    size_t mode = 0;
    Order order = Order::batch;
    std::vector<int> rows, places;
    Matrix shares, softmax, left, right, difference;
    bool ready = false, differs = false;
    HeatMap map;

    const Matrix *matrixOf(const BatchView &batch) const;
    void subtract(const BatchView &left, const BatchView &right);
    void arrange(const BatchView &batch, int side);
    void fill(const BatchView &batch, const Matrix &matrix);
};

const Matrix *SimilarityPanel::Prepared::matrixOf(const BatchView &batch) const
{
    const Mode &shown = modes()[mode];
    if (shown.ofViews)
        return batch.ofPairs(shown.channel.c_str());
    const Matrix *matrix = batch.snapshot() ? batch.snapshot()->channel<Matrix>(shown.channel) : nullptr;
    return matrix && matrix->rows == matrix->columns && matrix->rows > 0 ? matrix : nullptr;
}

/// Of one step and one batch, so that cells are of the same views.
void SimilarityPanel::Prepared::subtract(const BatchView &ofLeft, const BatchView &ofRight)
{
    const Matrix *a = matrixOf(ofLeft), *b = matrixOf(ofRight);
    differs = a && b && a->rows == b->rows && a->columns == b->columns;
    if (!differs)
        return;
    left = *a;
    right = difference = *b;
    for (size_t i = 0; i < difference.values.size(); ++i)
        difference.values[i] -= left.values[i];
}

void SimilarityPanel::Prepared::arrange(const BatchView &batch, int side)
{
    rows.resize(size_t(side));
    std::iota(rows.begin(), rows.end(), 0);
    if (modes()[mode].ofViews && order == Order::label) // the views of a sample stand together
        std::stable_sort(rows.begin(), rows.end(), [&batch](int a, int b) {
            const int pairA = batch.pairOf(a), pairB = batch.pairOf(b);
            return std::pair(batch.label(pairA), pairA) < std::pair(batch.label(pairB), pairB);
        });
    places.resize(rows.size());
    for (size_t place = 0; place < rows.size(); ++place)
        places[rows[place]] = int(place);
}

void SimilarityPanel::Prepared::fill(const BatchView &batch, const Matrix &matrix)
{
    const Mode &shown = modes()[mode];
    const size_t side = rows.size();
    std::vector<float> values;
    values.reserve(side * side);
    std::vector<QRgb> bands;
    float largest = 0;
    for (const int row : rows) {
        if (const int label = shown.ofViews ? batch.label(batch.pairOf(row)) : -1; label >= 0)
            bands.push_back(labelColour(label).rgba());
        for (const int column : rows) {
            values.push_back(matrix.at(row, column));
            largest = std::max(largest, std::abs(values.back())); // false where it is NaN
        }
    }
    ColourScale scale = differs ? ColourScale{ColourMap::diverging, 0, 0, shown.scale.percent} : shown.scale;
    if (scale.high == scale.low) {
        scale.high = roundedUp(differs ? almostAll(values) : largest);
        scale.low = scale.map == ColourMap::diverging ? -scale.high : 0;
    }
    map.setScale(scale);
    map.setValues(int(side), int(side), std::move(values));
    map.setBands(bands);
}

/// Until a matrix just chosen comes with a snapshot, the one before stays.
std::function<CanvasPanel::Adopt()> SimilarityPanel::preparation(const BatchView &batch)
{
    const auto absent = [&batch](const Mode &mode) { return batch.snapshot() && !batch.snapshot()->channels.contains(mode.channel); };
    const size_t asked = size_t(m_shownChoice->currentIndex());
    const bool comes = absent(modes()[asked]) && batch.snapshot()->offered.contains(modes()[asked].channel);
    BatchView other;
    if (m_differs && workbench().sideBySide())
        other.update(*workbench().sideBySide()->right(), workbench().sideBySide()->both().right);
    return [this, batch, other, differs = m_differs, mode = comes && !absent(this->mode()) ? m_mode : asked, order = Order(m_orderChoice->currentIndex()),
            part = m_map.part()] {
        auto prepared = std::make_shared<Prepared>();
        prepared->mode = mode;
        prepared->order = order;
        if (differs)
            prepared->subtract(batch, other);
        if (const Matrix *matrix = prepared->differs ? &prepared->difference : differs ? nullptr : prepared->matrixOf(batch)) {
            prepared->ready = true;
            prepared->arrange(batch, int(matrix->rows));
            prepared->fill(batch, *matrix);
            prepared->map.makeImage(part);
        }
        for (const auto &[channel, copy] : {std::pair("similarity/gradient", &prepared->shares), {"similarity/softmax", &prepared->softmax}})
            if (const Matrix *matrix = batch.ofPairs(channel))
                *copy = *matrix;
        return Adopt([this, prepared] {
            m_mode = prepared->mode;
            m_order = prepared->order;
            m_ready = prepared->ready;
            m_shares = std::move(prepared->shares);
            m_softmax = std::move(prepared->softmax);
            m_left = std::move(prepared->left);
            m_right = std::move(prepared->right);
            if (!m_ready)
                return;
            m_rows.swap(prepared->rows);
            m_places.swap(prepared->places);
            m_map.takeContent(prepared->map);
            m_own = m_map.scale();
            shareScale();
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
    if (!mode().ofViews)
        return valid(m_dimensions);
    if (const auto hovered = valid(selection().hovered()))
        return hovered;
    if (const auto selected = valid(selectedCell()))
        return selected;
    return valid({selectedPair(), -1});
}

void SimilarityPanel::click(QPointF position)
{
    if (!m_ready)
        return;
    if (const auto at = m_map.cellAt(position))
        select(toCell(at));
}

void SimilarityPanel::point(Cell cell)
{
    if (mode().ofViews) {
        selection().hover(cell);
        return;
    }
    m_dimensions = cell;
    repaint();
}

void SimilarityPanel::select(Cell cell)
{
    if (mode().ofViews)
        selectCell(cell);
}

void SimilarityPanel::drag(QPointF from, QPointF change)
{
    if (m_map.rect().contains(from))
        m_map.pan(change);
    shareView();
}

void SimilarityPanel::standBeside(Panel *other, bool isLeft)
{
    CanvasPanel::standBeside(other, isLeft);
    disconnect(m_follows);
    if (SideBySide *together = workbench().sideBySide(); other && isLeft && together)
        m_follows = connect(together, &SideBySide::bothReady, this, [this] {
            if (m_differs && isShowing())
                prepareAgain();
        });
}

void SimilarityPanel::showDifference(bool shows)
{
    if (shows == m_differs)
        return;
    m_differs = shows;
    prepareAgain();
}

/// For a difference of the step that both were seen at.
SnapshotPtr SimilarityPanel::shownSnapshot() const
{
    const SideBySide *together = m_differs ? workbench().sideBySide() : nullptr;
    return together ? together->both().left : CanvasPanel::shownSnapshot();
}

/// Two maps side by side show the same cells.
void SimilarityPanel::shareView()
{
    if (!twin() || twin()->m_map.rows() != m_map.rows() || twin()->m_map.columns() != m_map.columns())
        return;
    twin()->m_map.setView(m_map.view());
    twin()->repaint();
}

/// And in the same colours: as far as the values of either reach.
void SimilarityPanel::shareScale()
{
    if (!twin() || !twin()->m_ready || twin()->m_mode != m_mode || m_differs || twin()->m_differs)
        return;
    ColourScale both = m_own;
    both.low = std::min(both.low, twin()->m_own.low);
    both.high = std::max(both.high, twin()->m_own.high);
    m_map.setScale(both);
    twin()->m_map.setScale(both);
    twin()->repaint();
}

void SimilarityPanel::moveBy(int rows, int columns)
{
    const int last = int(m_rows.size()) - 1;
    HeatCell place = placeOf(currentCell().value_or(toCell(HeatCell{})));
    place.row = std::clamp(place.row + rows, 0, last);
    place.column = std::clamp(place.column + columns, 0, last);
    m_map.reveal(place);
    shareView();
    point(toCell(place));
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
    case Qt::Key_Plus: wheel(middle, 1); return true;
    case Qt::Key_Minus: wheel(middle, -1); return true;
    case Qt::Key_Home: doubleClick(middle); return true;
    case Qt::Key_Escape: selection().clear(); return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (const auto cell = currentCell())
            select(*cell);
        return true;
    default: return false;
    }
}

Panel *makeSimilarityPanel(const PanelContext &context)
{
    return new SimilarityPanel(context);
}

} // namespace pretext
