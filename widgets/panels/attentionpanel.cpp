// Attention: every layer's and head's weights over the selected sentence's tokens as small maps, the chosen one large with its tokens along
// both axes, and beside it what the objective lets each token see. Of a model with a decoder the encoder's, the decoder's or those between them.
#include "widgets/panels/attentionpanel.h"

#include "core/ssl/method.h"
#include "core/ssl/tokenviews.h"
#include "widgets/panels/tokencells.h"
#include "widgets/plots/textlayout.h"
#include "widgets/selection.h"
#include "widgets/run.h"
#include "widgets/said.h"

#include <QComboBox>
#include <QHBoxLayout>

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

constexpr size_t kWeightsAtOnce = 1 << 18;
constexpr char kSentenceAnswer[] = "answer/sentence"; // as Token predictions asks for it

} // namespace

struct AttentionPanel::Prepared
{
    std::shared_ptr<const AttentionView> view;
    std::vector<HeatMap> heads;
    HeatMap large; // the head chosen when this was asked for
    int layer = 0, head = 0, query = -1;
    CanvasImage picture;
    int64_t step = -1;
    QString name;
};

AttentionPanel::AttentionPanel(const PanelContext &context) : CanvasPanel(context, tr("Attention")), m_parts(new QComboBox(this))
{
    m_parts->addItems({tr("Encoder"), tr("Decoder"), tr("Cross")});
    m_parts->setAccessibleName(tr("part of the model"));
    m_parts->setToolTip(tr("Whose attention: of the encoder's tokens to each other, of the decoder's to each other and what stands before them, or of the "
                           "decoder's (rows) to the encoder's (columns)."));
    m_parts->hide();
    toolbar().addWidget(m_parts);
    toolbar().addStretch(1);
    connect(m_parts, &QComboBox::currentIndexChanged, this, &AttentionPanel::followSelection);
    connect(&selection(), &Selection::changed, this, &AttentionPanel::followSelection);
}

bool AttentionPanel::hasDecoder(const BatchView &batch)
{
    const Snapshot *snapshot = batch.snapshot();
    const std::string cross = groupOf(Part::cross);
    return snapshot && (snapshot->offered.contains(cross) || snapshot->channels.contains(cross));
}

std::string AttentionPanel::groupOf(Part part)
{
    return part == Part::encoder ? "tokens/attention" : part == Part::decoder ? "tokens/decoder-attention" : "tokens/cross-attention";
}

AttentionPanel::Part AttentionPanel::partOf(const BatchView &batch) const
{
    return hasDecoder(batch) ? Part(m_parts->currentIndex()) : Part::encoder;
}

std::set<std::string> AttentionPanel::wantedChannels() const
{
    std::set<std::string> wanted;
    const Chosen &chosen = selection().chosen();
    for (const std::string &group : {groupOf(partOf(batch())), std::string("patches/attention")}) {
        wanted.insert(group + (chosen.place >= 0 && chosen.place < kRowsShown ? "/" + std::to_string(chosen.place) : ""));
        if (chosen.sample && chosen.sample.split == Split::train)
            wanted.insert(group + "/sample/" + std::to_string(chosen.sample.index));
    }
    if (!selection().sentence().isEmpty())
        wanted.insert(kSentenceAnswer);
    if (m_view && m_view->ofPatches())
        wanted.insert("views/pixels"); // the picture that the weights lie over
    return wanted;
}

/// The user's sentence where that is looked at and the model answers; else the selected sample, or what is in its place; else the first.
AttentionPanel::Looked AttentionPanel::lookedAt(const BatchView &batch, Part part, const Chosen &chosen, const std::string &sentence)
{
    const Snapshot *snapshot = batch.snapshot();
    if (!snapshot)
        return {};
    if (batch.bySentences() && !sentence.empty()) {
        const Answer *answer = snapshot->channel<Answer>(kSentenceAnswer);
        const bool comes =
            answer ? answer->question.text != sentence : !snapshot->channels.contains(kSentenceAnswer) && snapshot->offered.contains(kSentenceAnswer);
        if (comes)
            return {};
        if (answer && answer->problem.empty())
            return {part == Part::encoder ? &answer->attention : part == Part::decoder ? &answer->decoderAttention : &answer->crossAttention, -1};
    }
    const int pair = batch.pairOf(chosen);
    const bool shown = pair >= 0 && pair < kRowsShown, there = batch.pairOf(chosen.sample) >= 0;
    for (const std::string &group : {groupOf(part), std::string("patches/attention")}) { // whichever it has
        if (const auto *view = there ? snapshot->channel<AttentionView>(group + "/sample/" + std::to_string(chosen.sample.index)) : nullptr)
            return {view, pair};
        if (const auto *view = snapshot->channel<AttentionView>(group + (shown ? "/" + std::to_string(pair) : "")))
            return {view, shown ? pair : 0};
    }
    return {nullptr, pair};
}

