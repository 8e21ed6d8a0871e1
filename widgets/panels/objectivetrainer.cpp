#include "widgets/panels/objectivetrainer.h"

#include "core/system/threads.h"
#include "widgets/background.h"
#include "widgets/run.h"
#include "widgets/snapshotpace.h"

#include <QThreadPool>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>

namespace pretext {

namespace {

constexpr double kShare = 0.05;                            // of the machine, beside a run
constexpr int kLargestTeam = 2;                            // threads: steps are short, and more would wait for each other
constexpr double kTurnShownEvery = 0.25, kShownBeside = 1; // seconds from news to news: each costs a pass of every model

double objectiveSeconds()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Models are trained for as long as one looks, which would keep others waiting in a pool of theirs.
QThreadPool *objectivePool()
{
    static QThreadPool *pool = [] {
        auto *made = new QThreadPool(qApp);
        made->setMaxThreadCount(2); // what was given up ends soon
        return made;
    }();
    return pool;
}

} // namespace

/// What the thread that trains and the window tell each other; and the models, which are the thread's.
class ObjectiveWork
{
public:
    ObjectiveWork(ObjectiveText text, std::function<void(ObjectiveNews)> show) : m_text(std::move(text)), m_show(std::move(show)) {}

    struct Wish
    {
        bool train = false, beside = false;
        ObjectiveQuestion question = {};
        bool asked = false; // the question is a new one
    };
    /// True: a thread is to call run(), as none does.
    bool wish(Wish wished);
    void cancel();
    void run();

private:
    /// Nothing: the thread has nothing left to do, and leaves.
    std::optional<Wish> next(bool untold);
    void leave();
    bool goesOn() const;
    void tell(const Wish &wish, double seconds);
    void rest(double seconds) const;

    const ObjectiveText m_text;
    const std::function<void(ObjectiveNews)> m_show;
    mutable std::mutex m_mutex;
    Wish m_wish;
    bool m_running = false, m_cancelled = false, m_made = false;

