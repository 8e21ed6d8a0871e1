#include "widgets/sidebyside.h"

#include "widgets/lookback.h"
#include "widgets/metrics/overlaidrun.h"
#include "widgets/request.h"

#include <QLocale>
#include <QUndoStack>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace pretext {

SideBySide::SideBySide(Request *left, Request *right, QObject *parent) : QObject(parent), m_requests{left, right}, m_turns(std::make_shared<Turns>(2))
{
    linkWhatIsEqual();
    for (int side = 0; side < 2; ++side)
        follow(side);
    left->linkTo(right, [this](const std::string &knob) { return isLinked(knob); });
    right->linkTo(left, [this](const std::string &knob) { return isLinked(knob); });
    right->shareHistory(left->undoStack());
    connect(&left->run().lookBack(), &LookBack::changed, this, &SideBySide::lookBack);
}

SideBySide::~SideBySide()
{
    m_requests[0]->undoStack()->clear(); // it has changes of both
    m_requests[1]->shareHistory(nullptr);
    for (Request *request : m_requests) {
        request->linkTo(nullptr, {});
        request->run().joinOthers(nullptr, nullptr, 0);
    }
}

void SideBySide::follow(int side)
{
    Run *run = &m_requests[size_t(side)]->run();
    run->joinOthers(this, m_turns, side);
    connect(run, &Run::statusChanged, this, &SideBySide::statusChanged);
    connect(run, &Run::snapshotReady, this, [this, side] { keep(side); });
    connect(run, &Run::knobAcknowledged, this, &SideBySide::titlesChanged);
    connect(run, &Run::jobStarted, this, [this, side] {
        m_snapshots[size_t(side)].clear();
        m_both = {};
        linkWhatIsEqual();
        emit titlesChanged();
        emit bothReady();
    });
}

Run *SideBySide::left() const
{
    return &m_requests[0]->run();
}

Run *SideBySide::right() const
{
    return &m_requests[1]->run();
}

Request *SideBySide::request(const Run *run) const
{
    return m_requests[run == right() ? 1 : 0];
}

/// The sides that can take a step.
std::vector<int> SideBySide::able() const
{
    std::vector<int> sides;
    for (int side = 0; side < 2; ++side)
        if (!m_requests[size_t(side)]->run().standsStill())
            sides.push_back(side);
    return sides;
}

bool SideBySide::starts() const
{
    return std::ranges::any_of(able(), [this](int side) { return m_requests[size_t(side)]->run().status().state == TrainerState::starting; });
}

bool SideBySide::plays() const
{
    return m_playWhenReady || std::ranges::any_of(able(), [this](int side) { return m_requests[size_t(side)]->run().status().state == TrainerState::playing; });
}

bool SideBySide::rests() const
{
    return !plays() && !starts();
}

bool SideBySide::isPausing() const
{
    return std::ranges::any_of(m_requests, [](const Request *request) { return request->run().isPausing(); });
}

