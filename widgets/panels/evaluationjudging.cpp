#include "widgets/panels/evaluationjudging.h"

#include "core/analysis/evaluationjson.h"
#include "core/system/describe.h"
#include "core/system/threads.h"

#include <QObject>

#include <algorithm>
#include <iterator>
#include <utility>

namespace pretext {

namespace {

QString titleOf(const JudgedRuns &judged, int64_t step, const Dataset &data)
{
    const QString name = QString::fromStdString(data.info().name);
    if (judged.runs.size() == 1)
        return QObject::tr("Step %1, held-out split of %2").arg(step).arg(name);
    QStringList others;
    for (size_t i = 1; i < judged.runs.size(); ++i)
        others << QString::fromStdString(judged.runs[i].filename().string());
    const QString joined = others.join(QStringLiteral(", "));
    return judged.joining == Joining::average ? QObject::tr("Step %1, averaged with %2, held-out split of %3").arg(step).arg(joined, name)
                                              : QObject::tr("Step %1, side by side with %2, held-out split of %3").arg(step).arg(joined, name);
}

/// Data without labels have no tables, but a geometry and notes.
Judged judgedOf(const Evaluation &evaluation, const QString &title)
{
    if (evaluation.dimension == 0)
        return {}; // given up before its first result
    Judged judged{title, tablesOf(evaluation), {}, {QString::fromStdString(geometryOf(evaluation)) + u'.'}};
    std::ranges::copy_if(evaluation.rows, std::back_inserter(judged.confused), [](const EvaluationRow &row) { return !row.guesses.truth.empty(); });
    for (const std::string &note : evaluation.notes)
        judged.notes << QString::fromStdString(note);
    return judged;
}

/// In the run's folder, where the panel of runs finds it.
void keepIn(Judged &judged, const Evaluation &evaluation, const TrainedEncoder &encoder, const std::string &data)
{
    try {
        keepEvaluation(evaluation, encoder, data);
    } catch (const std::exception &error) {
        judged.notes << QObject::tr("It could not be kept in the run: %1").arg(QString::fromStdString(describe(error)));
    }
}

} // namespace

void Judging::know(Judged judged)
{
    const std::lock_guard lock(m_mutex);
    m_known = std::move(judged);
}

std::optional<Judged> Judging::take()
{
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_known, std::nullopt);
}

Judged judgeRuns(const JudgedRuns &judged, const Dataset &data, const EvaluationOptions &options, int threads, Judging &progress)
{
    const ThreadBudget budget(threads);
    std::vector<TrainedEncoder> encoders;
    Ensemble ensemble{.joining = judged.joining};
    for (const std::filesystem::path &run : judged.runs) {
        encoders.push_back(loadEncoder(run));
        ensemble.names.push_back(encoders.size() == 1 ? QObject::tr("this run").toStdString() : run.string());
    }
    for (TrainedEncoder &encoder : encoders)
        ensemble.members.push_back(&encoder);
    const QString title = titleOf(judged, encoders.front().state.step, data);
    const Evaluation evaluation = evaluate(
        ensemble, data, options, [&](const std::string &what, double share) { return progress.report(what, share); },
        [&](const Evaluation &known) { progress.know(judgedOf(known, title)); });
    Judged result = judgedOf(evaluation, title);
    if (evaluation.complete && encoders.size() == 1)
        keepIn(result, evaluation, encoders.front(), data.info().name);
    return result;
}

} // namespace pretext