    // Of the thread alone.
    std::unique_ptr<ObjectiveModels> m_models;
    int64_t m_stepsTold = 0;
    double m_pace = 0;
};

bool ObjectiveWork::wish(Wish wished)
{
    const std::lock_guard lock(m_mutex);
    wished.asked = m_wish.asked || !(wished.question == m_wish.question);
    m_wish = std::move(wished);
    const bool begins = !m_running && !m_cancelled && (m_wish.train || (m_made && m_wish.asked));
    m_running |= begins;
    return begins;
}

void ObjectiveWork::cancel()
{
    const std::lock_guard lock(m_mutex);
    m_cancelled = true;
}

bool ObjectiveWork::goesOn() const
{
    const std::lock_guard lock(m_mutex);
    return !m_cancelled && m_wish.train;
}

void ObjectiveWork::leave()
{
    const std::lock_guard lock(m_mutex);
    m_running = false;
    m_made = m_models != nullptr;
}

std::optional<ObjectiveWork::Wish> ObjectiveWork::next(bool untold)
{
    const std::lock_guard lock(m_mutex);
    m_made = true;
    if (m_cancelled || (!m_wish.train && !m_wish.asked && !untold)) {
        m_running = false;
        return {};
    }
    Wish wish = m_wish;
    m_wish.asked = false;
    return wish;
}

/// A little at a time, so that it ends as soon as nobody looks any more.
void ObjectiveWork::rest(double seconds) const
{
    for (const double end = objectiveSeconds() + seconds; objectiveSeconds() < end && goesOn();)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

/// `seconds`: since the last news of steps.
void ObjectiveWork::tell(const Wish &wish, double seconds)
{
    const int64_t steps = m_models->steps() - m_stepsTold;
    if (wish.train && steps > 0 && seconds > 0) {
        const double now = double(steps) / seconds;
        m_pace = m_pace > 0 ? m_pace + (now - m_pace) * std::min(1., seconds / 3) : now;
    }
    m_stepsTold += steps;
    m_show({m_models->progress(wish.question.sentence.empty() ? nullptr : &wish.question), wish.question, wish.train ? m_pace : 0});
}

void ObjectiveWork::run()
{
    try {
        if (!m_models)
            m_models = ObjectiveModels::make(m_text, [this](double) { return goesOn(); });
        if (!m_models)
            return leave();
        const int all = chooseThreads(0).count;
        double told = objectiveSeconds();
        bool untold = false;
        while (const std::optional<Wish> wish = next(untold)) {
            const double begun = objectiveSeconds(), before = processorSeconds();
            {
                const ThreadBudget team(wish->beside ? 1 : std::min(all, kLargestTeam)); // beside a run only the trainer has a team
                m_models->setKnobs(wish->question.knobs);
                if (wish->train)
                    m_models->step();
                untold |= wish->train;
                if (wish->asked || (untold && (!wish->train || begun - told > (wish->beside ? kShownBeside : kTurnShownEvery)))) {
                    tell(*wish, objectiveSeconds() - told);
                    told = objectiveSeconds();
                    untold = false;
                }
            }
            if (wish->train && wish->beside)
                rest((processorSeconds() - before) / (kShare * all) - (objectiveSeconds() - begun)); // others may have kept it waiting
        }
    } catch (...) {
        leave();
        throw;
    }
}

ObjectiveTrainer::ObjectiveTrainer(Run &run, std::function<bool()> showing, QObject *parent) : QObject(parent), m_run(run), m_showing(std::move(showing))
{
    connect(&m_run, &Run::statusChanged, this, &ObjectiveTrainer::update);
}

ObjectiveTrainer::~ObjectiveTrainer()
{
    giveUp();
}

bool ObjectiveTrainer::besideRun() const
{
    const TrainerState state = m_run.status().state;
    return m_run.hasJob() && (state == TrainerState::starting || state == TrainerState::playing);
}

void ObjectiveTrainer::setText(const ObjectiveText &text)
{
    const auto context = [](const ObjectiveText &of) {
        const auto value = of.knobs.find("encoder.context");
        return value == of.knobs.end() ? KnobValue() : value->second;
    };
    if (text.dataset == m_text.dataset && text.tokenizer == m_text.tokenizer && context(text) == context(m_text))
        return;
    m_text = text;
    reset();
}

void ObjectiveTrainer::ask(const ObjectiveQuestion &question)
{
    m_question = question;
    update();
}

void ObjectiveTrainer::setTraining(bool training)
{
    m_training = training;
    m_problem.clear();
    update();
    emit changed();
}

void ObjectiveTrainer::reset()
{
    giveUp();
    m_news = {};
    m_problem.clear();
    update();
    emit changed();
}

void ObjectiveTrainer::giveUp()
{
    if (m_work)
        m_work->cancel();
    m_work.reset();
}

void ObjectiveTrainer::update()
{
    const bool train = m_training && m_showing() && hasText();
    if (!m_work && !train)
        return;
    if (!m_work) {
        QPointer<QObject> receiver(this);
        auto show = std::make_shared<std::function<void(ObjectiveNews)>>();
        m_work = std::make_shared<ObjectiveWork>(
            m_text, [receiver, show](ObjectiveNews news) { tellWindow(receiver, [show, news = std::move(news)] { (*show)(news); }); });
        *show = [this, work = std::weak_ptr(m_work)](ObjectiveNews news) {
            if (work.lock() != m_work)
                return;
            m_news = std::move(news);
            emit changed();
            if (!m_showing())
                update(); // it rests
        };
    }
    if (!m_work->wish({train, besideRun(), m_question}))
        return;
    inBackground(
        this,
        [work = m_work] {
            work->run();
            return true;
        },
        [](bool) {},
        [this, work = m_work](const QString &line) {
            if (work != m_work)
                return;
            m_work.reset();
            m_training = false;
            m_problem = line;
            emit changed();
        },
        objectivePool());
}

} // namespace pretext