void SideBySide::settle()
{
    constexpr auto kMost = std::chrono::seconds(60); // of the steps under way
    pause();
    const auto until = std::chrono::steady_clock::now() + kMost;
    while ((left()->takesSteps() || right()->takesSteps()) && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

void SideBySide::go(const Command &command)
{
    const std::vector<int> sides = able();
    if (sides.empty()) {
        emit left()->stepRefused();
        return;
    }
    m_turns->expect(sides);
    for (const int side : sides)
        m_requests[size_t(side)]->run().post(command);
}

void SideBySide::play()
{
    m_playWhenReady = starts();
    if (!m_playWhenReady)
        go(Play{});
}

void SideBySide::pause()
{
    m_playWhenReady = false;
    m_turns->endRound();
    for (Request *request : m_requests)
        request->run().post(Pause{});
}

void SideBySide::stepOnce()
{
    if (!starts())
        go(StepOnce{});
}

/// Both to the step at which they parted, where one was forked from the other; else each to its first.
void SideBySide::rewind()
{
    const bool played = plays();
    m_atRest = [this, played] {
        if (const auto parted = parting()) {
            emit goBackRequested(*parted);
            right()->post(Rewind{});
        } else {
            for (Request *request : m_requests)
                request->run().post(Rewind{});
        }
        if (played)
            play();
    };
    pause();
    statusChanged();
}

void SideBySide::extend(qint64 steps, ScheduleChange change)
{
    std::vector<int> ended;
    for (int side = 0; side < 2; ++side)
        if (m_requests[size_t(side)]->run().status().state == TrainerState::ended)
            ended.push_back(side);
    m_turns->expect(ended);
    for (Request *request : m_requests)
        request->run().post(Extend{steps, change});
}

void SideBySide::statusChanged()
{
    if (m_playWhenReady && !starts())
        play();
    if (m_atRest && rests())
        std::exchange(m_atRest, {})();
}

void SideBySide::linkWhatIsEqual()
{
    m_apart.clear();
    const KnobSet &left = m_requests[0]->config().knobs, &right = m_requests[1]->config().knobs;
    for (const Knob &knob : left.declarations())
        if (right.find(knob.name) && right.value(knob.name) != left.value(knob.name))
            m_apart.insert(knob.name);
    emit linksChanged();
}

bool SideBySide::canLink(const std::string &name) const
{
    return std::ranges::all_of(m_requests, [&](const Request *request) {
        const Knob *knob = request->config().knobs.find(name);
        return knob && knob->effect != KnobEffect::restart;
    });
}

bool SideBySide::isLinked(const std::string &knob) const
{
    return canLink(knob) && !m_apart.contains(knob);
}

void SideBySide::setLinked(const std::string &knob, bool linked)
{
    if (!canLink(knob) || linked == isLinked(knob))
        return;
    if (linked)
        m_requests[1]->setKnob(knob, m_requests[0]->config().knobs.value(knob)); // while it is the right one's alone
    linked ? void(m_apart.erase(knob)) : void(m_apart.insert(knob));
    emit linksChanged();
}

std::vector<std::string> SideBySide::apart() const
{
    std::vector<std::string> knobs;
    for (const Knob &knob : m_requests[0]->config().knobs.declarations())
        if (canLink(knob.name) && !isLinked(knob.name))
            knobs.push_back(knob.name);
    return knobs;
}

bool SideBySide::allLinked() const
{
    return apart().empty();
}

void SideBySide::linkAll(bool linked)
{
    for (const Knob &knob : m_requests[0]->config().knobs.declarations())
        setLinked(knob.name, linked);
}

std::optional<int64_t> SideBySide::parting() const
{
    const auto &parent = right()->config().parent;
    return parent && parent->run == left()->path() ? std::optional(parent->step) : std::nullopt;
}

QString SideBySide::title(const Run *run) const
{
    const QString differs = difference(run);
    return !differs.isEmpty() ? differs : run == left() ? tr("left") : tr("right");
}

QString SideBySide::name(const Run *run) const
{
    const QString folder = QString::fromStdString(run->path().filename().string()), differs = difference(run);
    return differs.isEmpty() ? folder : tr("%1 (%2)").arg(folder, differs);
}

QString SideBySide::difference(const Run *run) const
{
    constexpr size_t kMostNamed = 2;
    const size_t own = run == right() ? 1 : 0;
    QStringList parts;
    const std::vector<KnobDifference> found = differences({&left()->config(), &right()->config()});
    for (size_t i = 0; i < std::min(found.size(), kMostNamed); ++i)
        parts << (found[i].values[own].isEmpty() ? tr("no %1").arg(found[i].name) : QStringLiteral("%1 %2").arg(found[i].name, found[i].values[own]));
    if (found.size() > kMostNamed)
        parts << tr("%1 more").arg(found.size() - kMostNamed);
    return parts.join(QStringLiteral(", "));
}

void SideBySide::keep(int side)
{
    const SnapshotPtr newest = m_requests[size_t(side)]->run().snapshot();
    std::deque<SnapshotPtr> &kept = m_snapshots[size_t(side)];
    if (!newest)
        return;
    kept.push_back(newest);
    if (kept.size() > kKept)
        kept.pop_front();
    for (auto own = kept.rbegin(); own != kept.rend(); ++own)
        for (const SnapshotPtr &other : m_snapshots[size_t(1 - side)])
            if (other->step == (*own)->step && other->indices == (*own)->indices) {
                m_both = side == 0 ? Both{*own, other} : Both{other, *own};
                emit bothReady();
                return;
            }
    m_both = {};
    emit bothReady();
}

/// An older step of the left run is shown of the right one, too, where that has it.
void SideBySide::lookBack()
{
    const std::optional<int64_t> asked = left()->lookBack().asked();
    LookBack &its = right()->lookBack();
    if (asked == its.asked())
        return;
    if (asked && *asked >= its.first() && *asked <= right()->status().step)
        its.show(*asked);
    else
        its.leave();
}

QString SideBySide::whyNotBoth() const
{
    const SnapshotPtr left = this->left()->snapshot(), right = this->right()->snapshot();
    if (!left || !right)
        return tr("The difference comes with the next step of both runs.");
    if (this->left()->config().dataset != this->right()->config().dataset)
        return tr("There is no difference to show: the two runs train on other data, %1 and %2.")
            .arg(QString::fromStdString(this->left()->config().dataset), QString::fromStdString(this->right()->config().dataset));
    if (left->step != right->step)
        return tr("There is no difference to show: the runs are at other steps, %1 and %2, and so on other batches. Two that began at the same step stay "
                  "together.")
            .arg(QLocale().toString(qlonglong(left->step)), QLocale().toString(qlonglong(right->step)));
    return tr("There is no difference to show: at step %1 the two runs train on other samples. A fork has its parent's seed and batch, and so its samples.")
        .arg(QLocale().toString(qlonglong(left->step)));
}

} // namespace pretext
