#include "core/analysis/onlineevaluation.h"

#include "core/analysis/diagnosis.h"
#include "core/analysis/features.h"
#include "core/analysis/knn.h"
#include "core/analysis/modalityanalysis.h"
#include "core/analysis/probe.h"
#include "core/analysis/spread.h"
#include "core/backend/backend.h"
#include "core/data/modalitytype.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <utility>

namespace pretext {

namespace {

constexpr double kEmptyCell = std::numeric_limits<double>::quiet_NaN();

/// The first column of classes of which the bank has two at least.
std::optional<ClassColumn> columnOf(const Dataset &dataset)
{
    const std::vector<LabelColumn> &columns = dataset.info().columns;
    for (int c = 0; c < int(columns.size()); ++c) {
        if (columns[size_t(c)].classes.empty())
            continue;
        ClassColumn column{columns[size_t(c)].name, int(columns[size_t(c)].classes.size()), classLabels(dataset, Split::train, c),
                           classLabels(dataset, Split::test, c)};
        if (std::set<int>(column.train.begin(), column.train.end()).size() > 1 && column.train.size() >= 5 && !column.test.empty())
            return column;
    }
    return {};
}

class OnlineEvaluation : public Observer
{
public:
    OnlineEvaluation(const RunConfig &config, const Dataset &dataset)
        : m_dataset(dataset)
        , m_some(spreadSubset(dataset, onlineSamplesOf(dataset).bank, onlineSamplesOf(dataset).queries))
        , m_classes(columnOf(*m_some))
        , m_evidence(evidenceOf(config))
    {
        if (m_classes)
            m_columns = {"evaluation/knn", "evaluation/probe"};
        for (const char *name : {"effective_rank", "rankme", "alpha_req", "deviation", "alignment", "uniformity", "projection_rank", "projection_deviation"})
            m_columns.push_back(std::string("health/") + name);
    }

    const std::vector<std::string> &columns() const override { return m_columns; }
    void follow(const ScalarRow &row) override;
    std::vector<double> look(const EncoderCopy &copy) override;
    std::string news() override { return std::exchange(m_news, {}); }

private:
    void judge(TrainedEncoder &trained, std::vector<double> &found) const;
    void judgeHealth(TrainedEncoder &trained, std::vector<double> &found);
    void tell(const Diagnosis &diagnosis);

    const Dataset &m_dataset;
    std::shared_ptr<const Dataset> m_some;
    std::optional<ClassColumn> m_classes;
    std::vector<std::string> m_columns;
    Evidence m_evidence;
    std::optional<EncoderHealth> m_untrained;
    int64_t m_step = 0;
    std::vector<double> m_losses, m_gradients, m_accuracies, m_variances; // of the steps that were followed
    Finding m_finding = Finding::unknown;
    std::string m_news;
};

void OnlineEvaluation::follow(const ScalarRow &row)
{
    if (row.step <= std::exchange(m_step, row.step)) // rewound
        for (std::vector<double> *values : {&m_losses, &m_gradients, &m_accuracies, &m_variances})
            values->clear();
    for (const auto &[name, value] : row.values) {
        if (name == "loss/total")
            m_losses.push_back(value);
        else if (name == "gradient/norm")
            m_gradients.push_back(value);
        else if (name == "loss/variance")
            m_variances.push_back(value);
        else if (name.starts_with(kTaskAccuracy))
            m_accuracies.push_back(value);
    }
}

std::vector<double> OnlineEvaluation::look(const EncoderCopy &copy)
{
    const Autocast autocast(precisionNamed(copy.state.config.precision)); // as the run computes
    std::vector<double> found;
    TrainedEncoder trained = encoderOf(copy);
    if (copy.state.config.knobs.find("temperature"))
        m_evidence.temperature = copy.state.config.knobs.real("temperature");
    try {
        if (m_classes)
            judge(trained, found);
        judgeHealth(trained, found);
    } catch (const std::runtime_error &error) { // embeddings that are no numbers
        m_news = error.what();
        found.assign(m_columns.size(), kEmptyCell);
    }
    return found;
}

void OnlineEvaluation::judge(TrainedEncoder &trained, std::vector<double> &found) const
{
    const Features features = encoderFeatures("encoder", *trained.encoder, trained.state, *m_some);
    const auto compared = [&](const Matrix &rows) { return features.whitened ? features.whitened(rows) : rows; };
    const Neighbours near = nearestNeighbours(compared(features.train), compared(features.test), neighboursFor(features.train.rows));
    found.push_back(accuracy(knnVote(near, m_classes->train), m_classes->test));
    ProbeOptions options;
    options.heldOut = 0;
    options.l2 = {1e-2};
    options.iterations = 60;
    found.push_back(linearProbe(features.train, m_classes->train, features.test, m_classes->test, m_classes->classes, options).accuracy);
}

void OnlineEvaluation::judgeHealth(TrainedEncoder &trained, std::vector<double> &found)
{
    if (!m_untrained)
        m_untrained = untrainedHealth(trained.state, m_dataset);
    const EncoderHealth health = healthOf(trained, m_dataset);
    const Health &h = health.embedding, z = health.projection.value_or(Health());
    for (const std::optional<double> &value : {h.effectiveRank, h.rankMe, h.alphaReq, h.deviation, h.alignment, h.uniformity, z.effectiveRank, z.deviation})
        found.push_back(value.value_or(kEmptyCell));
    m_evidence.health = &health;
    m_evidence.untrained = &*m_untrained;
    m_evidence.course = courseOf(m_losses, m_gradients, m_accuracies, m_variances);
    tell(diagnose(m_evidence));
    m_evidence.health = nullptr;
}

/// What is found for the first time, and that it is over.
void OnlineEvaluation::tell(const Diagnosis &diagnosis)
{
    const bool calm = diagnosis.finding <= Finding::healthy, wasCalm = m_finding <= Finding::healthy;
    if (diagnosis.finding != std::exchange(m_finding, diagnosis.finding) && !(calm && wasCalm))
        m_news = diagnosis.sentence;
}

} // namespace

OnlineSamples onlineSamplesOf(const Dataset &dataset)
{
    const bool texts = modalityType(dataset.info().modality).analysis->most > 0;
    const OnlineSamples wanted = texts ? OnlineSamples{1000, 500} : OnlineSamples{2000, 1000};
    return {std::min(wanted.bank, dataset.size(Split::train)), std::min(wanted.queries, dataset.size(Split::test))};
}

std::unique_ptr<Observer> makeOnlineEvaluation(const RunConfig &config, const Dataset &dataset)
{
    return std::make_unique<OnlineEvaluation>(config, dataset);
}

} // namespace pretext