QString AttentionPanel::nameOf(const BatchView &batch, int pair) const
{
    return pair < 0 ? tr("the sentence in Token predictions") : pair < batch.pairs() ? batch.sampleName(pair) : QString();
}

void AttentionPanel::followSelection()
{
    if (!isShowing())
        return;
    wantedChannelsChanged();
    prepareAgain();
}

bool AttentionPanel::takesLong(const BatchView &batch) const
{
    const AttentionView *view = lookedAt(batch, partOf(batch), selection().chosen(), selection().sentence().toStdString()).view;
    return view && view->weights.size() > kWeightsAtOnce;
}

std::function<CanvasPanel::Adopt()> AttentionPanel::preparation(const BatchView &batch)
{
    const HeatMap::Part part = m_heads.empty() ? HeatMap::Part() : m_heads.front().part(), largePart = m_large.part();
    return [this, batch, sample = selection().chosen(), sentence = selection().sentence().toStdString(), part, largePart, layer = m_layer, chosen = m_head,
            query = m_query, modelPart = partOf(batch)] {
        auto prepared = std::make_shared<Prepared>();
        const auto [view, pair] = lookedAt(batch, modelPart, sample, sentence);
        if (batch.snapshot())
            prepared->step = batch.snapshot()->step;
        if (view && isWhole(*view)) {
            prepared->view = std::make_shared<const AttentionView>(*view);
            prepared->name = nameOf(batch, pair);
            for (size_t head = 0; head < size_t(view->layers) * view->heads; ++head)
                prepared->heads.emplace_back(attentionMap(*view, head, query)).makeImage(part);
            prepared->layer = std::min(layer, view->layers - 1);
            prepared->head = std::min(chosen, view->heads - 1);
            prepared->query = query;
            prepared->large = attentionMap(*view, size_t(prepared->layer) * view->heads + prepared->head, query);
            prepared->large.makeImage(largePart);
            prepared->picture = view->ofPatches() ? batch.view(pair) : CanvasImage();
        }
        return Adopt([this, prepared, decodes = hasDecoder(batch)] {
            m_parts->setVisible(decodes);
            if (!prepared->view && m_view && prepared->step == m_step)
                return; // the newly selected sentence is on its way
            m_view = prepared->view;
            m_step = prepared->step;
            m_name = prepared->name;
            if (!m_view)
                return;
            m_heads.resize(prepared->heads.size());
            for (size_t head = 0; head < m_heads.size(); ++head)
                m_heads[head].takeContent(prepared->heads[head]);
            m_mask.setMask(seesAll(*m_view) ? 0 : rows(), seesAll(*m_view) ? std::vector<uint8_t>() : m_view->visible);
            m_layer = std::min(m_layer, m_view->layers - 1);
            m_head = std::min(m_head, m_view->heads - 1);
            m_picture = prepared->picture;
            if (m_view->ofPatches() && m_picture.image.isNull())
                wantedChannelsChanged(); // the next snapshot has it
            if (m_cell && (m_cell->row >= prepared->large.rows() || m_cell->column >= prepared->large.columns()))
                m_cell.reset();
            if (m_layer == prepared->layer && m_head == prepared->head && m_query == prepared->query)
                m_large.takeContent(prepared->large);
            else
                chooseQuery(m_query); // another one was chosen meanwhile
        });
    };
}

void AttentionPanel::showHead()
{
    HeatMap map = attentionMap(*m_view, headIndex(), m_query);
    m_large.takeContent(map);
}

QString AttentionPanel::waiting() const
{
    const QString what = tr("the attention of every head");
    const Modality modality = modalityOf(run().config());
    if (run().hasJob() && !run().config().knobs.find("encoder.heads"))
        return tr("Attention is shown of transformers; the running job trains %1 on %2. Choose the encoder vit in Controls, or a text "
                  "method, mlm say: its first training step brings %3.")
            .arg(QString::fromStdString(run().config().encoder), translated(toText(modality)), what);
    return waitingText(run(), what);
}

float AttentionPanel::weight(HeatCell cell) const
{
    return m_view->weights[(size_t(headIndex()) * size_t(rows()) + size_t(cell.row)) * size_t(columns()) + size_t(cell.column)];
}

QString AttentionPanel::attends() const
{
    if (!m_view->others.empty())
        return tr("Each row's token, of the decoder, attends to the columns' tokens, of the encoder; a row sums to 1.");
    return tr("Each row's token attends to the columns' tokens; a row sums to 1.");
}

