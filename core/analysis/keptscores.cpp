#include "core/analysis/keptscores.h"

#include "core/analysis/features.h"
#include "core/data/fingerprint.h"
#include "core/data/modalitytype.h"
#include "core/engine/datamark.h"
#include "core/files/usercache.h"

#include <nlohmann/json.hpp>

#include <fstream>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr const char *kJudgedAs = "1"; // another number where features are judged otherwise than before

void addLabels(Fingerprint &print, const Dataset &dataset)
{
    const std::vector<LabelColumn> &columns = dataset.info().columns;
    for (size_t column = 0; column < columns.size(); ++column) {
        print.add(columns[column].name);
        for (const std::string &name : columns[column].classes)
            print.add(name);
        for (const Split split : {Split::train, Split::test})
            for (int64_t i = 0; i < dataset.size(split); ++i) {
                const float label = dataset.label(split, i, int(column));
                print.add(&label, sizeof label);
            }
    }
}

/// What an encoder is before it is trained: its kind, its settings, the draw of its weights; and the views by which its whitening is made.
void addUntrained(Fingerprint &print, const CheckpointState &state, const Dataset &dataset)
{
    const RunConfig &config = state.config;
    nlohmann::json made{{"encoder", config.encoder}, {"seed", config.seed}, {"precision", config.precision}, {"choices", state.backendChoices}};
    const nlohmann::json knobs = toJson(config)["knobs"];
    for (const auto &[name, value] : knobs.items())
        if (name.starts_with("encoder."))
            made[name] = value;
    for (const Knob &knob : modalityType(dataset.info().modality).knobs(dataset.info().image))
        if (knobs.contains(knob.name))
            made[knob.name] = knobs[knob.name];
    print.add(made.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

nlohmann::json toJson(const Scores &scores)
{
    nlohmann::json json{{"rows", nlohmann::json::array()}, {"few_labels", nlohmann::json::array()}};
    for (const EvaluationRow &row : scores.rows) {
        nlohmann::json classes = nlohmann::json::array();
        for (const ClassScore &score : row.classes)
            classes.push_back({score.name, score.trained, score.heldOut, score.knn, score.probe});
        json["rows"].push_back({{"features", row.features},
                                {"dimension", row.dimension},
                                {"column", row.column},
                                {"knn", row.knn},
                                {"probe", row.probe},
                                {"r2", row.r2},
                                {"alike", row.alike},
                                {"classes", std::move(classes)},
                                {"truth", row.guesses.truth},
                                {"by_knn", row.guesses.knn},
                                {"by_probe", row.guesses.probe}});
    }
    for (const FinetuneRow &row : scores.fewLabels)
        json["few_labels"].push_back({row.start, row.column, row.accuracy});
    return json;
}

Scores scoresOf(const nlohmann::json &json)
{
    Scores scores;
    for (const nlohmann::json &kept : json.at("rows")) {
        EvaluationRow row{kept.at("features"), kept.at("dimension"), kept.at("column"), kept.at("knn"), kept.at("probe"), kept.at("r2"), kept.at("alike")};
        for (const nlohmann::json &score : kept.at("classes"))
            row.classes.push_back({score.at(0), score.at(1), score.at(2), score.at(3), score.at(4)});
        row.guesses = {kept.at("truth"), kept.at("by_knn"), kept.at("by_probe")};
        scores.rows.push_back(std::move(row));
    }
    for (const nlohmann::json &row : json.at("few_labels"))
        scores.fewLabels.push_back({row.at(0), row.at(1), row.at(2)});
    return scores;
}

} // namespace

fs::path keptScoresFile(const std::string &baseline, const CheckpointState &state, const Dataset &dataset, bool fewLabels)
{
    const fs::path folder = userCache("scores");
    if (folder.empty())
        return {};
    Fingerprint print;
    print.add(kJudgedAs);
    print.add(baseline);
    print.add(toJson(markOf(dataset)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    addLabels(print, dataset);
    print.add(int64_t(fewLabels));
    if (baseline == "untrained")
        addUntrained(print, state, dataset);
    return folder / (print.text() + ".json");
}

std::optional<Scores> keptScores(const fs::path &file)
{
    std::ifstream stream(file);
    if (file.empty() || !stream)
        return {};
    try {
        Scores scores = scoresOf(nlohmann::json::parse(stream));
        markUsed(file);
        return scores;
    } catch (const std::exception &) {
        return {}; // they are judged again
    }
}

void keepScores(const fs::path &file, const Scores &scores)
{
    if (file.empty())
        return;
    const std::string text = toJson(scores).dump();
    const std::byte *bytes = reinterpret_cast<const std::byte *>(text.data());
    keepInCache(file, {bytes, bytes + text.size()});
}

} // namespace pretext
