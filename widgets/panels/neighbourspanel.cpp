// Neighbours: the held-out samples that the encoder finds most like a sample, or a picture or a sentence of the user's own; now and at the look before,
// so that one sees who comes in and who leaves while it learns.
#include "widgets/panels/neighbourspanel.h"

#include "core/data/modalitytype.h"
#include "core/files/said.h"
#include "core/system/threads.h"
#include "widgets/background.h"
#include "widgets/elidedlabel.h"
#include "widgets/plots/textlayout.h"
#include "widgets/progressing.h"
#include "widgets/run.h"

#include <QLineEdit>
#include <QPushButton>

#include <algorithm>
#include <tuple>
#include <utility>

namespace pretext {

namespace {

constexpr int kNeighboursShown = 10;
constexpr int64_t kBankSamples = 4000; // at most: a second or two of one processor

FoundNear nearIn(const std::shared_ptr<NeighbourBank> &bank, const Dataset &dataset, const NeighbourQuery &query)
{
    if (!bank || bank->empty())
        return {};
    FoundNear found{bank->step(), bank->nearest(query, kNeighboursShown), -1};
    found.alike = sameLabel(dataset, query, found.neighbours);
    return found;
}

} // namespace

NeighboursPanel::NeighboursPanel(const PanelContext &context)
    : CanvasPanel(context, tr("Neighbours"))
    , m_follower(new EncoderFollower(
          run(),
          {.showing = [this] { return isShowing(); }, .prepare = [this](auto copy, auto dataset) { return prepare(std::move(copy), std::move(dataset)); }},
          this))
    , m_samples(this, [this] { repaint(); })
    , m_open(new QPushButton(tr("Your picture …")))
    , m_back(new QPushButton(tr("Selected sample")))
    , m_note(new ElidedLabel)
    , m_text(new QLineEdit)
{
    makeTools();
    connect(m_follower, &EncoderFollower::wantsChanged, this, [this] { wantedChannelsChanged(); });
    connect(m_follower, &EncoderFollower::cleared, this, &NeighboursPanel::clear);
    connect(m_follower, &EncoderFollower::leftNow, this, [this] { m_ofNow = {m_bank, m_bankBefore}; });
    connect(m_follower, &EncoderFollower::cameBack, this, &NeighboursPanel::comeBack);
    connect(m_follower, &EncoderFollower::worked, this, &NeighboursPanel::search);
    connect(m_follower, &EncoderFollower::failed, this, [this](const QString &problem) {
        m_problem = problem;
        said();
    });
    connect(&selection(), &Selection::changed, this, &NeighboursPanel::followSelection);
    setAcceptDrops(true);
    clear();
}

/// The bank of these weights. On another thread the panel may be gone, and is not touched.
EncoderFollower::Work NeighboursPanel::prepare(std::shared_ptr<const EncoderCopy> copy, std::shared_ptr<const Dataset> dataset)
{
    return [this, copy = std::move(copy), dataset = std::move(dataset)](Progressing &progress) -> EncoderFollower::Done {
        const int64_t samples = std::min(kBankSamples, dataset->size(Split::test));
        const std::string what =
            pretext::said("%1 held-out samples through the encoder of step %2", {std::to_string(samples), std::to_string(copy->state.step)});
        const auto bank = std::make_shared<NeighbourBank>(*copy, dataset, samples, [&](double share) { return progress.report(what, share); });
        if (bank->empty())
            return {};
        return {[this, bank] { take(bank); }};
    };
}

/// Beside the look before; that of an older step beside the newest.
void NeighboursPanel::take(std::shared_ptr<NeighbourBank> bank)
{
    m_problem.clear();
    m_bankBefore = run().looksBack() ? m_ofNow.first : m_bank;
    m_bank = std::move(bank);
}

void NeighboursPanel::comeBack()
{
    std::tie(m_bank, m_bankBefore) = std::exchange(m_ofNow, {});
    if (!m_bank)
        m_view.clear();
    search();
}

std::set<std::string> NeighboursPanel::wantedChannels() const
{
    return m_follower->wantsWeights() ? std::set<std::string>{"encoder/weights"} : std::set<std::string>{};
}

/// The batch does not matter here, so nothing of the base's is done with it.
void NeighboursPanel::refresh()
{
    m_follower->look();
    if (waits())
        repaint();
}

void NeighboursPanel::clear()
{
    ++m_request;
    m_bank.reset();
    m_bankBefore.reset();
    m_ofNow = {};
    m_view.clear();
    m_problem.clear();
    m_samples.setDataset(run().dataset());
    m_open->setVisible(byPictures());
    m_text->setVisible(m_samples.dataset() && modalityType(m_samples.dataset()->info().modality).sentences);
    if (m_own && !(m_samples.dataset() && ownFits(*m_samples.dataset())))
        forgetOwn(); // it was of other data
    m_note->clear();
    m_back->setVisible(m_own.has_value());
    said();
}

/// In both banks, off the window's thread; the newest search wins.
void NeighboursPanel::search()
{
    const int request = ++m_request;
    if (!m_bank)
        return said();
    struct Searched
    {
        FoundNear now, before;
        QImage image;
        QString text;
    };
    const auto work = [query = query(), bank = m_bank, before = m_bankBefore, dataset = run().dataset()] {
        const ThreadBudget alone(1);
        Searched searched{nearIn(bank, *dataset, query), nearIn(before, *dataset, query), {}, {}};
        const ModalityType &kind = modalityType(dataset->info().modality);
        if (query.index < 0)
            searched.text = QString::fromStdString(query.text);
        else if (kind.words)
            searched.text = QString::fromStdString(kind.words(*dataset, query.split, query.index));
        if (kind.picture)
            searched.image = toQImage(query.index < 0 ? query.picture : kind.picture(*dataset, query.split, query.index));
        return searched;
    };
    inBackground(
        this, work,
        [this, request, back = run().looksBack() && m_bank != m_ofNow.first](Searched searched) {
            if (request != m_request)
                return;
            m_note->clear();
            m_view.show(queryName(), searched.text.simplified(), searched.image, std::move(searched.now), std::move(searched.before), back);
            said();
        },
        [this, request](const QString &line) {
            if (request != m_request)
                return;
            m_problem = line;
            said();
        },
        analysisPool());
}

void NeighboursPanel::said()
{
    canvas().setAccessibleDescription(description());
    repaint();
}

QString NeighboursPanel::message() const
{
    if (!m_problem.isEmpty())
        return m_problem;
    if (const QString progress = m_follower->progress(); !progress.isEmpty())
        return progress;
    return waitingText(run(), tr("which held-out samples lie nearest to the selected one"));
}

/// Where there is nothing to compare with.
QString NeighboursPanel::coming() const
{
    switch (run().status().state) {
    case TrainerState::ended:
        return tr(
            "This run has ended: there is one look at its encoder. With more steps, by Train past the end in the Run menu, what is near now stands here, to "
            "compare with what is near then.");
    case TrainerState::paused: return tr("When training goes on (Space), what is near now stands here, to compare with the next look at the encoder.");
    default: return tr("At the next look at the encoder, what is near now stands here, to compare.");
    }
}

void NeighboursPanel::draw(Canvas &canvas)
{
    if (m_view.isEmpty() || !m_problem.isEmpty())
        drawMessage(canvas, message());
    else
        m_view.draw(canvas, m_samples, coming());
}

void NeighboursPanel::click(QPointF position)
{
    select(m_view.sampleAt(position));
}

/// -1: nothing.
void NeighboursPanel::select(int64_t sample)
{
    if (sample < 0)
        return;
    if (m_own)
        forgetOwn();
    selection().select({{Split::test, sample}, -1});
}

bool NeighboursPanel::key(int key, Qt::KeyboardModifiers)
{
    switch (key) {
    case Qt::Key_Up: m_view.point(-1); break;
    case Qt::Key_Down: m_view.point(1); break;
    case Qt::Key_Return:
    case Qt::Key_Enter: select(m_view.pointed()); return true;
    default: return false;
    }
    said();
    return true;
}

QString NeighboursPanel::description() const
{
    return m_view.isEmpty() || !m_problem.isEmpty() ? message() : m_view.words(m_samples);
}

Panel *makeNeighboursPanel(const PanelContext &context)
{
    return new NeighboursPanel(context);
}

} // namespace pretext
