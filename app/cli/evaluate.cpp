// `pretext evaluate`: how good a run's encoder is, beside what needs no learning; and what a language model says to a prompt.
#include "app/cli/cli.h"
#include "app/cli/numberoption.h"
#include "app/cli/scores.h"
#include "app/cli/stopsignals.h"
#include "app/cli/trained.h"

#include "core/analysis/evaluationjson.h"
#include "core/analysis/supervised.h"
#include "core/backend/backend.h"
#include "core/data/modalitytype.h"
#include "core/files/messagetext.h"
#include "core/files/shownpath.h"
#include "core/system/threads.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <iostream>

namespace pretext {
namespace {

struct EvaluateOptions
{
    std::vector<std::string> runs, prompts;
    std::string dataset, ensemble;
    EvaluationOptions evaluation;
    int supervisedSteps = kSupervisedSteps;
    bool withoutBaselines = false, supervised = false, json = false;
    int threads = 0;
};

Answer answerTo(const std::string &prompt, TrainedEncoder &trained)
{
    trained.method->heads().setTraining(false);
    const NoGrad noGrad;
    const Question question{.text = prompt, .masked = {}, .candidates = 5, .sampling = {.tokens = 32, .temperature = 0}};
    const std::optional<ChannelValue> given = trained.method->answer(*trained.encoder, *trained.state.prepared, question);
    const Answer *answer = given ? std::get_if<Answer>(&*given) : nullptr;
    if (!answer)
        throw UsageError("--prompt: " + trained.state.config.method + " predicts no tokens; mlm, clm, prefix and denoise do");
    if (!answer->problem.empty())
        throw UsageError("--prompt: " + answer->problem);
    if (trained.state.config.method == "mlm" && answer->predictions.empty())
        throw UsageError("--prompt '" + prompt + "': holds no [MASK], the token that a masked language model is asked for");
    return *answer;
}

/// Candidates where the prompt says [MASK], or the continuation, greedily.
void printAnswer(const Answer &answer, bool fillsIn)
{
    std::cout << answer.question.text << "\n";
    if (!fillsIn)
        std::cout << "  " << answer.continuation << "\n";
    for (size_t i = 0; fillsIn && i < answer.predictions.size(); ++i) {
        std::cout << "  [MASK]";
        for (const Candidate &candidate : answer.predictions[i].candidates) {
            char share[32];
            std::snprintf(share, sizeof share, " %.1f %%", 100 * double(candidate.probability));
            std::cout << "  " << candidate.piece << share;
        }
        std::cout << "\n";
    }
}

nlohmann::json jsonOf(const Answer &answer, bool fillsIn)
{
    nlohmann::json json{{"prompt", answer.question.text}};
    if (!fillsIn)
        json["continuation"] = answer.continuation;
    for (size_t i = 0; fillsIn && i < answer.predictions.size(); ++i) {
        nlohmann::json candidates = nlohmann::json::array();
        for (const Candidate &candidate : answer.predictions[i].candidates)
            candidates.push_back({{"token", candidate.piece}, {"probability", candidate.probability}});
        json["masks"].push_back(std::move(candidates));
    }
    return json;
}

void dump(const nlohmann::json &json) // a piece may be half a character
{
    std::cout << json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
}

int answerPrompts(const EvaluateOptions &options, TrainedEncoder &trained)
{
    const bool fillsIn = trained.state.config.method == "mlm";
    std::vector<Answer> answers;
    for (const std::string &prompt : options.prompts)
        answers.push_back(answerTo(prompt, trained));
    nlohmann::json json{{"checkpoint", shownPath(trained.checkpoint)}, {"step", trained.state.step}, {"answers", nlohmann::json::array()}};
    if (!options.json)
        tellCheckpoint(trained);
    for (const Answer &answer : answers)
        options.json ? json["answers"].push_back(jsonOf(answer, fillsIn)) : printAnswer(answer, fillsIn);
    if (options.json)
        dump(json);
    return 0;
}

EvaluationOptions wantedOf(const EvaluateOptions &options)
{
    EvaluationOptions wanted = options.evaluation;
    wanted.baselines = !options.withoutBaselines;
    wanted.firstLook = true;
    wanted.supervisedSteps = options.supervised ? options.supervisedSteps : 0;
    if (options.withoutBaselines)
        wanted.finetuneSteps = 0;
    return wanted;
}

nlohmann::json jsonOf(const TrainedEncoder &trained)
{
    return {{"checkpoint", shownPath(trained.checkpoint)},
            {"step", trained.state.step},
            {"encoder", trained.state.config.encoder},
            {"method", trained.state.config.method}};
}

nlohmann::json jsonOf(const LoadedEnsemble &loaded)
{
    if (loaded.encoders.size() == 1)
        return jsonOf(loaded.encoders.front());
    nlohmann::json json{{"ensemble", joinings()[size_t(loaded.ensemble.joining)]}, {"runs", nlohmann::json::array()}};
    for (const TrainedEncoder &trained : loaded.encoders)
        json["runs"].push_back(jsonOf(trained));
    return json;
}

/// In the run's folder, where it may be written: what was found is printed in any case.
void keep(const Evaluation &evaluation, const TrainedEncoder &judged, const std::string &data)
{
    try {
        keepEvaluation(evaluation, judged, data);
    } catch (const std::exception &error) {
        std::cerr << "pretext evaluate: not kept in the run: " << oneLine(error.what()) << std::endl;
    }
}

int evaluateRuns(const EvaluateOptions &options)
{
    setThreads(chooseThreads(options.threads).count);
    LoadedEnsemble loaded = loadEnsemble(options.runs, options.ensemble);
    TrainedEncoder &first = loaded.encoders.front();
    if (!options.prompts.empty())
        return answerPrompts(options, first);
    const std::shared_ptr<const Dataset> dataset = dataFor(first.state, options.dataset);
    const EvaluationOptions wanted = wantedOf(options);
    if (wanted.supervisedSteps > 0)
        fromCommandLine("--supervised", [&] { requireSupervisable(first, *dataset); });
    const StopSignals stop;
    if (!options.json)
        for (const TrainedEncoder &trained : loaded.encoders)
            tellCheckpoint(trained);
    EvaluationPrinter printer(dataset->info().columns, wanted.supervisedSteps > 0 || modalityType(dataset->info().modality).sentences);
    Evaluation evaluation;
    {
        ProgressLine progress;
        evaluation = evaluate(
            loaded.ensemble, *dataset, wanted, [&](const std::string &what, double share) { return progress(what, share) && !stop.asked(); },
            [&](const Evaluation &known) {
                progress.clear();
                if (known.of > 0)
                    std::cerr << firstLookInWords(known) << std::endl;
                if (!options.json)
                    printer.add(known);
            });
    }
    const int status = evaluation.complete ? 0 : 1; // a part is not to be taken for the whole
    if (evaluation.complete && loaded.encoders.size() == 1 && options.dataset.empty())
        keep(evaluation, first, dataset->info().name);
    if (!options.json) {
        printer.finish(evaluation);
        return status;
    }
    nlohmann::json json = toJson(evaluation);
    json.update(jsonOf(loaded));
    json["dataset"] = dataset->info().name;
    dump(json);
    return status;
}

} // namespace

CommandAction evaluateCommand(CLI::App &command)
{
    auto options = std::make_shared<EvaluateOptions>();
    command.add_option("RUN", options->runs, "Run folder (its newest checkpoint), or a checkpoint file; several are judged as one encoder")->required();
    CLI::Option *ensemble = addEnsemble(command, options->ensemble);
    CLI::Option *dataset = command.add_option("--dataset", options->dataset, "Data by name or path (default: the run's own)");
    CLI::Option *alone = command.add_flag("--no-baselines", options->withoutBaselines,
                                          "The encoder as it is alone: no untrained one, PCA-64, raw pixels or TF-IDF, and no fine-tuning");
    CLI::Option *supervised = command.add_flag("--supervised", options->supervised,
                                               "Of images with labels: also the same encoder trained from the start with the labels of the training split, by "
                                               "the method supervised; kept in the user's cache for the next evaluation");
    CLI::Option *supervisedSteps = addNumber(command, "--supervised-steps", options->supervisedSteps,
                                             "For how many steps of the run's batch (default " + std::to_string(kSupervisedSteps) + ")", 1, 1000000);
    supervisedSteps->needs(supervised);
    CLI::Option *finetuning = addNumber(command, "--finetune-steps", options->evaluation.finetuneSteps,
                                        "Steps of fine-tuning and of supervised training, for each label and number of labels; 0: none, and no probes from few "
                                        "labels (default: 60 of text, 200 of images)",
                                        0, 100000);
    command.add_option("--prompt", options->prompts, "Of a language model: its candidates for each [MASK] of this text, or how it goes on; may be given again")
        ->type_name("TEXT")
        ->expected(1)
        ->allow_extra_args(false) // else "[MASK] is [MASK]" is taken for a list
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->excludes(dataset)
        ->excludes(alone)
        ->excludes(ensemble)
        ->excludes(supervised)
        ->excludes(finetuning); // which say how to score
    finetuning->excludes(alone);
    addNumber(command, "--threads", options->threads, "0 .. 1024; 0 means all cores (default 0)", 0, 1024);
    command.add_flag("--json", options->json, "As JSON, accuracies in [0, 1] (default: a table, in percent)");
    command.footer(
        "The encoder is in evaluation mode; samples are those of the held-out split, neighbours and the probe's fit are those of the\n"
        "whole training split, of text at most 8 000 and 2 000 spread evenly. kNN votes with exp(cosine / 0.07) of the 20 nearest, of fewer\n"
        "than 400 training samples as many as their square root. The probe is\n"
        "multinomial logistic regression on features standardised on the training split, LBFGS, its L2 chosen on at most 5 000\n"
        "held-out training samples. Continuous labels are scored by the R² of ridge regression. The embedding's health, \"health\" in the\n"
        "JSON, is that of 512 held-out samples of unit length, spread evenly, and of their projections where the method compares such.\n"
        "From few labels: probes that are told 1, 10 and 100 labels of a class, and encoder and a linear layer trained together on them from the\n"
        "run's weights (fine-tuned) and from the initial ones (supervised baseline; in the JSON supervised). What pixels, PCA and the untrained encoder score "
        "is kept in the\n"
        "user's cache, by data and labels. Of more than 12000 training samples a first look at the encoder by 12000 comes before all else, on standard\n"
        "error; where the evaluation is stopped before it knows better, the table and the JSON (\"first_look\") have it.\n\n"
        "Several runs are one encoder: the embeddings of each are made of unit length, then averaged or put side by side. The runs may\n"
        "differ in method, encoder and width, but read data of one kind, images of one shape.\n\n"
        "Examples:\n  pretext evaluate runs/first\n  pretext evaluate runs/first --json --no-baselines\n"
        "  pretext evaluate runs/first --supervised\n  pretext evaluate runs/first runs/second --ensemble concatenate\n"
        "  pretext evaluate runs/first/checkpoints/step-00000500.safetensors --dataset my-images/\n"
        "  pretext evaluate runs/kjv --prompt \"In the beginning God [MASK] the heaven and the earth.\"");
    return [options] { return evaluateRuns(*options); };
}

} // namespace pretext
