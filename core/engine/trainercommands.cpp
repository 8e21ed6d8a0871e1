// What commands do to the trainer, all of it between two steps.
#include "core/engine/trainer.h"
#include "core/files/said.h"

#include <algorithm>
#include <utility>

namespace pretext {

bool Trainer::mayStep() const
{
    return !atEnd() && m_status.state == TrainerState::playing;
}

/// Takes what was asked; while nothing is to be trained, waits. False: stop, or the end is reached and nobody stays.
bool Trainer::takeCommands()
{
    if (m_stepsToTake > 0 && --m_stepsToTake == 0)
        rest(TrainerState::paused);
    while (!m_stop.stop_requested()) {
        if (m_turn && mayStep() && !m_turn->wait(m_stop))
            return false;
        if (m_turn && mayStep() && m_turn->isOver())
            rest(TrainerState::paused);
        for (const Command &command : m_lanes.commands.takeAll())
            obey(command);
        if (!std::exchange(m_isReady, true)) // and has its place among those that take turns
            publishStatus();
        if (mayStep() && m_turn && !m_turn->isMine())
            continue; // it was told to go on just now
        if (mayStep())
            return !m_stop.stop_requested();
        if (atEnd() && m_status.state != TrainerState::ended) {
            if (!m_stayAfterEnd)
                return false;
            rest(TrainerState::ended);
        }
        for (const Command &command : m_lanes.commands.waitAndTakeAll(m_stop))
            obey(command);
    }
    return false;
}

void Trainer::obey(const Command &command)
{
    m_next.reset();
    std::visit([this](const auto &c) { apply(c); }, command);
}

/// Stops training until told otherwise, with everything saved and shown.
void Trainer::rest(TrainerState state)
{
    if (m_status.state == state)
        return;
    m_status.state = state;
    m_stepsToTake = 0;
    if (m_turn)
        m_turn->rest();
    m_pacer.reset(); // time passes without steps
    saveCheckpoint();
    publishSnapshot();
    say({m_step, state == TrainerState::paused ? "pause" : "end", "", "", "", state == TrainerState::ended && !atEnd() ? pretext::said("stopped") : ""});
    publishStatus();
}

void Trainer::apply(const SetKnob &command)
{
    const Knob *knob = m_asked.find(command.name);
    const std::string asked = toText(command.value);
    try {
        m_asked.check(command.name, command.value);
    } catch (const std::invalid_argument &error) {
        say({m_step, "refused", command.name, "", asked, error.what()});
        return;
    }
    const KnobValue before = m_config.knobs.value(command.name);
    if (knob->effect == KnobEffect::restart) {
        say({m_step, "refused", command.name, toText(before), asked, pretext::said("%1 acts on a new run only; apply and restart to use it", {command.name})});
        return;
    }
    keepStateBeforeChange();
    m_asked.set(command.name, command.value);
    m_unsaved = true;
    if (knob->effect == KnobEffect::nextBatch) {
        std::erase_if(m_pending, [&](const PendingKnob &pending) { return pending.name == command.name; });
        m_pending.push_back({command.name, before, ++m_knobVersion});
        m_loader->setKnobs(m_asked, m_knobVersion);
        return;
    }
    m_config.knobs.set(command.name, command.value);
    m_model.optimizer->apply(m_config.knobs);
    say({m_step + 1, "knob", command.name, toText(before), asked, ""});
    if (m_status.state != TrainerState::playing)
        publishSnapshot(); // which may show the batch as this knob sees it
}

/// So that the run can go back to it, and others be forked from it; once while a knob is being dragged.
void Trainer::keepStateBeforeChange()
{
    constexpr double kOneGesture = 1; // seconds between its changes at most
    const bool begins = std::chrono::duration<double>(Clock::now() - std::exchange(m_lastChange, Clock::now())).count() > kOneGesture;
    if (begins && m_options.checkpointSeconds > 0)
        saveCheckpoint();
}

/// Knobs of the data are in force from the first step whose batch was made with them.
void Trainer::acknowledge(uint64_t knobVersion)
{
    std::erase_if(m_pending, [&](const PendingKnob &pending) {
        if (pending.version > knobVersion)
            return false;
        const KnobValue value = m_asked.value(pending.name);
        m_config.knobs.set(pending.name, value);
        say({m_step + 1, "knob", pending.name, toText(pending.before), toText(value), ""});
        return true;
    });
}

/// Steps are to be taken, unless there are none left.
void Trainer::playOn()
{
    if (!atEnd())
        m_status.state = TrainerState::playing;
    if (m_turn)
        atEnd() ? m_turn->rest() : m_turn->play();
}

void Trainer::apply(const TakeTurns &command)
{
    m_turn.reset();
    if (!command.turns)
        return;
    m_turn.emplace(command.turns, command.place);
    mayStep() ? m_turn->play() : seeBatchAgain();
}

/// A place that it was given and had no time to take may be one that others wait for.
void Trainer::leave()
{
    m_turn.reset();
    for (const Command &command : m_lanes.commands.takeAll())
        if (const auto *given = std::get_if<TakeTurns>(&command); given && given->turns)
            Turn(given->turns, given->place); // and goes
}

void Trainer::apply(const Play &)
{
    const bool played = m_status.state == TrainerState::playing;
    playOn();
    m_stepsToTake = 0; // also of a run that was about to pause
    if (atEnd() || played)
        return;
    say({m_step, "play", "", "", "", ""});
    publishStatus();
}

void Trainer::apply(const Pause &)
{
    m_stepsToTake = 0;
    if (m_status.state == TrainerState::playing && m_turn && m_turn->owes())
        return; // it rests where the others do
    if (m_status.state == TrainerState::playing)
        rest(TrainerState::paused);
    else if (m_turn)
        m_turn->rest(); // it was to play, and is not any more
}

void Trainer::apply(const StepOnce &command)
{
    playOn();
    if (atEnd())
        return;
    m_stepsToTake = std::max<int64_t>(1, command.count);
}

void Trainer::apply(const Rewind &)
{
    const int64_t from = m_step;
    m_step = firstStep();
    m_seconds = m_secondsAtLook = 0;
    m_record.clear();
    if (m_batch)
        m_loader->recycle(std::move(m_batch));
    const int64_t moved = m_folder ? m_folder->cutTo(m_step) : 0;
    startEventFile();
    say({m_step, "rewind", "", std::to_string(from), std::to_string(m_step), moved > 0 ? pretext::said("%1 rows moved to metrics.lost.csv", {moved}) : ""});
    beginAgain();
    m_begun.knobs = m_asked; // knobs are kept, so this is another beginning
    planSteps(m_config.steps, m_config.plan);
    m_pacer.reset();
    if (m_status.state == TrainerState::ended)
        m_status.state = TrainerState::paused;
    m_unsaved = true;
    m_status.lastCheckpoint.clear();
    saveCheckpoint();
    if (m_status.state == TrainerState::paused)
        publishSnapshot(); // of the initial weights
    publishStatus();
}

void Trainer::apply(const SaveCheckpoint &)
{
    m_unsaved = true;
    saveCheckpoint();
    publishStatus();
}

void Trainer::apply(const Publish &)
{
    publishSnapshot();
}

void Trainer::apply(const Ask &command)
{
    if (!command.question) {
        m_questions.erase(command.channel);
        return;
    }
    const bool known = m_questions.contains(command.channel);
    m_questions[command.channel] = *command.question;
    if (!known && m_batch)
        offerAnswer(command.channel);
    if (m_status.state != TrainerState::playing)
        publishSnapshot(); // nobody else would answer
}

void Trainer::apply(const Extend &command)
{
    if (m_turn && m_status.state != TrainerState::playing)
        m_turn->rest(); // unless it plays after all
    if (m_config.steps == 0 || command.steps <= 0)
        return; // it has no end to move
    m_pacer.reset();
    lengthen(m_config.steps + command.steps, command.change, m_config.knobs);
    saveCheckpoint(); // with the new end, from which later steps are taken again
    if (m_status.state == TrainerState::ended)
        playOn();
    publishStatus();
}

} // namespace pretext
