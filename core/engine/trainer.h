// The training loop: take commands, batch, loss, backward, step, record, maybe publish. Private to the engine: the loop itself is in
// trainer.cpp, what comes before it in trainerpreparing.cpp, what commands do in trainercommands.cpp, what goes to the lanes and the disk in
// trainerrecord.cpp, and how the run's folder is opened in trainerfolder.cpp.
#pragma once

#include "core/engine/job.h"
#include "core/engine/pacer.h"
#include "core/engine/phaseclock.h"
#include "core/engine/profiler.h"
#include "core/engine/steprecord.h"
#include "core/engine/turns.h"
#include "core/files/eventfile.h"

#include <limits>
#include <map>

namespace pretext {

class Trainer
{
public:
    Trainer(const TrainerOptions &options, Lanes &lanes, std::stop_token stop, bool stayAfterEnd);
    void run();
    /// Puts the failure, one line, on the lanes and into the run folder.
    void fail(const std::string &what);
    /// It takes no command any more; nobody waits for it.
    void leave();

private:
    using Clock = std::chrono::steady_clock;
    struct PendingKnob
    {
        std::string name;
        KnobValue before;
        uint64_t version;
    };

    // trainer.cpp
    bool step();
    void takeBatch(std::unique_ptr<Batch> batch);
    void seeBatch();
    void seeBatchAgain();
    LoaderOptions loaderOptions(int ahead) const;
    Variable loss();
    void clearGradients();
    Readback readGradients(const Tensor &loss) const;
    std::pair<double, double> lossAndNorm(std::vector<std::vector<float>> read);
    void uploadNext();
    void offerGradients();
    void requireFinite(double loss, double gradientNorm);
    std::string findNonFinite();
    bool atEnd() const { return m_config.steps > 0 && m_step >= m_config.steps; }

    // trainerpreparing.cpp
    bool prepare();
    KnobSet knobsOfFirstStep() const;
    CheckpointState takeStart();
    void loadStateOf(const std::filesystem::path &checkpoint);
    void settlePrecision();
    bool prepareData(std::shared_ptr<const Prepared> before);
    void calibrate();
    double secondsPerStep(double budget);
    bool takeAgain(const StepsAgain &again);
    void beginAgain();
    void beginAsForked();
    void initialise();
    void compareData(const DataMark &before);
    void goOnAs(const CheckpointState &before);
    void requireMemory();
    double bytesOfStep(int64_t batch) const;
    void planAgain();

    // trainercommands.cpp
    bool takeCommands();
    void obey(const Command &command);
    bool mayStep() const;
    void apply(const SetKnob &command);
    void apply(const Play &command);
    void apply(const Pause &command);
    void apply(const StepOnce &command);
    void apply(const Rewind &command);
    void apply(const SaveCheckpoint &command);
    void apply(const Publish &command);
    void apply(const Ask &command);
    void apply(const Extend &command);
    void apply(const TakeTurns &command);
    void playOn();
    void rest(TrainerState state);
    void keepStateBeforeChange();
    void acknowledge(uint64_t knobVersion);

    // trainerrecord.cpp
    void openRun();
    void startEventFile();
    void openNew();
    void openResumed();
    void openForked();
    std::string takenAgain() const;
    void sayInitialWeights();
    void sayWhatIsOther();
    int64_t firstStep() const { return m_config.parent ? m_config.parent->step : 0; }
    void planSteps(int64_t steps, SchedulePlan plan);
    void lengthen(int64_t steps, ScheduleChange change, const KnobSet &knobs);
    void record();
    void observe(ScalarRow &row);
    std::vector<double> look(double stepSeconds);
    void lookLessOften(int64_t times);
    void say(Event event);
    void publishStatus();
    void tellStatus();
    void publishProfile();
    void finishProfile();
    void publishSnapshot();
    void publishWhatLeft(bool waits);
    void offerEncoder();
    void offerAnswers();
    void offerAnswer(const std::string &channel);
    std::map<std::string, KnobValue> pendingKnobs() const;
    CheckpointState stateNow() const;
    void saveCheckpoint();
    void keepFault() noexcept;
    bool weightsAreFinite() const;

    TrainerOptions m_options;
    Lanes &m_lanes;
    std::stop_token m_stop;
    bool m_stayAfterEnd;

    RunConfig m_config; // with the knobs that are in force
    RunConfig m_begun;  // as config.json has it: what starts the run again
    KnobSet m_asked;    // with those asked for, whose batches are still to come
    std::shared_ptr<const Dataset> m_dataset;
    std::shared_ptr<const Prepared> m_prepared;
    std::shared_ptr<const PreparedSplit> m_split; // the training split, where the kind of data has one
    Model m_model;
    std::unique_ptr<Loader> m_loader;
    DataMark m_data;                      // of the data as they are now
    std::string m_dataChange;             // what is another than at the checkpoint, and was accepted
    std::string m_dataBefore;             // where they were at the checkpoint, when that is elsewhere now
    std::string m_deviceBefore;           // where the checkpoint was trained on another than now
    int m_threadsBefore = 0;              // where the checkpoint was trained on another number than now
    std::vector<std::string> m_initNotes; // of the initial weights, until they are said
    std::filesystem::path m_from;         // the checkpoint whose state it went on from, of the run itself or of its parent; empty where of none
    StepsAgain m_again;                   // from there to where the run goes on, or began as a fork
    std::optional<RunFolder> m_folder;
    std::optional<EventFile> m_eventFile; // for TensorBoard, where that was asked for

    int64_t m_step = 0;        // steps taken
    int64_t m_stepsToTake = 0; // of StepOnce
    double m_smoothedLoss = std::numeric_limits<double>::infinity();
    double m_seconds = 0;         // spent in steps
    std::optional<Pacer> m_pacer; // of a run of so many minutes, until it is paused
    std::optional<Turn> m_turn;   // where it takes turns with another trainer
    uint64_t m_knobVersion = 0;
    std::vector<PendingKnob> m_pending;
    std::unique_ptr<Batch> m_batch;                   // of the last step, or what seeBatch() saw
    bool m_batchIsSeen = false;                       // the latter
    std::optional<StepInput> m_next;                  // of the step to come, already on the device, where it goes on by itself
    std::chrono::steady_clock::time_point m_nextMade; // when its batch was
    std::optional<LeavingSnapshot> m_leaving;         // that is yet to be published
    StepRecord m_record;
    std::vector<float> m_gradientSquares;        // of the step's, by parameter that got one
    std::map<std::string, Question> m_questions; // by channel
    std::unique_ptr<Observer> m_observer;        // where the run is looked at
    LookPace m_lookPace;
    double m_secondsAtLook = 0;           // of steps, when the last look was taken
    std::unique_ptr<Profiler> m_profiler; // where it was asked for
    PhaseClock m_clock;
    Status m_status;
    Clock::time_point m_lastSnapshot, m_lastCheckpoint, m_lastChange, m_lastProfile;
    bool m_isReady = false; // it was prepared, and took what was asked meanwhile
    bool m_unsaved = false; // something changed since the last checkpoint
};

} // namespace pretext