QString AttentionPanel::words(HeatCell cell) const
{
    if (m_view->ofPatches())
        return patchWords();
    const auto number = [](int value) { return QString::number(value); };
    return (maySee(cell) ? tr("“%1” (%2) attends to “%3” (%4) with weight %5; layer %6, head %7.")
                         : tr("“%1” (%2) attends to “%3” (%4) with %5: the objective hides it; layer %6, head %7."))
        .arg(bareWord(m_view->pieces[cell.row]), number(cell.row), bareWord(m_view->keys()[cell.column]), number(cell.column),
             maySee(cell) ? decimalText(weight(cell), 4) : number(0), number(m_layer + 1), number(m_head + 1));
}

void AttentionPanel::moveTo(std::optional<HeatCell> cell)
{
    if (cell == m_cell)
        return;
    m_cell = cell;
    repaint();
}

void AttentionPanel::hover(QPointF position)
{
    if (!m_view)
        return;
    std::optional<HeatCell> cell = m_large.cellAt(position);
    if (!cell && !m_view->ofPatches() && m_mask.rowAt(position) >= 0)
        cell = HeatCell{m_mask.rowAt(position), m_mask.columnAt(position)};
    moveTo(cell);
}

int AttentionPanel::headAt(QPointF position) const
{
    const auto place = std::find_if(m_places.begin(), m_places.end(), [position](const QRectF &rect) { return rect.contains(position); });
    return m_view && place != m_places.end() ? int(place - m_places.begin()) : -1;
}

void AttentionPanel::chooseHead(int layer, int head)
{
    m_layer = std::clamp(layer, 0, m_view->layers - 1);
    m_head = std::clamp(head, 0, m_view->heads - 1);
    showHead();
    repaint();
}

void AttentionPanel::click(QPointF position)
{
    if (const int head = headAt(position); head >= 0)
        chooseHead(head / m_view->heads, head % m_view->heads);
    else if (const std::optional<HeatCell> cell = m_view && m_view->ofPatches() ? m_large.cellAt(position) : std::nullopt)
        chooseQuery(m_view->beforePatches() + cell->row * m_view->gridColumns + cell->column);
}

void AttentionPanel::drag(QPointF from, QPointF change)
{
    if (m_large.rect().contains(from))
        m_large.pan(change);
}

void AttentionPanel::wheel(QPointF at, qreal steps)
{
    if (m_large.rect().contains(at))
        m_large.zoom(at, std::pow(1.25, steps));
}

void AttentionPanel::moveBy(int down, int right)
{
    if (m_view->ofPatches()) {
        moveQuery(down, right);
        return;
    }
    HeatCell cell = m_cell.value_or(HeatCell{});
    if (m_cell) {
        cell.row = std::clamp(cell.row + down, 0, rows() - 1);
        cell.column = std::clamp(cell.column + right, 0, columns() - 1);
    }
    m_large.reveal(cell);
    moveTo(cell);
}

bool AttentionPanel::key(int key, Qt::KeyboardModifiers modifiers)
{
    if (!m_view)
        return false;
    const bool heads = modifiers & Qt::ShiftModifier;
    const auto move = [&](int rows, int columns) { heads ? chooseHead(m_layer + rows, m_head + columns) : moveBy(rows, columns); };
    switch (key) {
    case Qt::Key_Left: move(0, -1); return true;
    case Qt::Key_Right: move(0, 1); return true;
    case Qt::Key_Up: move(-1, 0); return true;
    case Qt::Key_Down: move(1, 0); return true;
    case Qt::Key_PageUp: chooseHead(m_layer - 1, m_head); return true;
    case Qt::Key_PageDown: chooseHead(m_layer + 1, m_head); return true;
    case Qt::Key_Plus: m_large.zoom(m_large.rect().center(), 1.25); return true;
    case Qt::Key_Minus: m_large.zoom(m_large.rect().center(), 0.8); return true;
    case Qt::Key_Home: m_large.resetView(); return true;
    case Qt::Key_Escape:
        moveTo({});
        chooseQuery(-1);
        return true;
    default: return false;
    }
}

QString AttentionPanel::description() const
{
    if (!m_view)
        return waiting();
    if (m_cell || m_view->ofPatches())
        return words(m_cell.value_or(HeatCell{}));
    return tr("Attention of layer %1 of %2, head %3 of %4, over %5 tokens of %6. %7 Arrow keys move over its cells, with Shift over the heads.")
        .arg(m_layer + 1)
        .arg(m_view->layers)
        .arg(m_head + 1)
        .arg(m_view->heads)
        .arg(rows())
        .arg(m_name, attends());
}

/// All heads: some hundred thousand numbers, so the maker keeps what it writes.
std::function<QString()> AttentionPanel::csvMaker() const
{
    if (!m_view)
        return [] { return QString(); };
    return [view = m_view] { return attentionCsv(*view); };
}

Panel *makeAttentionPanel(const PanelContext &context)
{
    return new AttentionPanel(context);
}

} // namespace pretext
