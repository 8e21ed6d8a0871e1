#include "widgets/panels/evaluationjudging.h"

#include "core/analysis/evaluationjson.h"
#include "core/system/describe.h"
#include "core/system/threads.h"

#include <QObject>

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
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
Judged judgedOf(const Evaluation &evaluation, const QString &title, int64_t step)
{
    if (evaluation.dimension == 0)
        return {}; // given up before its first result
    Judged judged{title, tablesOf(evaluation), {}, {QString::fromStdString(geometryOf(evaluation)) + u'.'}};
    std::ranges::copy_if(evaluation.rows, std::back_inserter(judged.confused), [](const EvaluationRow &row) { return !row.guesses.truth.empty(); });
    for (const std::string &note : evaluation.notes)
        judged.notes << QString::fromStdString(note);
    judged.step = step;
    judged.complete = evaluation.complete;
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

std::string ofStep(const std::string &name, int64_t step)
{
    return QObject::tr("%1, of step %2").arg(QString::fromStdString(name)).arg(step).toStdString();
}

/// What a row is of: its name, and its label where the table has several.
std::string subjectOf(const ScoreTable &table, const std::vector<ScoreCell> &row)
{
    const auto label = std::ranges::find(table.header, "label");
    return row.front().text + (label == table.header.end() ? std::string() : '\n' + row[size_t(label - table.header.begin())].text);
}

/// Rows of one that the other lacks, marked; none where the two count differently.
void addEarlierRows(ScoreTable &now, const ScoreTable &earlier, int64_t step)
{
    if (now.header != earlier.header || now.isCurve)
        return;
    std::set<std::string> known;
    for (const std::vector<ScoreCell> &row : now.rows)
        known.insert(subjectOf(now, row));
    for (std::vector<ScoreCell> row : earlier.rows)
        if (!known.contains(subjectOf(earlier, row))) {
            row.front().text = ofStep(row.front().text, step);
            now.rows.push_back(std::move(row));
        }
}

} // namespace

Judged withEarlier(const Judged &now, const Judged &earlier)
{
    if (now.complete || earlier.title.isEmpty())
        return now;
    Judged both = now;
    if (both.title.isEmpty()) {
        both.title = earlier.title;
        both.notes = earlier.notes;
    }
    for (const ScoreTable &table : earlier.tables) {
        auto same = std::ranges::find(both.tables, table.kind, &ScoreTable::kind);
        if (same == both.tables.end())
            same = both.tables.insert(same, {table.kind, table.header, {}, table.below, false});
        addEarlierRows(*same, table, earlier.step);
    }
    std::ranges::stable_sort(both.tables, {}, &ScoreTable::kind);
    for (EvaluationRow row : earlier.confused) {
        const auto same = [&](const EvaluationRow &other) { return other.features == row.features && other.column == row.column; };
        if (std::ranges::none_of(now.confused, same)) {
            row.features = ofStep(featuresName(row.features), earlier.step);
            both.confused.push_back(std::move(row));
        }
    }
    return both;
}

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
    const int64_t step = encoders.front().state.step;
    const QString title = titleOf(judged, step, data);
    const Evaluation evaluation = evaluate(
        ensemble, data, options, [&](const std::string &what, double share) { return progress.report(what, share); },
        [&](const Evaluation &known) { progress.know(judgedOf(known, title, step)); });
    Judged result = judgedOf(evaluation, title, step);
    if (evaluation.complete && encoders.size() == 1)
        keepIn(result, evaluation, encoders.front(), data.info().name);
    return result;
}

} // namespace pretext
