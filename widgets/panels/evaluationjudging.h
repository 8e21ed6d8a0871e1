// What the Evaluation panel has judged: the encoder of a checkpoint, and those of runs that are joined with it, on another thread, which hands on what it
// knows as soon as it does.
#pragma once

#include "core/analysis/ensemble.h"
#include "core/analysis/evaluate.h"
#include "core/analysis/scoretables.h"
#include "widgets/progressing.h"

#include <QString>
#include <QStringList>

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace pretext {

struct Judged
{
    QString title; // empty: nothing is known
    std::vector<ScoreTable> tables;
    std::vector<EvaluationRow> confused; // rows whose guesses are known
    QStringList notes;
    int64_t step = 0;      // of the encoder
    bool complete = false; // false: more is to come, or it was given up
};
/// What is known now, and of an earlier evaluation what is not known again yet, its rows marked by its step.
Judged withEarlier(const Judged &now, const Judged &earlier);

/// What is judged: the checkpoint's encoder, and those of other runs that are joined with it.
struct JudgedRuns
{
    std::vector<std::filesystem::path> runs; // the checkpoint first
    Joining joining = Joining::average;
};

/// Work under way, and the newest of what it knows.
class Judging : public Progressing
{
public:
    void know(Judged judged);
    /// What was not taken yet.
    std::optional<Judged> take();

private:
    std::mutex m_mutex;
    std::optional<Judged> m_known;
};

/// All that there is to know; what is known on the way is told to `progress`. Of `threads` as ThreadBudget has them.
Judged judgeRuns(const JudgedRuns &judged, const Dataset &data, const EvaluationOptions &options, int threads, Judging &progress);

} // namespace pretext
